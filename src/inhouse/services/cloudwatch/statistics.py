"""Statistics of a bucket, and which there are.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.services.cloudwatch import distribution

if TYPE_CHECKING:
    from inhouse.core.ports import Row

Statistic = Callable[["Row"], "float | None"]
PLAIN: dict[str, Statistic] = {
    "SampleCount": lambda row: float(row["count"]),
    "Sum": lambda row: float(row["sum"]),
    "Average": lambda row: float(row["sum"] / row["count"]),
    "Minimum": lambda row: float(row["min"]),
    "Maximum": lambda row: float(row["max"]),
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)").fullmatch


def statistic(name: str) -> Statistic:
    """The function for a statistic's name. Raises ValidationError for those we do not have.

    A percentile is the smallest value that so many per cent of the values do not exceed. It is
    None, no datapoint, where a statistic set hides the values.
    """
    plain = PLAIN.get(name)
    if plain is not None:
        return plain
    match = _PERCENTILE(name)
    if match is None:
        raise ServiceError(
            "ValidationError",
            f"The value {name[:40]!r} for parameter Stat is not supported: use "
            f"{', '.join(PLAIN)} or a percentile such as p99.9.",
        )
    percent = float(match[1])

    def percentile(row: Row) -> float | None:
        found = row["distribution"]
        return None if found is None else distribution.percentile(found, percent)

    return percentile


def needs_values(name: str) -> bool:
    return name not in PLAIN
