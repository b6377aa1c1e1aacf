"""The codec of segments: any length, any range, any cut, and nothing that was touched."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.services.s3.encryption.segments import SEGMENT, TAG, Segments, bounds
from inhouse.store import Unopenable

BYTES = os.urandom(5 * SEGMENT)
EDGES = [n * SEGMENT + more for n in range(4) for more in (-1, 0, 1) if n * SEGMENT + more >= 0]
LENGTHS = st.sampled_from(EDGES) | st.integers(0, 4 * SEGMENT)
CUTS = st.sampled_from([1 << 20, SEGMENT, SEGMENT + TAG, SEGMENT + TAG + 1, 7001])


async def cut(data: bytes, length: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), length):
        yield data[at : at + length]


async def joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def sealed(segments: Segments, data: bytes, length: int = 1 << 20) -> bytes:
    return asyncio.run(joined(segments.sealed(cut(data, length))))


def opened(
    segments: Segments, stored: bytes, size: int, start: int, end: int, length: int = 1 << 20
) -> bytes:
    first, behind = bounds(start, end, size)
    pieces = cut(stored[first:behind], length)
    return asyncio.run(joined(segments.opened(pieces, start, end, size)))


@given(size=LENGTHS, start=LENGTHS, length=LENGTHS, written=CUTS, read=CUTS)
def test_any_range_of_any_length(
    size: int, start: int, length: int, written: int, read: int
) -> None:
    segments, data = Segments(os.urandom(32)), BYTES[:size]
    stored = sealed(segments, data, written)
    assert len(stored) == size + TAG * max(1, -(-size // SEGMENT))
    assert opened(segments, stored, size, 0, size, read) == data
    start = min(start, size)
    end = min(start + length, size)
    if start < end:
        assert opened(segments, stored, size, start, end, read) == data[start:end]


@given(size=st.integers(0, SEGMENT))
def test_what_fits_in_a_segment_is_one(size: int) -> None:
    segments, data = Segments(bytes(32)), BYTES[:size]
    assert segments.open(segments.seal(data)) == data
    assert segments.seal(data) == sealed(segments, data)


@given(at=st.integers(0, 3 * SEGMENT + 10 + 4 * TAG - 1), bit=st.integers(0, 7))
def test_no_bit_can_be_changed(at: int, bit: int) -> None:
    segments, size = Segments(bytes(32)), 3 * SEGMENT + 10
    stored = bytearray(sealed(segments, BYTES[:size]))
    stored[at] ^= 1 << bit
    with pytest.raises(Unopenable):
        opened(segments, bytes(stored), size, 0, size)


@pytest.mark.parametrize("size", [0, 10, SEGMENT, 2 * SEGMENT, 2 * SEGMENT + 10])
def test_nothing_can_be_left_out_added_or_moved(size: int) -> None:
    segments = Segments(bytes(32))
    stored = sealed(segments, BYTES[:size])
    whole = SEGMENT + TAG
    forged = [b"", stored[:-1], stored + b"x", stored + stored, stored[whole:]]
    if size > SEGMENT:
        forged += [stored[:whole], stored[whole : 2 * whole] + stored[:whole] + stored[2 * whole :]]
    for one in forged:
        if one != stored:
            with pytest.raises(Unopenable):
                asyncio.run(joined(segments.opened(cut(one, 1 << 20), 0, size, size)))


def test_a_shorter_size_is_noticed() -> None:
    """Whoever changes the row as well cannot make an object end before it does."""
    segments = Segments(bytes(32))
    stored = sealed(segments, BYTES[: 2 * SEGMENT])
    with pytest.raises(Unopenable):
        opened(segments, stored, SEGMENT, 0, SEGMENT)


def test_another_key_opens_nothing() -> None:
    stored = sealed(Segments(bytes(32)), b"secret")
    with pytest.raises(Unopenable):
        opened(Segments(os.urandom(32)), stored, 6, 0, 6)
