"""Worker processes that speak, as many as cores, started on demand and ended when idle."""

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path

from inhouse.engines.speech.errors import SpeechError, SpeechFailed
from inhouse.engines.speech.formats import CONTENT_TYPES, rate_for
from inhouse.engines.speech.messages import HEAD, pack, read_error, read_part, request_fields
from inhouse.engines.speech.production import produce
from inhouse.engines.speech.requests import SpeechPart, SpeechRequest, SpeechResult
from inhouse.engines.speech.ssml import parse
from inhouse.engines.speech.synthesis import ToneSynthesizer
from inhouse.engines.speech.voices import VoiceTable

_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_TONE_BATCH = 64
_LONG = 6_000
"""Characters: more than a synchronous request of Polly may have."""


class SpeechPool:
    """Speaks requests, each in one worker process, at most `size` at a time (default: all cores).

    A worker that dies or stays silent for `timeout` seconds fails its own request with
    SpeechFailed and is replaced; a cancelled request ends its worker. A worker idle for
    `idle_seconds` ends, so that a pool at rest holds no process. Tone needs no worker: it runs
    in a thread. Long texts leave one worker to the short ones, which somebody waits for.
    `voices` is a table that changes the shipped one, `shelf` a folder of voices that were added.
    For one event loop.
    """

    def __init__(
        self,
        size: int | None = None,
        *,
        voices: Path | None = None,
        shelf: Path | None = None,
        idle_seconds: float = 60.0,
        timeout: float = 120.0,
    ) -> None:
        self.table = VoiceTable.load(voices, shelf)
        self._sources = (voices, shelf)
        self._idle_seconds = idle_seconds
        self._timeout = timeout
        size = size or _cores()
        self._slots = asyncio.Semaphore(size)
        self._long_slots = asyncio.Semaphore(max(1, size - 1))
        # Threads of its own: in the shared ones, hundreds of tones would keep everybody waiting.
        self._tones = ThreadPoolExecutor(size, thread_name_prefix="tone")
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._farewells: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that are alive."""
        return tuple(worker.pid for worker in self._workers)

    async def speak(self, request: SpeechRequest) -> SpeechResult:
        """The whole result. Raises SpeechError: what was wrong with the request, or SpeechFailed."""
        parts = [part async for part in self.stream(request)]
        casting = self.table.find(request.voice)
        text = parse(request.text).text if request.text_type == "ssml" else request.text
        return SpeechResult(
            audio=b"".join(part.audio for part in parts),
            content_type=CONTENT_TYPES[request.format],
            sample_rate=rate_for(request, casting.engine),
            milliseconds=parts[-1].milliseconds,
            billed=len(text),
            marks=tuple(mark for part in parts for mark in part.marks),
        )

    async def stream(self, request: SpeechRequest) -> AsyncIterator[SpeechPart]:
        """Pieces of the result as soon as they are spoken, the last with `done` 1."""
        self._refuse_when_closed()
        casting = self.table.find(request.voice)
        rate_for(request, casting.engine)
        if casting.speaker == "tone":
            async for part in self._tone(request):
                yield part
            return
        is_long = len(request.text) > _LONG
        async with self._long_slots if is_long else nullcontext(), self._slots:
            worker = await self._take()
            kept = False
            try:
                async for part, tired in worker.speak(request, self._timeout):
                    kept = part.done == 1.0 and not tired
                    yield part
            except SpeechError as error:
                kept = not isinstance(error, SpeechFailed)
                raise
            finally:
                self._give(worker) if kept else self._end(worker)

    async def close(self) -> None:
        """Ends all workers; what they were saying fails."""
        self._closed = True
        self._tones.shutdown(wait=False)
        for worker in list(self._workers):
            self._end(worker)
        await asyncio.gather(*self._farewells)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise SpeechFailed("The speech pool is closed.")

    async def _tone(self, request: SpeechRequest) -> AsyncIterator[SpeechPart]:
        def some(source: Iterator[SpeechPart]) -> list[SpeechPart]:
            return list(itertools.islice(source, _TONE_BATCH))

        parts = produce(ToneSynthesizer(self.table), request, self.table)
        loop = asyncio.get_running_loop()
        while batch := await loop.run_in_executor(self._tones, some, parts):
            for part in batch:
                yield part
            self._refuse_when_closed()

    async def _take(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            worker.stay()
            if worker.alive:
                return worker
            self._end(worker)
        self._refuse_when_closed()
        worker = await _Worker.start(self._sources)
        self._workers.add(worker)
        if self._closed:
            self._end(worker)
            await worker.ended()
        self._refuse_when_closed()
        return worker

    def _give(self, worker: "_Worker") -> None:
        if self._closed:
            self._end(worker)
            return
        self._idle.append(worker)
        worker.leave_after(self._idle_seconds, lambda: self._end(worker))

    def _end(self, worker: "_Worker") -> None:
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        worker.stay()
        worker.kill()
        farewell = asyncio.get_running_loop().create_task(worker.ended())
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


class _Worker:
    """One process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._pieces = process.stdout
        self._leaving: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, sources: tuple[Path | None, ...]) -> "_Worker":
        # The server's keys are in its environment; a worker gets only what Python needs.
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        arguments = [str(path.resolve()) if path else "" for path in sources]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "inhouse.engines.speech.worker",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment | _ONE_THREAD,
            cwd="/",
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def speak(
        self, request: SpeechRequest, timeout: float
    ) -> AsyncIterator[tuple[SpeechPart, bool]]:
        """Pieces of speech, and whether the worker wants to be replaced."""
        try:
            self._requests.write(pack(request_fields(request)))
            await asyncio.wait_for(self._requests.drain(), timeout)
            done = 0.0
            while done < 1.0:
                fields, blob = await asyncio.wait_for(self._receive(), timeout)
                if "error" in fields:
                    raise read_error(fields)
                part = read_part(fields, blob)
                done = part.done
                yield part, bool(fields["tired"])
        except TimeoutError:
            raise SpeechFailed(f"The speech worker said nothing for {timeout:g} s.") from None
        except (asyncio.IncompleteReadError, ConnectionError, json.JSONDecodeError):
            raise SpeechFailed(await self._why()) from None

    async def _receive(self) -> tuple[dict[str, object], bytes]:
        text, blob = HEAD.unpack(await self._pieces.readexactly(HEAD.size))
        fields = json.loads(await self._pieces.readexactly(text))
        return fields, await self._pieces.readexactly(blob)

    async def _why(self) -> str:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 2)
        code = self._process.returncode
        if code is not None and code < 0:
            return f"The speech worker was ended by {signal.Signals(-code).name}."
        return f"The speech worker ended unexpectedly (exit status {code})."

    def leave_after(self, seconds: float, end: Callable[[], None]) -> None:
        self._leaving = asyncio.get_running_loop().call_later(seconds, end)

    def stay(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._requests.close()

    async def ended(self) -> None:
        await self._process.wait()
        with suppress(ConnectionError):
            await self._requests.wait_closed()


def _cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover - not on Linux
        return os.cpu_count() or 1
