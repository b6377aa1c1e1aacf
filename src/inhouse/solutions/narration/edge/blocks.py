"""Audio bodies in blocks: bounded memory however long the files and however slow the readers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from inhouse.solutions.narration.edge.source import Replaced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from inhouse.solutions.narration.edge.source import Source

BLOCK = 256 * 1024
READ_AHEAD = 32
"""Blocks read at once after a miss: most articles whole, so that they outlive their replacement."""
CHUNK = 64 * 1024
"""Bytes given to the network at a time, and so what one slow reader holds."""


class Body(NamedTuple):
    """One state of one object. `size` is in bytes."""

    bucket: str
    key: str
    etag: str
    size: int


class Blocks:
    """The blocks used last, up to `capacity` bytes."""

    def __init__(self, source: Source, capacity: int) -> None:
        self._source = source
        self._capacity = max(capacity, READ_AHEAD * BLOCK)
        self._size = 0
        self._held: OrderedDict[tuple[Body, int], bytes] = OrderedDict()
        self._running: dict[Body, asyncio.Lock] = {}

    async def chunks(
        self, body: Body, start: int, end: int, gone: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        """The bytes from `start` up to before `end`, in pieces of at most CHUNK.

        Before the bucket is asked for more, `gone` tells whether nobody listens any longer.
        Raises Replaced when the object has changed and the rest is no longer held.
        """
        at = start
        while at < end:
            number, offset = divmod(at, BLOCK)
            block = self._block(body, number)
            if block is None:
                if at > start and await gone():
                    return
                block = await self._read(body, number)
            piece = block[offset : min(offset + CHUNK, end - number * BLOCK)]
            del block
            at += len(piece)
            yield piece

    def _block(self, body: Body, number: int) -> bytes | None:
        block = self._held.get((body, number))
        if block is not None:
            self._held.move_to_end((body, number))
        return block

    async def _read(self, body: Body, number: int) -> bytes:
        lock = self._running.setdefault(body, asyncio.Lock())
        try:
            async with lock:
                if block := self._block(body, number):
                    return block
                return await self._fetch(body, number)
        finally:
            if not lock.locked() and self._running.get(body) is lock:
                del self._running[body]

    async def _fetch(self, body: Body, first: int) -> bytes:
        start = first * BLOCK
        end = min(body.size, start + READ_AHEAD * BLOCK)
        data, _ = await self._source.get(
            body.bucket, body.key, exactly=body.etag, span=(start, end)
        )
        if len(data) != end - start:
            raise Replaced(body.key)
        # Last first, so that the front, which is wanted next, is the last to be dropped.
        for at in reversed(range(0, len(data), BLOCK)):
            self._keep((body, first + at // BLOCK), data[at : at + BLOCK])
        return data[:BLOCK]

    def _keep(self, place: tuple[Body, int], block: bytes) -> None:
        if place in self._held:
            self._held.move_to_end(place)
            return
        self._held[place] = block
        self._size += len(block)
        while self._size > self._capacity:
            self._size -= len(self._held.popitem(last=False)[1])
