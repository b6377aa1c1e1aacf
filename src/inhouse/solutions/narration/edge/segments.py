"""Fragments as HLS segments: packed audio, RFC 8216 section 3.4."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from inhouse.solutions.narration.edge.blocks import CHUNK
from inhouse.solutions.narration.edge.fresh import Fresh
from inhouse.solutions.narration.functions import mp3

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from inhouse.solutions.narration.edge.source import Source

CLOCK = 90_000
"""Ticks a second of MPEG-2 timestamps."""
TICKS = 2**33
CAPACITY = 64 * 1024 * 1024
"""Bytes of fragments kept in memory."""
MOST_LENGTHS = 50_000
_OWNER = b"com.apple.streaming.transportStreamTimestamp\x00"


class Fragments:
    """The frames of fragments by key; they never change. Raises Absent, and Unjoinable for no MP3."""

    def __init__(self, source: Source, bucket: str) -> None:
        self._source = source
        self._bucket = bucket
        self._size = 0
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lengths: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._loading: Fresh[str, bytes] = Fresh(self._load, seconds=0.0, most=0)

    async def frames(self, key: str) -> bytes:
        """All frames, without what else is in the file."""
        if (held := self._held.get(key)) is not None:
            self._held.move_to_end(key)
            return held
        return await self._loading.get(key)

    async def seconds(self, key: str) -> float:
        return (await self._length(key))[0]

    async def size(self, key: str) -> int:
        """Bytes of all frames."""
        return (await self._length(key))[1]

    async def chunks(self, key: str, tag: bytes, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes `start` up to before `end` of tag and frames, in pieces of at most CHUNK.

        Between two pieces the fragment is not held here, so that slow readers cost little.
        """
        at = start
        while at < end:
            if at < len(tag):
                piece = tag[at:end]
            else:
                frames = await self.frames(key)
                offset = at - len(tag)
                piece = frames[offset : min(offset + CHUNK, end - len(tag))]
                del frames
            at += len(piece)
            yield piece

    async def _length(self, key: str) -> tuple[float, int]:
        if key not in self._lengths:
            await self._loading.get(key)
        self._lengths.move_to_end(key)
        return self._lengths[key]

    async def _load(self, key: str, _: object) -> bytes:
        data, _etag = await self._source.get(self._bucket, key)
        found = await self._source.run(mp3.frames, data)
        self._lengths[key] = found.seconds, len(found.data)
        if len(self._lengths) > MOST_LENGTHS:
            self._lengths.popitem(last=False)
        if key not in self._held:
            self._held[key] = found.data
            self._size += len(found.data)
        while self._size > CAPACITY and len(self._held) > 1:
            self._size -= len(self._held.popitem(last=False)[1])
        return found.data


def ticks(seconds: float) -> int:
    """A time as a timestamp of 33 bits, which begins anew after 26 hours."""
    return round(seconds * CLOCK) % TICKS


def timestamp(at: int) -> bytes:
    """The ID3v2.4 tag that says when a segment begins: a PRIV frame with eight bytes, big-endian."""
    # Both sizes are below 128, where ID3's way of writing them is the usual one.
    body = _OWNER + at.to_bytes(8, "big")
    frame = b"PRIV" + len(body).to_bytes(4, "big") + b"\x00\x00" + body
    return b"ID3\x04\x00\x00" + len(frame).to_bytes(4, "big") + frame
