"""Wakes those who wait for messages (long polling)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inhouse.core.ports import Tx


class Arrivals:
    """One bell for each queue somebody waits at."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def watch(self, arn: str) -> Iterator[asyncio.Event]:
        """An event that is set by the next `ring` for the queue. Look at the rows after this."""
        self._loop = asyncio.get_running_loop()
        event = asyncio.Event()
        self._waiting.setdefault(arn, set()).add(event)
        try:
            yield event
        finally:
            waiting = self._waiting[arn]
            waiting.discard(event)
            if not waiting:
                del self._waiting[arn]

    def ring(self, tx: Tx, arn: str) -> None:
        """Wakes those who wait at `arn` once `tx` is committed."""
        tx.after_commit(lambda: self._ring(arn))

    def _ring(self, arn: str) -> None:
        if self._loop is not None and arn in self._waiting:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._wake, arn)

    def _wake(self, arn: str) -> None:
        for event in self._waiting.get(arn, ()):
            event.set()
