"""Values that may be used for a moment without asking again, each loaded once at a time."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Fresh(Generic[K, V]):
    """`load(key, held)` brings the value, given the one before it or None.

    However many ask at once, one load runs, and its outcome is theirs, errors included. At most
    `most` values are held; those asked for longest ago go first.
    """

    def __init__(
        self, load: Callable[[K, V | None], Awaitable[V]], *, seconds: float, most: int
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._most = most
        self._held: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._running: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        held = self._held.get(key)
        if held and held[1] > time.monotonic():
            self._held.move_to_end(key)
            return held[0]
        return await self._one(key)

    def forget(self, key: K, value: V) -> None:
        """Drops the value if it is still the one held: somebody found it out of date."""
        held = self._held.get(key)
        if held and held[0] is value:
            del self._held[key]

    async def _one(self, key: K) -> V:
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._renewed(key))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        # A client that leaves takes only its own waiting with it.
        return await asyncio.shield(task)

    async def _renewed(self, key: K) -> V:
        held = self._held.get(key)
        try:
            # Fresh from the moment it was asked for, not from the answer's.
            until = time.monotonic() + self._seconds
            value = await self._load(key, held[0] if held else None)
        except BaseException:
            self._held.pop(key, None)
            raise
        self._held[key] = value, until
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return value
