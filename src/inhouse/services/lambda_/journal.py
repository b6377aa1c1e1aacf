"""What functions print: cut into lines, stamped, and put into CloudWatch Logs in batches."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import structlog

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from inhouse.core.ports import House
    from inhouse.core.principal import Principal
    from inhouse.services.lambda_.names import Function
log = structlog.get_logger()

PAUSE = 0.1
"""Seconds that lines wait for others."""
BATCH, BATCH_BYTES, OVERHEAD = 1000, 1 << 20, 26
"""Most events, so that the writer has time for others, and bytes of a PutLogEvents; each event
counts for its bytes and 26 more."""
LINE = 256 << 10
"""Bytes after which a line without end is cut."""
RATE, BURST = 1 << 20, 4 << 20
"""Bytes a second a worker may print for long, and at once before that."""
LEAST = 128
"""Bytes that a line counts for at least: it costs time and memory even when it is empty."""
TAIL = 4096
"""Bytes of an invocation's log that LogType=Tail answers."""


class Stream:
    """The log stream of one worker, written by `writer`."""

    def __init__(
        self, journal: Journal, chosen: Function, writer: Principal, group: str, name: str
    ) -> None:
        self._journal = journal
        self.chosen = chosen
        self.writer = writer
        self.group = group
        self.name = name
        self.refused = False
        self._rest = b""
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._credit = float(BURST)
        self._at = time.monotonic()

    def output(self, piece: bytes) -> float:
        """Takes what the worker printed; answers how long it has to wait before more is read."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LINE:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self.line(line)
        return self._pause(max(len(piece), len(lines) * LEAST))

    def flush(self) -> None:
        """The line that has not ended yet counts as one."""
        if self._rest:
            self.line(self._rest)
            self._rest = b""

    def line(self, text: bytes) -> None:
        text = text.replace(b"\r", b"\n") + b"\n"  # the runtime joins a traceback's lines with \r
        self._tail.append(text)
        self._tail_size += len(text)
        while self._tail_size > TAIL and len(self._tail) > 1:
            self._tail_size -= len(self._tail.popleft())
        self._journal.add(self, text[:LINE].decode(errors="replace"))

    def begin(self) -> None:
        """A new invocation: its tail starts empty."""
        self._tail.clear()
        self._tail_size = 0

    def tail(self) -> bytes:
        """The last 4 KiB since `begin`."""
        return b"".join(self._tail)[-TAIL:]

    def _pause(self, size: int) -> float:
        now = time.monotonic()
        self._credit = min(BURST, self._credit + (now - self._at) * RATE) - size
        self._at = now
        return 0.0 if self._credit > 0 else -self._credit / RATE


class Journal:
    """Collects the lines of all workers and stores them. Lines that a stream's writer may not write
    are dropped.

    The last tenth of a second may be lost when the server is killed.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: dict[Stream, list[dict[str, Any]]] = {}
        self._known: set[Stream] = set()
        self._task: asyncio.Task[None] | None = None

    def stream(self, chosen: Function, writer: Principal, group: str, name: str) -> Stream:
        """The log of a new worker."""
        return Stream(self, chosen, writer, group, name)

    def add(self, stream: Stream, message: str) -> None:
        event = {"timestamp": int(self._house.clock.time() * 1000), "message": message}
        self._waiting.setdefault(stream, []).append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._store_soon())

    async def close(self) -> None:
        if self._task is not None:
            await self._task
        self._known.clear()

    async def _store_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(PAUSE)
            waiting, self._waiting = self._waiting, {}
            # Together, so that all share one commit.
            await asyncio.gather(*(self._store(*each) for each in waiting.items()))

    async def _store(self, stream: Stream, events: list[dict[str, Any]]) -> None:
        try:
            await self._put(stream, events)
            stream.refused = False
        except ServiceError as error:
            self._known.discard(stream)  # what is missing may be there, or allowed, the next time
            if not stream.refused:
                log.warning(
                    "lambda.log_refused",
                    function=stream.chosen.arn,
                    group=stream.group,
                    writer=stream.writer.arn,
                    reason=error.message,
                )
            stream.refused = True
        except Exception:
            log.exception("lambda.log_lost", function=stream.chosen.arn, lines=len(events))

    async def _put(self, stream: Stream, events: list[dict[str, Any]]) -> None:
        chosen, where = stream.chosen, {"logGroupName": stream.group}

        def client(method: str, **request: Any) -> Any:
            return self._house.dispatch.invoke(
                stream.writer, "logs", method, request, account=chosen.account, region=chosen.region
            )

        if stream not in self._known:
            with contextlib.suppress(ServiceError):
                await client("create_log_group", **where)
            with contextlib.suppress(ServiceError):
                await client("create_log_stream", **where, logStreamName=stream.name)
            self._known.add(stream)
        events.sort(key=lambda event: int(event["timestamp"]))  # the clock may have been set back
        for batch in _batches(events):
            await client("put_log_events", **where, logStreamName=stream.name, logEvents=batch)

    def forget(self, stream: Stream) -> None:
        """Called when a stream's worker is gone."""
        self._known.discard(stream)


def _batches(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = [[]]
    size = 0
    for event in events:
        more = len(event["message"].encode()) + OVERHEAD
        if len(found[-1]) == BATCH or size + more > BATCH_BYTES:
            found.append([])
            size = 0
        found[-1].append(event)
        size += more
    return found
