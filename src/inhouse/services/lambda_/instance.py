"""One execution environment: a worker process that runs one version of one function.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.services.lambda_.logging_config import Report
from inhouse.services.lambda_.runtime_api import Answer, Invocation, RuntimeApi

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from inhouse.compute import LocalWorkers, Worker, WorkerSpec
    from inhouse.services.lambda_.journal import Stream
    from inhouse.services.lambda_.logging_config import Json, Text

    Listen = Callable[[socket.socket], Awaitable[asyncio.Server]]

INIT = 10.0
"""Seconds a function has to start, besides its timeout."""
MARGIN = 60.0
"""Seconds that credentials must outlast an invocation's timeout."""
SIGNALS = {
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
    signal.SIGTERM: "terminated",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGILL: "illegal instruction",
    signal.SIGXFSZ: "file size limit exceeded",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended. `error` is the error's type, None for success; times in seconds,
    `init` None when the environment was warm; `tail` the end of its log."""

    payload: bytes
    error: str | None
    duration: float
    init: float | None
    tail: bytes


class Instance:
    """Starts with the first invocation, serves one at a time, ends for good on any failure."""

    def __init__(
        self,
        stream: Stream,
        form: Text | Json,
        *,
        timeout: float,
        memory: int,
        version: str,
        expires: float,
    ) -> None:
        """`expires`: when its credentials do, in seconds since the epoch."""
        self._stream = stream
        self._form = form
        self._timeout = timeout
        self._memory = memory
        self._version = version
        self._expires = expires
        self._worker: Worker | None = None
        self._api: RuntimeApi | None = None
        self._servers: list[asyncio.Server] = []
        self._ended = False
        self._init = 0.0
        self.on_end: Callable[[], Awaitable[None]] | None = None

    @property
    def usable(self) -> bool:
        return (
            not self._ended
            and self._worker is not None
            and not self._worker.ended.is_set()
            and time.time() + self._timeout + MARGIN < self._expires
        )

    async def start(
        self, workers: LocalWorkers, spec: Callable[[str], WorkerSpec], listen: Listen | None
    ) -> None:
        """Starts the worker and waits until its code is loaded, or is not.

        `spec` makes its description from the Runtime API's address. With `listen` it has a network
        of its own, in which this serves the server's address.
        """
        self._api = RuntimeApi()
        if listen is None:
            await self._api.open()
        self._worker = await workers.start(spec(self._api.address), self._stream.output)
        for bound, serve in zip(self._worker.listeners, (self._api.serve, listen), strict=False):
            assert serve is not None
            self._servers.append(await serve(bound))
        self._api.known.set_result(self._worker)
        began = time.monotonic()
        await self._loaded()
        self._init = time.monotonic() - began

    async def invoke(self, invocation: Invocation, cold: bool) -> Outcome:
        """Runs one event through the function. Whatever the function does, there is an outcome."""
        assert self._worker is not None
        self._worker.idle = False
        init = self._init if cold else None
        if not cold:
            self._stream.begin()
        else:
            answer = await self._initialized(invocation)
            if answer is not None:
                return await self._report(invocation, answer, self._init, None)
        self._tell(self._form.start(invocation.request_id, self._version))
        began = time.monotonic()
        answer = await self._run(invocation)
        return await self._report(invocation, answer, time.monotonic() - began, init)

    async def stop(self) -> None:
        """Ends the worker, if it still lives. Safe to call again."""
        if self._ended:
            return
        self._ended = True
        if self._worker is not None:
            self._worker.kill()
            await self._worker.ended.wait()
            self._stream.flush()
        if self._api is not None:
            await self._api.close()
        for server in self._servers:
            server.close()
        if self.on_end is not None:
            await self.on_end()

    async def _loaded(self) -> None:
        """Waits until the function's code is loaded, has failed to or has had its time."""
        assert self._api is not None
        assert self._worker is not None
        ready = asyncio.ensure_future(self._api.ready.wait())
        ended = asyncio.ensure_future(self._worker.ended.wait())
        waited: list[asyncio.Future[Any]] = [ready, ended, self._api.failed]
        await asyncio.wait(
            waited,
            timeout=INIT + self._timeout,
            return_when=asyncio.FIRST_COMPLETED,
        )
        for future in (ready, ended):
            future.cancel()

    async def _initialized(self, invocation: Invocation) -> Answer | None:
        """What came of loading the code: None when it is there, else the failure."""
        assert self._api is not None
        assert self._worker is not None
        if self._api.ready.is_set() and not self._api.failed.done():
            return None
        if self._api.failed.done():
            answer = self._api.failed.result()
        elif self._worker.ended.is_set():
            answer = self._exit(invocation)
        else:
            answer = self._timed_out(invocation)
        await self.stop()
        return answer

    async def _run(self, invocation: Invocation) -> Answer:
        assert self._api is not None
        assert self._worker is not None
        future = self._api.give(replace(invocation, deadline=time.time() + self._timeout))
        ended = asyncio.ensure_future(self._worker.ended.wait())
        waited: list[asyncio.Future[Any]] = [future, ended]
        await asyncio.wait(waited, timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if future.done():
            answer = future.result()
            if answer.error == "Function.ResponseSizeTooLarge":
                await self.stop()  # the runtime gives up on a refused answer
            return answer
        future.cancel()
        if self._worker.ended.is_set():
            answer = self._exit(invocation)
        else:
            answer = self._timed_out(invocation)
        await self.stop()
        return answer

    def _tell(self, lines: list[str]) -> None:
        for line in lines:
            self._stream.line(line.encode())

    def _timed_out(self, invocation: Invocation) -> Answer:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        text = f"Task timed out after {self._timeout:.2f} seconds"
        self._stream.flush()
        self._stream.line(f"{moment} {invocation.request_id} {text}\n".encode())
        return _failure("Sandbox.Timedout", invocation, text)

    def _exit(self, invocation: Invocation) -> Answer:
        assert self._worker is not None
        status = self._worker.status or 0
        if status < 0:
            with contextlib.suppress(ValueError):
                name = SIGNALS.get(signal.Signals(-status), f"signal {-status}")
                return _failure(
                    "Runtime.ExitError", invocation, f"Runtime exited with error: signal: {name}"
                )
        if status == 0:
            return _failure(
                "Runtime.ExitError", invocation, "Runtime exited without providing a reason"
            )
        text = f"Runtime exited with error: exit status {status}"
        return _failure("Runtime.ExitError", invocation, text)

    async def _report(
        self, invocation: Invocation, answer: Answer, duration: float, init: float | None
    ) -> Outcome:
        worker, stream = self._worker, self._stream
        assert worker is not None
        if not self._ended:
            worker.read()
            worker.notice(anew=init is not None)
            worker.idle = True
        stream.flush()
        used = self._memory if worker.over_memory else math.ceil(worker.peak / (1 << 20))
        report = Report(
            invocation.request_id,
            duration,
            math.ceil((duration + (init or 0)) * 1000),
            self._memory,
            min(used, self._memory),
            init,
            _status(answer),
            answer.error if self._ended else None,
        )
        self._tell(self._form.report(report))
        return Outcome(answer.payload, answer.error, duration, init, stream.tail())


def _status(answer: Answer) -> str:
    if answer.error is None:
        return "success"
    return "timeout" if answer.error == "Sandbox.Timedout" else "error"


def _failure(kind: str, invocation: Invocation, text: str) -> Answer:
    message = f"RequestId: {invocation.request_id} Error: {text}"
    return Answer(orjson.dumps({"errorType": kind, "errorMessage": message}), kind)
