"""Threads for calls that block, which the end of the server need not wait for."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Threads:
    """At most `most` at once. Executors join theirs at exit, however long upstream is silent."""

    def __init__(self, most: int) -> None:
        self._slots = asyncio.Semaphore(most)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` answers or raises. A cancelled run keeps its slot until its thread ends."""
        await self._slots.acquire()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def finish(settle: Callable[[Any], None], value: Any) -> None:
            self._slots.release()
            if not done.done():
                settle(value)

        def body() -> None:
            try:
                end = partial(finish, done.set_result, work())
            except Exception as error:
                end = partial(finish, done.set_exception, error)
            with suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(end)

        try:
            threading.Thread(target=body, name="polly-upstream", daemon=True).start()
        except RuntimeError:  # no more threads
            self._slots.release()
            raise
        return await done
