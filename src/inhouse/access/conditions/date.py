"""DateEquals and its relatives: ISO 8601 as in W3C's NOTE-datetime, or seconds since 1970."""

from __future__ import annotations

import operator as compare
import re
from typing import TYPE_CHECKING, Final

from inhouse.access.conditions.operator import Operator, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inhouse.access.request import Asked

_ISO: Final = re.compile(
    r"(?P<year>[+-]?\d{1,9})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:[Tt](?:(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?)?",
    re.ASCII,
)
_NANO: Final = 1_000_000_000
_SECONDS: Final = re.compile(r"[+-]?\d{1,19}(\.\d{1,9})?", re.ASCII)
_LONGEST: Final = 2**63


def moment(text: str) -> int | None:
    """Nanoseconds since 1970, or None if `text` is no date.

    Four digits are a year; any other number is seconds since 1970. A time without a zone is UTC.
    """
    text = text.strip()
    if _SECONDS.fullmatch(text) and not re.fullmatch(r"\d{4}", text, re.ASCII):
        whole, _, fraction = text.partition(".")
        if not -_LONGEST <= int(whole) < _LONGEST:
            return None
        part = int(fraction.ljust(9, "0")) if fraction else 0
        return int(whole) * _NANO + (-part if whole.startswith("-") else part)
    found = _ISO.fullmatch(text)
    return _from_iso(found) if found else None


def _from_iso(found: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second = (
        int(found[name] or missing)
        for name, missing in (
            ("year", 0), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0),
        )
    )  # fmt: skip
    if not (1 <= month <= 12 and 1 <= day <= _days_in(year, month)):
        return None
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    zone = found["zone"] or "Z"
    shift = 0
    if zone not in "Zz":
        hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
        if hours > 23 or minutes > 59:
            return None
        shift = (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
    seconds = _days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - shift
    return seconds * _NANO + int((found["fraction"] or "").ljust(9, "0"))


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar, for any year; datetime ends at 9999."""
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    months = sum(_days_in(year, each) for each in range(1, month))
    return before * 365 + leaps + months + day - 1 - 719_162


def _fault(value: str) -> str | None:
    if moment(value) is not None:
        return None
    return "expected a date such as 2026-01-31T12:00:00Z, or seconds since 1970"


def _comparing(holds: Callable[[int, int], bool]) -> Callable[[Sequence[str], bool], Test]:
    def compiled(values: Sequence[str], variables: bool) -> Test:
        limits = tuple(limit for limit in map(moment, values) if limit is not None)

        def test(value: str, asked: Asked) -> bool:
            given = moment(value)
            return given is not None and any(holds(given, limit) for limit in limits)

        return test

    return compiled


def _operator(holds: Callable[[int, int], bool], *, negated: bool = False) -> Operator:
    return Operator(_comparing(holds), negated=negated, fault=_fault)


OPERATORS: Final = {
    "DateEquals": _operator(compare.eq),
    "DateNotEquals": _operator(compare.eq, negated=True),
    "DateLessThan": _operator(compare.lt),
    "DateLessThanEquals": _operator(compare.le),
    "DateGreaterThan": _operator(compare.gt),
    "DateGreaterThanEquals": _operator(compare.ge),
}
