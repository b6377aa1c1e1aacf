"""Periods and time ranges that may be asked for.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.services.cloudwatch.data import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT = (1, 5, 10, 30)
DAY = 86_400
KEPT, EARLY = 455 * DAY, 3 * 3_600
"""Seconds back, and ahead, beyond which there can be no data."""


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds since the epoch; `end` is just after. `age` is how far back `start` lies."""

    start: int
    end: int
    age: float

    def aligned(self, period: int) -> Range:
        """With `start` rounded down to a multiple of the period."""
        return Range(self.start // period * period, self.end, self.age)


def wanted(req: Mapping[str, Any], now: float) -> Range:
    """StartTime and EndTime, the start rounded down as its age demands.

    Raises InvalidParameterValue unless EndTime falls into a later second than StartTime.
    """
    start, end = req["StartTime"].timestamp(), req["EndTime"].timestamp()
    if start // 1 >= end // 1:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    start, end = max(start, now - KEPT), min(end, now + EARLY)
    age = now - start
    grain = 60 if age < 15 * DAY else 300 if age < 63 * DAY else 3600
    if age < 3 * 3600:
        grain = 1
    return Range(int(start // grain) * grain, -int(-end // 1), age)


def check(period: int, range_: Range, member: str = "Period") -> None:
    """Raises InvalidParameterValue for a period that the range's age does not allow."""
    if period not in SHORT and (period < 60 or period % 60):
        raise invalid(
            f"The parameter {member} must be 1, 5, 10, 30 or a multiple of 60; it is {period}."
        )
    if period > DAY:
        raise invalid(f"The parameter {member} must not be greater than {DAY}; it is {period}.")
    for days, grain in ((63, 3600), (15, 300)):
        if range_.age > days * DAY and period % grain:
            raise invalid(
                f"The parameter {member} must be a multiple of {grain} as StartTime is more than "
                f"{days} days ago; it is {period}."
            )
    if range_.age > 3 * 3600 and period < 60:
        raise invalid(
            f"The parameter {member} must be a multiple of 60 as StartTime is more than 3 hours "
            f"ago; it is {period}."
        )
