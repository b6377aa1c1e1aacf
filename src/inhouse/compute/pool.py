"""Warm workers: kept for the next call of the same kind, ended when nobody comes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable


class Pooled(Protocol):
    @property
    def usable(self) -> bool:
        """Whether it can take another call: alive, and not about to expire."""
        ...

    async def stop(self) -> None: ...


T = TypeVar("T", bound=Pooled)
GRACE = 0.02
"""Seconds that one of the busy workers may take to come back before another one is made."""
PATIENCE = 2.0
"""Seconds after which a worker that is still being made does not keep others from starting."""


class Full(Exception):
    """Every worker is busy and there may not be more."""


class Pool(Generic[T]):
    """Workers by key; a key names everything that makes two workers interchangeable.

    `take` answers a warm worker or makes one; `give` brings it back. At most `limit` are alive:
    when they are, an idle worker of another key makes room, and when none is idle `Full` is
    raised. At most `starts` are made at once, by default two a core: in a burst, who waits takes
    a worker that comes back meanwhile, so that the machine starts as many as it can use. A worker
    whose caller has just been answered counts as good as back. Workers idle for `idle` seconds end.
    """

    def __init__(self, limit: int, idle: float, starts: int | None = None) -> None:
        self._limit = limit
        self._idle_seconds = idle
        self._starts = starts or 2 * (os.cpu_count() or 1)
        self._starting = 0
        self._line: deque[tuple[Hashable, asyncio.Future[T | None]]] = deque()
        self._idle: dict[Hashable, list[tuple[float, T]]] = defaultdict(list)
        self._busy: Counter[Hashable] = Counter()
        self._alive = 0
        self._reaper: asyncio.Task[None] | None = None

    @property
    def alive(self) -> int:
        """Workers that exist, are being made or are waited for."""
        return self._alive

    async def take(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """A worker for `key` and whether it was made for this call (a cold start)."""
        while waiting := self._idle.get(key):
            _, worker = waiting.pop()
            if worker.usable:
                self._busy[key] += 1
                return worker, False
            await self._end(worker)
        if self._alive >= self._limit:
            await self._make_room()
        self._alive += 1
        try:
            returned = await self._turn(key)
            if returned is not None:
                self._alive -= 1  # it counts already
                return returned, False
            made = await self._made(make)
            self._busy[key] += 1
            return made, True
        except BaseException:
            self._alive -= 1
            raise

    async def _made(self, make: Callable[[], Awaitable[T]]) -> T:
        """Makes one. It gives way to the next after a while: it may load for minutes."""
        loop = asyncio.get_running_loop()
        given_way = loop.create_future()
        given_way.add_done_callback(lambda _: self._next_start())
        timer = loop.call_later(PATIENCE, given_way.cancel)
        try:
            return await make()
        finally:
            timer.cancel()
            given_way.cancel()

    async def _turn(self, key: Hashable) -> T | None:
        """Waits until one may be made, which is None, or one of `key` has come back."""
        if self._starting < self._starts and not self._busy[key]:
            self._starting += 1
            return None
        loop = asyncio.get_running_loop()
        place: asyncio.Future[T | None] = loop.create_future()
        self._line.append((key, place))
        loop.call_later(GRACE, self._waited, place)
        try:
            return await place
        except asyncio.CancelledError:
            await self._leave(key, place)
            raise

    async def _leave(self, key: Hashable, place: asyncio.Future[T | None]) -> None:
        """Hands on what somebody was given who has gone meanwhile."""
        if place.cancelled() or not place.done():
            self._line = deque(one for one in self._line if one[1] is not place)
        elif (worker := place.result()) is not None:
            await self.give(key, worker)
        else:
            self._next_start()

    def _waited(self, place: asyncio.Future[T | None]) -> None:
        """Nobody has come back: one may be made unless too many are."""
        if not place.done() and self._starting < self._starts:
            self._line = deque(one for one in self._line if one[1] is not place)
            self._starting += 1
            place.set_result(None)

    def _next_start(self) -> None:
        self._starting -= 1
        while self._line:
            _, place = self._line.popleft()
            if not place.done():
                self._starting += 1
                place.set_result(None)
                return

    def _waits_for(self, key: Hashable) -> asyncio.Future[T | None] | None:
        for one in self._line:
            if one[0] == key and not one[1].done():
                self._line.remove(one)
                return one[1]
        return None

    async def give(self, key: Hashable, worker: T) -> None:
        """Takes `worker` back for the next call, or ends it when it can serve none."""
        self._busy -= Counter([key])  # which forgets keys that nobody uses
        if not worker.usable:
            await self._end(worker)
            return
        place = self._waits_for(key)
        if place is not None:
            self._busy[key] += 1
            place.set_result(worker)
            return
        self._idle[key].append((time.monotonic(), worker))
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.create_task(self._reap_forever())

    async def drop(self, keep: Callable[[Hashable], bool]) -> None:
        """Ends the idle workers of all keys that `keep` refuses."""
        for key in [key for key in self._idle if not keep(key)]:
            for _, worker in self._idle.pop(key):
                await self._end(worker)

    async def close(self) -> None:
        if self._reaper is not None:
            self._reaper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reaper
        await self.drop(lambda _: False)

    async def _make_room(self) -> None:
        oldest = min(
            ((workers[0][0], key) for key, workers in self._idle.items() if workers),
            key=lambda pair: pair[0],
            default=None,
        )
        if oldest is None:
            raise Full(f"{self._limit} workers are busy, which is the limit")
        _, worker = self._idle[oldest[1]].pop(0)
        await self._end(worker)

    async def _end(self, worker: T) -> None:
        self._alive -= 1
        await worker.stop()

    async def _reap_forever(self) -> None:
        while any(self._idle.values()):
            await asyncio.sleep(min(1.0, self._idle_seconds / 4))
            limit = time.monotonic() - self._idle_seconds
            for key in list(self._idle):
                over = [w for since, w in self._idle[key] if since < limit or not w.usable]
                self._idle[key] = [pair for pair in self._idle[key] if pair[1] not in over]
                if not self._idle[key]:
                    del self._idle[key]
                for worker in over:
                    await self._end(worker)
