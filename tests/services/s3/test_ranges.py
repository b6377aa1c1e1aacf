"""Ranges against Python's own slices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.services.s3.ranges import of_copy, requested

SIZES = st.integers(0, 300)


def outcome(header: str, size: int) -> tuple[int, int] | str | None:
    try:
        return requested(header, size)
    except ServiceError as refusal:
        return refusal.code


def copied(header: str, size: int) -> tuple[int, int] | str:
    try:
        return of_copy(header, size)
    except ServiceError as refusal:
        return refusal.code


@given(size=SIZES, first=SIZES, last=st.none() | SIZES)
def test_from_a_byte_on(size: int, first: int, last: int | None) -> None:
    found = outcome(f"bytes={first}-{'' if last is None else last}", size)
    expected = range(size)[first : None if last is None else last + 1]
    if first >= size:
        assert found == "InvalidRange"
    elif last is not None and last < first:
        assert found is None
    else:
        assert found == (expected.start, expected.stop)


@given(size=SIZES, tail=SIZES)
def test_the_last_bytes(size: int, tail: int) -> None:
    expected = range(size)[max(0, size - tail) :]
    found = outcome(f"bytes=-{tail}", size)
    assert found == ((expected.start, expected.stop) if expected else "InvalidRange")


@given(header=st.text(max_size=30), size=SIZES)
def test_whatever_else_is_no_range(header: str, size: int) -> None:
    found = outcome(header, size)
    if isinstance(found, tuple):
        assert 0 <= found[0] < found[1] <= size


def test_numbers_without_end_are_bounded() -> None:
    assert outcome(f"bytes=0-{'9' * 5000}", 10) == (0, 10)
    assert outcome(f"bytes={'9' * 5000}-", 10) == "InvalidRange"


@given(
    header=st.text(max_size=30) | st.from_regex(r"bytes=\d{1,4}-\d{1,4}", fullmatch=True),
    size=SIZES,
)
def test_ranges_of_copies_are_exact(header: str, size: int) -> None:
    found = copied(header, size)
    if isinstance(found, tuple):
        assert 0 <= found[0] < found[1] <= size
    else:
        assert found in ("InvalidArgument", "InvalidRequest")


@pytest.mark.parametrize("header", ["bytes=0-9", "bytes = 0 - 9", " bytes=0-9 "])
def test_spaces_do_no_harm(header: str) -> None:
    assert requested(header, 100) == (0, 10)
