"""Group commit: one thread runs all writes and makes many durable with one fsync.

Each write runs in a savepoint of its own, so that one that fails undoes nothing but itself.
Answers leave after the COMMIT of their group.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from concurrent.futures import Future
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from inhouse.core.errors import ServiceError
from inhouse.store.tx import SqliteTx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
GROUP = 512
"""Writes that share a commit at most, which bounds what the first of them waits."""
log = structlog.get_logger()


class StoreUnavailable(ServiceError):
    """The database refused to make a write durable: disk full, I/O error, shutting down."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "ServiceUnavailable", f"The write was not stored: {reason}. Try again.", status=503
        )


class _Write:
    __slots__ = ("after", "answer", "error", "function", "future", "loop")

    def __init__(
        self, function: Callable[[SqliteTx], Any], loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        self.function = function
        self.loop = loop
        self.future: Any = loop.create_future() if loop else Future()
        self.answer: Any = None
        self.error: BaseException | None = None
        self.after: list[Callable[[], None]] = []

    def settle(self) -> None:
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.answer)


class Writer:
    """Owns the only connection that writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._closed = False
        self._commits = 0
        self._thread = threading.Thread(target=self._run, name="inhouse-writer", daemon=True)
        self._thread.start()

    def commits(self) -> int:
        """How many groups have been committed. It has risen before any of them is answered."""
        return self._commits

    def submit(self, function: Callable[[SqliteTx], T]) -> Future[T]:
        """Queues `function(tx)`; the future is done when its changes are durable."""
        write = _Write(function)
        self._enqueue(write)
        future: Future[T] = write.future
        return future

    async def write(self, function: Callable[[SqliteTx], T]) -> T:
        """Runs `function(tx)` in the next group and answers once that is durable."""
        write = _Write(function, asyncio.get_running_loop())
        self._enqueue(write)
        answer: T = await write.future
        return answer

    def close(self) -> None:
        """Finishes what is queued, then ends the thread and the connection."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _enqueue(self, write: _Write) -> None:
        if self._closed:
            write.error = StoreUnavailable("the server is shutting down")
            write.settle()
        else:
            self._queue.put(write)

    def _run(self) -> None:
        while True:
            group = self._next_group()
            writes = [write for write in group if write is not None]
            if writes:
                self._commit(writes)
            if len(writes) < len(group):
                return

    def _next_group(self) -> list[_Write | None]:
        group = [self._queue.get()]
        with contextlib.suppress(Empty):
            while len(group) < GROUP and group[-1] is not None:
                group.append(self._queue.get_nowait())
        return group

    def _commit(self, group: list[_Write]) -> None:
        execute = self._connection.execute
        try:
            execute("BEGIN IMMEDIATE")
            for write in group:
                self._attempt(write)
            execute("COMMIT")
            self._commits += 1
        except (sqlite3.Error, StoreUnavailable) as error:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            log.error("store.commit_failed", reason=str(error), writes=len(group))
            for write in group:
                write.error, write.after = StoreUnavailable(str(error)), []
        for write in group:
            for action in write.after:
                try:
                    action()
                except Exception:  # the write is durable, and the thread has others to serve
                    log.exception("store.after_commit_failed")
        self._answer(group)

    def _attempt(self, write: _Write) -> None:
        execute = self._connection.execute
        tx = SqliteTx(self._connection)
        execute("SAVEPOINT w")
        try:
            write.answer = write.function(tx)
            write.after = tx.take_after_commit()
        except BaseException as error:
            if not self._connection.in_transaction:  # SQLite undid the whole group by itself
                raise StoreUnavailable(str(error)) from error
            execute("ROLLBACK TO w")
            write.error = error
        execute("RELEASE w")

    def _answer(self, group: list[_Write]) -> None:
        """Wakes each event loop once for all of its writes."""
        for loop, writes in groupby(group, key=lambda write: write.loop):
            if loop is None:
                _settle(writes)
            else:
                with contextlib.suppress(RuntimeError):  # the loop ended before its answers
                    loop.call_soon_threadsafe(_settle, list(writes))


def _settle(writes: Iterable[_Write]) -> None:
    for write in writes:
        write.settle()
