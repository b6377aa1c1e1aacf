"""Time-based one-time passwords. https://www.rfc-editor.org/rfc/rfc6238"""

from __future__ import annotations

import hmac

PERIOD, DIGITS = 30, 6


def step(seconds: float) -> int:
    """The number of the period that a moment lies in."""
    return int(seconds) // PERIOD


def code(seed: bytes, at: int) -> str:
    """The six digits of period `at`."""
    digest = hmac.digest(seed, at.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def fits(seed: bytes, given: str, at: int, *, around: int, after: int = -1) -> int | None:
    """The period nearest to `at` whose code is `given`, none up to `after`."""
    for distance in range(around + 1):
        for near in dict.fromkeys((at - distance, at + distance)):
            if near > max(after, -1) and hmac.compare_digest(code(seed, near), given):
                return near
    return None


def consecutive(seed: bytes, first: str, second: str, at: int, *, around: int) -> int | None:
    """The period of `second`, where `first` is the code of the one before it."""
    for distance in range(around + 1):
        for near in dict.fromkeys((at - distance, at + distance)):
            if near > 0 and (code(seed, near - 1), code(seed, near)) == (first, second):
                return near
    return None
