"""Moments, compared with datetime where it reaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.access.conditions.date import moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28), timezones=ZONES))
def test_iso_dates_are_those_of_datetime(when: datetime) -> None:
    expected = (when - EPOCH) // timedelta(microseconds=1) * 1000
    assert moment(when.isoformat()) == expected


@given(st.integers(-(2**63), 2**63 - 1).filter(lambda n: not 1000 <= n <= 9999))
def test_other_numbers_are_seconds(seconds: int) -> None:
    assert moment(str(seconds)) == seconds * 1_000_000_000


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "2026-00", "2026-13", "2026-02-29", "2026-01-01T25:00Z", "2026-01-01T23:60Z",
     "2026-01-01T00:00:00+1", "2026-01-01T00:00:00+24:00", "2026-01-01 00:00", "9223372036854775808",
     "٢٠٢٦"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert moment(text) is None


@given(st.text(max_size=40) | st.from_regex(r"[-+0-9T:.Zz]{1,40}", fullmatch=True))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert moment(text) is None or isinstance(moment(text), int)
