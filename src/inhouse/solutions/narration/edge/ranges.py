"""Byte ranges of an answer. RFC 9110 section 14: one range; several are answered with the whole."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(\d*)-(\d*)", re.ASCII)
_DIGITS = 19
"""More than any file has; a longer number means the same and is costly to read."""


class Unsatisfiable(Exception):
    """The range lies behind the end: 416."""


def requested(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the byte after the last; None for the whole.

    What is no range of bytes is passed over, as HTTP wants it. Raises Unsatisfiable.
    """
    unit, equals, spans = (header or "").strip().partition("=")
    if not equals or unit.strip().lower() != "bytes":
        return None
    wanted = [one for one in (part.strip(" \t") for part in spans.split(",")) if one]
    match = _SPAN.fullmatch(wanted[0]) if len(wanted) == 1 else None
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - _number(last)), size
    else:
        if last and _magnitude(last) < _magnitude(first):
            return None
        start, end = _number(first), min(_number(last) + 1, size) if last else size
    if start >= end:
        raise Unsatisfiable
    return start, end


def _magnitude(digits: str) -> tuple[int, str]:
    """Orders numbers of any length."""
    plain = digits.lstrip("0")
    return len(plain), plain


def _number(digits: str) -> int:
    return int(digits.lstrip("0")[:_DIGITS] or "0")
