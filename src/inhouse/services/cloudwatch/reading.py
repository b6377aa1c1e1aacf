"""GetMetricStatistics and GetMetricData."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads, works
from inhouse.services.cloudwatch import data, paging, periods, queries, rows, statistics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row
    from inhouse.services.cloudwatch.queries import Series

DATAPOINTS, MOST_STATISTICS = 1440, 10
MOST_QUERIES, MOST_DATAPOINTS = 500, 100_800


class Reading:
    """What is read of metrics' data."""

    _house: House

    @reads("cloudwatch:GetMetricStatistics", ANY)
    def get_metric_statistics(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        range_ = periods.wanted(req, self._house.clock.time())
        period = req["Period"]
        periods.check(period, range_)
        range_ = range_.aligned(min(period, 60))
        points = -(-(range_.end - range_.start) // period)
        if points > DATAPOINTS:
            raise ServiceError(
                "InvalidParameterCombination",
                f"You have requested up to {points:,} datapoints, which exceeds the limit of "
                f"{DATAPOINTS:,}. You may reduce the datapoints requested by increasing Period, or "
                "decreasing the time range.",
            )
        plain, extended = _statistics(req)
        metric = rows.metric(
            call.tx,
            call.account,
            call.region,
            req["Namespace"],
            req["MetricName"],
            data.dimensions_text(req.get("Dimensions", ()), "Dimensions"),
        )
        found: list[Row] = []
        if metric is not None:
            found = rows.series_by_unit(
                call.tx, metric["id"], range_.start, range_.end, period, req.get("Unit")
            )
        shown = [_datapoint(row, plain, extended) for row in found]
        return {"Label": req["MetricName"], "Datapoints": shown}

    @works("cloudwatch:GetMetricData", ANY)
    async def get_metric_data(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        queries.check_range(req["StartTime"].timestamp(), req["EndTime"].timestamp())
        range_ = periods.wanted(req, self._house.clock.time())
        order, most = req.get("ScanBy", "TimestampDescending"), _most(req)
        if order not in ("TimestampDescending", "TimestampAscending"):
            raise data.invalid(f"The value {order!r} for parameter ScanBy is invalid.")
        asked: Sequence[Mapping[str, Any]] = req["MetricDataQueries"]
        if not 1 <= len(asked) <= MOST_QUERIES:
            raise queries.wrong(f"MetricDataQueries: use 1 to {MOST_QUERIES}, not {len(asked)}.")
        plan = queries.plan(asked, range_)
        for query in plan.stored:
            plan.read(call, query)
            await asyncio.sleep(0)  # others get their turn between queries
        results = [
            (query, plan.answer(query)) for query in plan.queries if query.get("ReturnData", True)
        ]
        page, more = _page(
            results, paging.number(req, "InvalidNextToken"), most, descending=order[9] == "D"
        )
        return {"MetricDataResults": page, "Messages": [], **more}


def _statistics(req: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    plain, extended = req.get("Statistics", ()), req.get("ExtendedStatistics", ())
    if not plain and not extended:
        raise ServiceError(
            "InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics"
        )
    for number, name in enumerate(plain, 1):
        if name not in statistics.PLAIN:
            raise data.invalid(
                f"The parameter Statistics.member.{number} must be a value in the set "
                f"[{', '.join(statistics.PLAIN)}]. {name[:40]!r} may be an extended statistic."
            )
    if len(extended) > MOST_STATISTICS:
        raise data.invalid(f"ExtendedStatistics: at most {MOST_STATISTICS} can be asked for.")
    for name in extended:
        if name in statistics.PLAIN:
            raise data.invalid(f"ExtendedStatistics: {name} belongs in Statistics.")
        statistics.statistic(name)
    return plain, extended


def _datapoint(row: Row, plain: Sequence[str], extended: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"Timestamp": _moment(row["bucket"]), "Unit": row["unit"]}
    for name in plain:
        shown[name] = statistics.PLAIN[name](row)
    values = {name: statistics.statistic(name)(row) for name in extended}
    known = {name: value for name, value in values.items() if value is not None}
    return {**shown, "ExtendedStatistics": known} if known else shown


def _most(req: Mapping[str, Any]) -> int:
    most: int = req.get("MaxDatapoints", MOST_DATAPOINTS)
    if not 1 <= most <= MOST_DATAPOINTS:
        raise queries.wrong(f"MaxDatapoints {most}: use 1 to {MOST_DATAPOINTS}.")
    return most


def _page(
    results: Sequence[tuple[Mapping[str, Any], Series]], start: int, most: int, *, descending: bool
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The results whose datapoints fall on this page: `most` of them from the `start`-th on."""
    page: list[dict[str, Any]] = []
    passed = 0
    for query, series in results:
        first, last = max(start - passed, 0), start + most - passed
        total = len(series.points)
        if total:
            here = first < total and last > 0
        else:  # stands on the page on which the series before it ended
            here = start < passed <= start + most or passed == start == 0
        passed += total
        if not here:
            continue
        moments = sorted(series.points, reverse=descending)[first:last]
        page.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or series.label,
                "Timestamps": [_moment(moment) for moment in moments],
                "Values": [series.points[moment] for moment in moments],
                "StatusCode": "Complete" if last >= total else "PartialData",
            }
        )
    return page, {"NextToken": paging.token(start + most)} if passed > start + most else {}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
