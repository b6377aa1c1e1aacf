"""Bytes under a data key: AES-256-GCM in segments, so that a range is read by itself.

Each segment but the last has 64 KiB. Its nonce is its number and whether it is the last one: none
can be changed, moved, left out or added without being noticed (the STREAM construction, Hoang,
Reyhanitabar, Rogaway and Vizár, https://eprint.iacr.org/2015/189). A data key is used once.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inhouse.store import Unopenable

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterator

SEGMENT = 64 << 10
"""Plain bytes of a segment."""
TAG = 16
BATCH = 8
"""Segments that are given out as one piece."""
_SEALED = SEGMENT + TAG


def bounds(start: int, end: int, size: int) -> tuple[int, int]:
    """Where the segments that hold bytes `start` up to `end` of `size` lie when sealed."""
    first, behind = _numbers(start, end, size)
    whole = size + _count(size) * TAG
    return first * _SEALED, min(behind * _SEALED, whole)


class Segments:
    """Seals and opens under one data key."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, data: bytes) -> bytes:
        """Bytes that fit in one segment."""
        return self._seal(0, data, last=True)

    def open(self, sealed: bytes | memoryview) -> bytes:
        """What `seal` was given. Raises Unopenable."""
        return self._open(0, sealed, last=True)

    async def sealed(self, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """A stream of any length, sealed."""
        number, rest = 0, b""
        async for piece in pieces:
            cut = _Cut(rest, piece)
            whole = max(0, cut.left - 1) // SEGMENT  # more comes behind these
            for count in _batches(whole):
                numbers = range(number, number + count)
                yield b"".join([self._seal(one, cut.next(SEGMENT)) for one in numbers])
                number += count
            rest = cut.rest()
        yield self._seal(number, rest, last=True)

    async def opened(
        self, pieces: AsyncIterable[bytes], start: int, end: int, size: int
    ) -> AsyncIterator[bytes]:
        """Bytes `start` up to `end` of `size`, from the sealed bytes that `bounds` tells.

        Raises Unopenable before it gives out anything that was not sealed so.
        """
        number, behind = _numbers(start, end, size)
        last = _count(size) - 1
        skip, left, rest = start - number * SEGMENT, end - start, b""
        async for piece in pieces:
            cut = _Cut(rest, piece)
            lengths = _whole(cut.left, number, behind, size)
            for count in _batches(len(lengths)):
                numbers = range(number, number + count)
                plain = b"".join(
                    [
                        self._open(one, cut.next(lengths.popleft()), last=one == last)
                        for one in numbers
                    ]
                )
                number += count
                if skip or len(plain) > left:
                    plain, skip = plain[skip : skip + left], 0
                left -= len(plain)
                yield plain
            rest = cut.rest()
        if left or rest or number < behind:
            raise Unopenable

    def _seal(self, number: int, data: bytes | memoryview, *, last: bool = False) -> bytes:
        return self._cipher.encrypt(_nonce(number, last=last), data, None)

    def _open(self, number: int, sealed: bytes | memoryview, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, last=last), sealed, None)
        except InvalidTag:
            raise Unopenable from None


class _Cut:
    """Cuts two byte strings that follow each other, copying only where they meet."""

    __slots__ = ("_at", "_first", "_second")

    def __init__(self, first: bytes, second: bytes) -> None:
        self._first = first
        self._second = memoryview(second)
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._first) + len(self._second) - self._at

    def next(self, length: int) -> bytes | memoryview:
        begin, first = self._at, self._first
        self._at, self._first = begin + length - len(first), b""
        piece = self._second[begin : self._at]
        return first + piece if first else piece

    def rest(self) -> bytes:
        return self._first + self._second[self._at :]


def _nonce(number: int, *, last: bool) -> bytes:
    return (number << 1 | last).to_bytes(12, "big")


def _count(size: int) -> int:
    """How many segments `size` bytes make. None at all make one, so that it is noticed if they go."""
    return max(1, -(-size // SEGMENT))


def _numbers(start: int, end: int, size: int) -> tuple[int, int]:
    """The first segment with bytes `start` up to `end`, and the one after the last."""
    return start // SEGMENT, max(start // SEGMENT + 1, -(-end // SEGMENT)) if size else 1


def _whole(held: int, number: int, behind: int, size: int) -> deque[int]:
    """Sealed bytes of the segments from `number` on that are whole within the `held` ones."""
    lengths: deque[int] = deque()
    for one in range(number, behind):
        length = min(SEGMENT, size - one * SEGMENT) + TAG
        held -= length
        if held < 0:
            break
        lengths.append(length)
    return lengths


def _batches(count: int) -> Iterator[int]:
    """`count` in parts: one longer piece of memory costs many times what two short ones do."""
    while count > 0:
        yield min(count, BATCH)
        count -= BATCH
