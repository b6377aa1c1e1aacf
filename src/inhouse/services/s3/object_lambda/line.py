"""The queue of reads that wait for a function's worker."""

from __future__ import annotations

import asyncio

from inhouse.core.errors import ServiceError

WAITING = 4
"""Reads that may wait for each one that runs."""


class Line:
    """Lets as many functions run as there may be workers; the next ones wait in order.

    Raises SlowDown for those that find the line full, so that it does not grow without bound.
    """

    def __init__(self, most: int) -> None:
        self._turns = asyncio.Semaphore(most)
        self._places = most * WAITING
        self._waiting = 0

    async def enter(self) -> None:
        """Answers when it is one's turn; `leave` must follow."""
        if self._waiting >= self._places:
            raise ServiceError(
                "SlowDown",
                "Reduce your request rate for operations involving AWS Lambda: "
                f"{self._waiting} reads are waiting for a function.",
                status=503,
            )
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        self._turns.release()
