"""CloudWatch metrics. How they are stored is told in tables.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.operations import ANY, reads, works
from inhouse.core.ports import Row
from inhouse.services.cloudwatch import data, paging, rows, upkeep
from inhouse.services.cloudwatch.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House
    from inhouse.services.cloudwatch.data import Place, Slot

LISTED = 500
LISTED_FOR = 14 * 86_400
"""Seconds for which ListMetrics tells of a metric that has no more data."""
RECENT = 3 * 3_600
REMEMBERED = 100_000
Name = tuple[str, str, str, str, str]
"""Account, region, namespace, name and dimensions of a metric."""


def namespace_key(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    return {"cloudwatch:namespace": req["Namespace"]}


class CloudwatchService(Reading, upkeep.Upkeep):
    """PutMetricData, ListMetrics, and what is read of metrics."""

    name = "cloudwatch"

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[Name, tuple[int, float]] = {}
        self._upkeep_due = 0.0

    async def start(self) -> None:
        """Forgets what it knows of the rows, which may be others now."""
        self._known = {}
        self._upkeep_due = 0.0

    @works("cloudwatch:PutMetricData", ANY, keys=namespace_key)
    async def put_metric_data(self, call: Call, req: Mapping[str, Any]) -> None:
        internal = not call.origin.source_ip
        data.check_namespace(req["Namespace"], internal=internal)
        found = data.gather(req, self._house.clock.time())
        await call.write(self._store, req["Namespace"], found)

    @reads("cloudwatch:ListMetrics", ANY)
    def list_metrics(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        if req.get("OwningAccount", call.account) != call.account:
            raise data.invalid(
                f"The parameter OwningAccount must be {call.account}: no other account is linked."
            )
        now = self._house.clock.time()
        kept = RECENT if _wants_recent(req) else LISTED_FOR
        after, page = paging.number(req, "InvalidParameterValue"), list[Row]()
        while len(page) <= LISTED:
            found = rows.listed(
                call.tx,
                call.account,
                call.region,
                req.get("Namespace"),
                after=after,
                since=now - kept,
                most=LISTED + 1,
            )
            page += [row for row in found if _fits(row, req)]
            if len(found) <= LISTED:
                break
            after = found[-1]["id"]
        more = {"NextToken": paging.token(page[LISTED - 1]["id"])} if len(page) > LISTED else {}
        return {"Metrics": [_shown(row) for row in page[:LISTED]], **more}

    def _store(self, call: Call, namespace: str, found: Mapping[Place, Slot]) -> None:
        now = self._house.clock.time()
        for (name, dimensions, period, time, unit), slot in found.items():
            metric = (call.account, call.region, namespace, name, dimensions)
            rows.add(call.tx, self._metric_id(call, metric, now), period, time, unit, slot)
        if now > self._upkeep_due:
            self._keep_up(call, now)

    def _metric_id(self, call: Call, metric: Name, now: float) -> int:
        """The metric's id, made if need be. Remembered only once that is committed."""
        known = self._known.get(metric)
        if known is not None and now - known[1] < 60:
            return known[0]
        row = rows.metric(call.tx, *metric)
        if row is None:
            names = ("account", "region", "namespace", "name", "dimensions")
            rows.add_metric(call.tx, **dict(zip(names, metric, strict=True)), seen=now)
            row = rows.metric(call.tx, *metric)
            assert row is not None
        elif now - row["seen"] >= 60:
            rows.see(call.tx, row["id"], now)
        metric_id: int = row["id"]
        call.tx.after_commit(lambda: self._remember(metric, metric_id, now))
        return metric_id

    def _remember(self, metric: Name, metric_id: int, now: float) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[metric] = (metric_id, now)

    def _keep_up(self, call: Call, now: float) -> None:
        """Sees to it that a roll-up is queued, once an hour at most."""
        due = rows.due(call.tx)
        if due is None or due < now - 2 * upkeep.EVERY:
            upkeep.schedule(call)
        call.tx.after_commit(lambda: self._look_again(now + upkeep.EVERY))

    def _look_again(self, moment: float) -> None:
        self._upkeep_due = moment


def _wants_recent(req: Mapping[str, Any]) -> bool:
    wanted = req.get("RecentlyActive")
    if wanted not in (None, "PT3H"):
        raise data.invalid(f"The value {wanted!r} for parameter RecentlyActive is invalid: PT3H.")
    return wanted is not None


def _fits(row: Row, req: Mapping[str, Any]) -> bool:
    if row["name"] != req.get("MetricName", row["name"]):
        return False
    filters = req.get("Dimensions")
    if not filters:
        return True
    dimensions = orjson.loads(row["dimensions"])
    return all(
        one["Name"] in dimensions
        and one.get("Value", dimensions[one["Name"]]) == dimensions[one["Name"]]
        for one in filters
    )


def _shown(row: Row) -> dict[str, Any]:
    dimensions = orjson.loads(row["dimensions"])
    return {
        "Namespace": row["namespace"],
        "MetricName": row["name"],
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
