"""The durable queue: jobs are rows, inserted on the transaction that makes them necessary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, update

from inhouse.work.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.operations import JobSpec
    from inhouse.core.ports import Row, Tx
    from inhouse.core.principal import Principal

_ADD = insert(jobs)
_READY = (jobs.c.state == "ready") & (jobs.c.lease < bindparam("now"))
_IN_LANE = (jobs.c.kind == bindparam("of_kind"), jobs.c.lane == bindparam("of_lane"))
_NEXT = (
    select(jobs.c.id)
    .where(_READY, *_IN_LANE, jobs.c.due <= bindparam("now"))
    .order_by(jobs.c.due, jobs.c.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(jobs)
    .where(jobs.c.id.in_(_NEXT.scalar_subquery()))
    .values(lease=bindparam("until"), attempts=jobs.c.attempts + 1)
    .returning(jobs)
)
_DUE = (
    select(jobs.c.due)
    .where(jobs.c.state == "ready", *_IN_LANE, jobs.c.lease == 0)
    .order_by(jobs.c.due)
    .limit(1)
)
_FIRST_LANE = select(func.min(jobs.c.lane).label("lane")).where(
    jobs.c.state == "ready", jobs.c.kind == bindparam("of_kind")
)
_LANE = _FIRST_LANE.cte("lane", recursive=True)
_NEXT_LANE = _FIRST_LANE.where(jobs.c.lane > _LANE.c.lane).correlate(_LANE).scalar_subquery()
_LANES = select(
    _LANE.union_all(select(_NEXT_LANE).select_from(_LANE).where(_LANE.c.lane.is_not(None))).c.lane
)
"""From one lane to the next: a look into the index a lane, however many jobs wait."""
_DELETE = delete(jobs).where(jobs.c.id == bindparam("job"))
_CHANGE = update(jobs).where(jobs.c.id == bindparam("job"))
_HELD = update(jobs).where(jobs.c.lease > 0)
_RELEASE_ALL = _HELD.values(lease=0.0, attempts=jobs.c.attempts - 1)
_RELEASE_LOST = _HELD.where(jobs.c.lease < bindparam("now")).values(lease=0.0)
_COUNT = select(jobs.c.kind, jobs.c.state, func.count().label("count")).group_by(
    jobs.c.kind, jobs.c.state
)


class DurableQueue:
    """Implements core's `Queue`; the runner takes from it.

    `wake` is called after each commit that added jobs.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def add(
        self,
        call: Call,
        kind: str,
        payload: Mapping[str, Any],
        *,
        delay: float,
        as_: Principal,
        lane: str = "",
    ) -> None:
        clock = call.house.clock
        call.tx.run(
            _ADD,
            kind=kind,
            lane=lane,
            payload=orjson.dumps(payload).decode(),
            principal=orjson.dumps(as_.to_row()).decode(),
            account=call.account,
            region=call.region,
            state="ready",
            due=clock.steady() + delay,
            lease=0.0,
            attempts=0,
            created=clock.time(),
        )
        call.tx.after_commit(self._wake)

    def due(self, tx: Tx, kinds: Iterable[JobSpec]) -> dict[tuple[str, str], float]:
        """For each of `kinds` with waiting jobs, and each of its lanes, when the first is due.

        One look into the index a kind: it is asked after every job, however many wait.
        """
        found = {}
        for spec in kinds:
            for lane in self._lanes(tx, spec.kind) if spec.lanes else ("",):
                due = tx.scalar(_DUE, of_kind=spec.kind, of_lane=lane)
                if due is not None:
                    found[spec.kind, lane] = due
        return found

    def _lanes(self, tx: Tx, kind: str) -> list[str]:
        return [row[0] for row in tx.all(_LANES, of_kind=kind) if row[0] is not None]

    def claim(
        self, tx: Tx, kind: str, most: int, now: float, lease: float, lane: str = ""
    ) -> list[Row]:
        """Takes up to `most` due jobs for `lease` seconds, oldest first; counts an attempt."""
        rows = tx.all(_CLAIM, of_kind=kind, of_lane=lane, now=now, most=most, until=now + lease)
        return sorted(rows, key=lambda row: (row["due"], row["id"]))

    def finish(self, tx: Tx, job: int) -> None:
        tx.run(_DELETE, job=job)

    def retry(self, tx: Tx, job: int, *, due: float, attempts: int, error: str) -> None:
        tx.run(_CHANGE, job=job, due=due, lease=0.0, attempts=attempts, error=error)

    def bury(self, tx: Tx, job: int, error: str) -> None:
        """Keeps the job as dead, with its reason, for people to see."""
        tx.run(_CHANGE, job=job, state="dead", lease=0.0, error=error)

    def renew(self, tx: Tx, job: int, until: float) -> None:
        tx.run(_CHANGE, job=job, lease=until)

    def release_all(self, tx: Tx) -> None:
        """At start: whoever held a lease is gone, for the data directory has one server.

        That the server ended was no failure of the job, so the attempt does not count.
        """
        tx.run(_RELEASE_ALL)

    def release_lost(self, tx: Tx, now: float) -> int:
        """Frees jobs whose lease ran out, as nobody could say how they ended; answers how many."""
        return tx.run(_RELEASE_LOST, now=now)

    def counts(self, tx: Tx) -> dict[tuple[str, str], int]:
        """Jobs by kind and state."""
        return {(row["kind"], row["state"]): row["count"] for row in tx.all(_COUNT)}
