"""The values behind a slot, as text that grows by concatenation.

Exact while there are few: some 1,000 different values. A longer text is first made shorter by
counting equal values together; if that is not enough, values are rounded to fewer significant
digits, three at best, which moves a percentile by at most half a per cent.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 16_384
"""Characters after which a distribution is made shorter; the result has at most half of that."""


def text(values: Iterable[tuple[float, float]]) -> str:
    """The text of (value, count) pairs."""
    return "".join(
        f"{value!r} " if count == 1 else f"{value!r}*{count!r} " for value, count in values
    )


def parse(distribution: str) -> Counter[float]:
    """Counts by value."""
    counts: Counter[float] = Counter()
    for item in distribution.split():
        value, _, count = item.partition("*")
        counts[float(value)] += float(count) if count else 1  # type: ignore[assignment]
    return counts


def shorter(distribution: str) -> str:
    """The same values in at most half of LONGEST characters, rounded if need be."""
    counts = parse(distribution)
    found = text(counts.items())
    for digits in (3, 2, 1):
        if len(found) <= LONGEST // 2:
            break
        rounded: Counter[float] = Counter()
        for value, count in counts.items():
            rounded[_round(value, digits)] += count
        found = text(rounded.items())
    return found


def percentile(distribution: str, percent: float) -> float:
    """The smallest value that at least `percent` per cent of the values do not exceed."""
    counts = parse(distribution)
    wanted = sum(counts.values()) * percent / 100
    passed = 0.0
    value = math.nan
    for value in sorted(counts):
        passed += counts[value]
        if passed >= wanted - 1e-9:
            break
    return value


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")
