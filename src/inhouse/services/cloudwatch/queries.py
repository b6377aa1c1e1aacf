"""The queries of GetMetricData: stored series, and expressions over other queries.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.cloudwatch import data, expressions, periods, rows, statistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.services.cloudwatch.periods import Range

_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}").fullmatch
_EXPRESSION_CHARACTERS = 2048


@dataclass(slots=True)
class Series:
    """Values by time in seconds since the epoch."""

    label: str
    period: int
    points: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """The queries of one request, and the series found so far, by id."""

    queries: Sequence[Mapping[str, Any]]
    range: Range
    found: dict[str, Series] = field(default_factory=dict)
    depth: int = 0
    """How deep expressions are nested just now, across all queries they refer to."""
    _open: set[str] = field(default_factory=set)

    @property
    def stored(self) -> list[Mapping[str, Any]]:
        return [query for query in self.queries if "MetricStat" in query]

    def read(self, call: Call, query: Mapping[str, Any]) -> None:
        """Finds the series of a query for a metric."""
        stat, metric = query["MetricStat"], query["MetricStat"]["Metric"]
        if query.get("AccountId", call.account) != call.account:
            raise wrong(
                f"MetricDataQueries {query['Id']!r}: AccountId {query['AccountId']!r} is not linked "
                f"to account {call.account}; leave it out."
            )
        period: int = stat["Period"]
        series = self.found[query["Id"]] = Series(metric["MetricName"], period)
        row = rows.metric(
            call.tx,
            call.account,
            call.region,
            metric["Namespace"],
            metric["MetricName"],
            data.dimensions_text(metric.get("Dimensions", ()), "Metric"),
        )
        if row is None:
            return
        aligned, valued = self.range.aligned(period), statistics.needs_values(stat["Stat"])
        compute = statistics.statistic(stat["Stat"])
        for found in rows.series(
            call.tx, row["id"], aligned.start, aligned.end, period, stat.get("Unit"), valued=valued
        ):
            value = compute(found)
            if value is not None:
                series.points[found["bucket"]] = value

    def answer(self, query: Mapping[str, Any]) -> Series:
        """The series of a query, worked out if it is an expression."""
        name = query["Id"]
        if name in self.found:
            return self.found[name]
        if name in self._open:
            raise wrong(f"Error in expression '{name}': it refers to itself.")
        self._open.add(name)
        value = expressions.evaluate(name, query["Expression"], self)
        points = value.points if isinstance(value, expressions.Values) else None
        if points is None:
            raise wrong(
                f"Error in expression '{name}': it must come to one time series, not "
                f"{expressions.describe(value)}."
            )
        self._open.discard(name)
        series = self.found[name] = Series(name, self._period(query), points)
        return series

    def series(self, name: str) -> Series | None:
        """The series of the query called `name`; None when there is no such query."""
        query = next((one for one in self.queries if one["Id"] == name), None)
        return None if query is None else self.answer(query)

    def metrics(self, part: str) -> list[Series]:
        """All stored series whose id contains `part`."""
        return [self.found[query["Id"]] for query in self.stored if part in query["Id"]]

    @property
    def period(self) -> int:
        """Seconds between the datapoints of expressions: the longest of the stored series'."""
        return max((query["MetricStat"]["Period"] for query in self.stored), default=60)

    def _period(self, query: Mapping[str, Any]) -> int:
        period: int = query.get("Period") or self.period
        return period


def plan(queries: Sequence[Mapping[str, Any]], range_: Range) -> Plan:
    """Checks all queries. Raises ValidationError."""
    seen: set[str] = set()
    for number, query in enumerate(queries, 1):
        name: str = query["Id"]
        if not _ID(name):
            raise wrong(
                f"The value {name[:60]!r} for parameter Id is not matching the expected pattern "
                "^[a-z][a-zA-Z0-9_]*$."
            )
        if name in seen:
            raise wrong(f"The values for parameter id in MetricDataQueries are not unique: {name}.")
        seen.add(name)
        _check(query, number, range_)
    if not any(query.get("ReturnData", True) for query in queries):
        raise wrong("At least one of MetricDataQueries must have ReturnData true.")
    return Plan(queries, range_)


def check_range(start: float, end: float) -> None:
    """Raises ValidationError unless `end` falls into a later second than `start`."""
    if start // 1 == end // 1:
        raise wrong("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise wrong("The parameter EndTime must be greater than StartTime.")


def _check(query: Mapping[str, Any], number: int, range_: Range) -> None:
    name = query["Id"]
    if "MetricStat" not in query and "Expression" not in query:
        raise wrong(f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n")
    if "MetricStat" in query and "Expression" in query:
        raise wrong(f"MetricDataQueries {name!r}: give one of MetricStat and Expression.")
    if "Expression" in query:
        if not 1 <= len(query["Expression"]) <= _EXPRESSION_CHARACTERS:
            raise wrong(
                f"Error in expression '{name}': use 1 to {_EXPRESSION_CHARACTERS} characters."
            )
        return
    stat = query["MetricStat"]
    for member in ("Namespace", "MetricName"):
        if not stat["Metric"].get(member):
            raise wrong(f"MetricDataQueries {name!r}: MetricStat.Metric.{member} is required.")
    try:
        periods.check(stat["Period"], range_, f"{name}.MetricStat.Period")
    except ServiceError as problem:
        raise wrong(problem.message) from None
    statistics.statistic(stat["Stat"])


def wrong(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)
