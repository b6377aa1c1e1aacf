"""Group commit: all writes that wait are made durable with one fsync.

Writes run on the event loop, one after another, each in a savepoint of its own, so that one that
fails undoes nothing but itself. Only the COMMIT of their group, which waits for the disk, runs on
a thread; meanwhile the next group gathers. Answers leave after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from inhouse.core.errors import ServiceError
from inhouse.store.tx import Changes, WriterTx

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

T = TypeVar("T")
GROUP = 128
"""Writes that share a commit at most, which bounds what the first of them and the loop wait."""
log = structlog.get_logger()


class StoreUnavailable(ServiceError):
    """The database refused to make a write durable: disk full, I/O error, shutting down."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "ServiceUnavailable", f"The write was not stored: {reason}. Try again.", status=503
        )


class _Write:
    __slots__ = ("after", "answer", "error", "function", "future")

    def __init__(self, function: Callable[[WriterTx], Any]) -> None:
        self.function = function
        self.future: asyncio.Future[Any] | None = None
        self.answer: Any = None
        self.error: BaseException | None = None
        self.after: list[Callable[[], None]] = []

    def settle(self) -> None:
        if self.future is None or self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.answer)


class Writer:
    """Owns the only connection that writes, on behalf of one event loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tx = WriterTx(connection)
        self._waiting: deque[_Write] = deque()
        self._group: list[_Write] = []
        self._failure: Exception | None = None
        self._committing: Future[None] | None = None
        self._busy = False
        self._closed = False
        self._thread = ThreadPoolExecutor(1, "inhouse-commit")
        self.changes = Changes()
        """What has been committed. It counts before any of it is answered."""

    async def write(self, function: Callable[[WriterTx], T]) -> T:
        """Runs `function(tx)` in the next group and answers once that is durable."""
        loop = asyncio.get_running_loop()
        write = self._wait(function)
        write.future = loop.create_future()
        if not self._busy:
            self._busy = True
            loop.call_soon(self._begin, loop)
        answer: T = await write.future
        return answer

    def write_now(self, function: Callable[[WriterTx], T]) -> T:
        """The same where no event loop runs."""
        write = self._wait(function)
        self._finish_all()
        if write.error is not None:
            raise write.error
        answer: T = write.answer
        return answer

    def close(self) -> None:
        """Finishes what waits, then ends the thread and the connection."""
        self._closed = True
        self._finish_all()
        self._thread.shutdown()
        self._connection.close()

    def _wait(self, function: Callable[[WriterTx], Any]) -> _Write:
        if self._closed:
            raise StoreUnavailable("the server is shutting down")
        write = _Write(function)
        self._waiting.append(write)
        return write

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs a group on the loop and has the thread commit it."""
        if self._waiting:
            self._run_group()
            self._committing = self._thread.submit(self._commit)
            self._committing.add_done_callback(lambda _: _wake(loop, self._go_on))
        else:
            self._busy = False

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self._finish()
        self._begin(loop)

    def _finish_all(self) -> None:
        """What the loop and the thread would do, here and now."""
        if self._committing is not None:
            self._committing.result()
            self._finish()
        while self._waiting:
            self._run_group()
            self._commit()
            self._finish()

    def _run_group(self) -> None:
        most = min(GROUP, len(self._waiting))
        self._group = [self._waiting.popleft() for _ in range(most)]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for write in self._group:
                self._attempt(write)
        except (sqlite3.Error, StoreUnavailable) as error:
            self._failure = error

    def _attempt(self, write: _Write) -> None:
        execute = self._connection.execute
        execute("SAVEPOINT w")
        try:
            write.answer = write.function(self._tx)
            write.after = self._tx.take_after_commit()
        except BaseException as error:
            if not self._connection.in_transaction:  # SQLite undid the whole group by itself
                raise StoreUnavailable(str(error)) from error
            execute("ROLLBACK TO w")
            self._tx.forget()
            write.error = error
        execute("RELEASE w")

    def _commit(self) -> None:
        """The wait for the disk."""
        if self._failure is None:
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._failure = error

    def _finish(self) -> None:
        """Answers a group that has been committed, or could not be."""
        self._committing = None
        group, self._group = self._group, []
        failure, self._failure = self._failure, None
        if failure is None:
            self.changes.count(self._tx.take_changed())
        else:
            self._undo(group, failure)
        for write in group:
            for action in write.after:
                try:
                    action()
                except Exception:  # the write is durable, and others wait
                    log.exception("store.after_commit_failed")
            write.settle()

    def _undo(self, group: list[_Write], failure: Exception) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._tx.forget()
        log.error("store.commit_failed", reason=str(failure), writes=len(group))
        for write in group:
            write.error, write.after = StoreUnavailable(str(failure)), []


def _wake(loop: asyncio.AbstractEventLoop, go_on: Callable[..., None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop ended before its answers
        loop.call_soon_threadsafe(go_on, loop)
