"""Rolls old slots up into longer ones, and drops what is past keeping.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import job
from inhouse.services.cloudwatch import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

HOUR, DAY = 3_600, 86_400
KEPT = ((1, 3 * HOUR, 60), (60, 15 * DAY, 300), (300, 63 * DAY, 3600))
"""Slot length, how long such slots are kept, and the length of those they are moved into."""
LAST_KEPT = 455 * DAY
EVERY = HOUR
BATCH = 2_000
"""Slots moved in one transaction, so that no writer waits long."""


class Upkeep:
    """The job that keeps the tables small."""

    @job("cloudwatch.RollUp", attempts=100, concurrency=1)
    async def roll_up(self, call: Call, payload: Mapping[str, Any]) -> None:
        now = call.house.clock.time()
        for period, seconds, target in KEPT:
            before = (now - seconds) // target * target
            while await call.write(move, period, before, target):
                pass
        while await call.write(drop, now - LAST_KEPT):
            pass
        await call.write(schedule)


def schedule(call: Call) -> None:
    """Queues the next roll-up unless one is queued, and drops metrics without any data left."""
    now = call.house.clock.time()
    due = rows.due(call.tx)
    if due is not None and due > now:
        return
    rows.drop_metrics(call.tx, now - LAST_KEPT)
    rows.set_due(call.tx, now + EVERY)
    call.defer("cloudwatch.RollUp", {}, delay=EVERY)


def move(call: Call, period: int, before: float, target: int) -> int:
    """Moves a batch of slots into slots of `target` seconds; answers how many it moved."""
    found = rows.older(call.tx, period, before, BATCH)
    for row in found:
        rows.merge(
            call.tx,
            metric=row["metric"],
            period=target,
            time=row["time"] // target * target,
            unit=row["unit"],
            count=row["count"],
            sum=row["sum"],
            min=row["min"],
            max=row["max"],
            distribution=row["distribution"],
        )
    rows.drop(call.tx, found)
    return len(found)


def drop(call: Call, before: float) -> int:
    found = rows.older(call.tx, rows.PERIODS[-1], before, BATCH)
    rows.drop(call.tx, found)
    return len(found)
