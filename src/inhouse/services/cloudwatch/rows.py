"""Statements over metrics and slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, bindparam, case, delete, func, select, text, update
from sqlalchemy.dialects.sqlite import insert

from inhouse.services.cloudwatch import distribution
from inhouse.services.cloudwatch.tables import metrics, slots, upkeep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import BindParameter

    from inhouse.core.ports import Row, Tx
    from inhouse.services.cloudwatch.data import Slot

PERIODS = (1, 60, 300, 3600)
_M, _S = metrics.c, slots.c
_ACCOUNT: BindParameter[str] = bindparam("of_account")
_REGION: BindParameter[str] = bindparam("of_region")
_OWNED = (_M.account == _ACCOUNT) & (_M.region == _REGION)
_METRIC = select(metrics).where(
    _OWNED,
    _M.namespace == bindparam("of_namespace"),
    _M.name == bindparam("of_name"),
    _M.dimensions == bindparam("of_dimensions"),
)
_ADD_METRIC = insert(metrics)
_SEEN = update(metrics).where(_M.id == bindparam("of_id"))
_LISTED = (
    select(metrics)
    .where(_OWNED, _M.id > bindparam("after"), _M.seen >= bindparam("since"))
    .order_by(_M.id)
    .limit(bindparam("most"))
)
_LISTED_IN = _LISTED.where(_M.namespace == bindparam("of_namespace"))

_NEW = insert(slots)
_ADD = _NEW.on_conflict_do_update(
    index_elements=["metric", "period", "time", "unit"],
    set_={
        "count": _S.count + _NEW.excluded.count,
        "sum": _S.sum + _NEW.excluded.sum,
        "min": func.min(_S.min, _NEW.excluded.min),
        "max": func.max(_S.max, _NEW.excluded.max),
        "distribution": _S.distribution.concat(_NEW.excluded.distribution),
    },
).returning(func.length(_S.distribution), _S.distribution)
_AT = (
    (_S.metric == bindparam("of_metric"))
    & (_S.period == bindparam("of_period"))
    & (_S.time == bindparam("of_time"))
    & (_S.unit == bindparam("of_unit"))
)
_REWRITE = update(slots).where(_AT)
_START = bindparam("start", type_=Integer)
_STEP = bindparam("step", type_=Integer)
_BUCKET = ((_S.time - _START) // _STEP * _STEP + _START).label("bucket")
_IN_RANGE = and_(
    _S.metric == bindparam("of_metric"),
    # Written out, so that the SQL is constant and the primary key serves each length of slot.
    text("cloudwatch_slots.period IN (1, 60, 300, 3600)"),
    _S.period <= _STEP,
    _S.time >= _START,
    _S.time < bindparam("end"),
)
_SUMS = (
    func.sum(_S.count).label("count"),
    func.sum(_S.sum).label("sum"),
    func.min(_S.min).label("min"),
    func.max(_S.max).label("max"),
)
_VALUES = case(
    (func.count(_S.distribution) == func.count(), func.group_concat(_S.distribution, ""))
).label("distribution")
_SERIES = select(_BUCKET, *_SUMS).where(_IN_RANGE).group_by("bucket").order_by("bucket")
_SERIES_OF_UNIT = _SERIES.where(_S.unit == bindparam("of_unit"))
_VALUED = select(_BUCKET, *_SUMS, _VALUES).where(_IN_RANGE).group_by("bucket").order_by("bucket")
_VALUED_OF_UNIT = _VALUED.where(_S.unit == bindparam("of_unit"))
_BY_UNIT = (
    select(_BUCKET, _S.unit, *_SUMS, _VALUES)
    .where(_IN_RANGE)
    .group_by("bucket", _S.unit)
    .order_by("bucket")
)
_BY_UNIT_OF_UNIT = _BY_UNIT.where(_S.unit == bindparam("of_unit"))

_OLD = (
    select(slots)
    .where(_S.period == bindparam("of_period"), _S.time < bindparam("before"))
    .limit(bindparam("most"))
)
_DROP = delete(slots).where(_AT)
_DROP_METRICS = delete(metrics).where(_M.seen < bindparam("before"))
_DUE = select(upkeep.c.due)
_SET_DUE = insert(upkeep)
_SET_DUE = _SET_DUE.on_conflict_do_update(
    index_elements=["id"], set_={"due": _SET_DUE.excluded.due}
)


def metric(
    tx: Tx, account: str, region: str, namespace: str, name: str, dimensions: str
) -> Row | None:
    return tx.one(
        _METRIC,
        of_account=account,
        of_region=region,
        of_namespace=namespace,
        of_name=name,
        of_dimensions=dimensions,
    )


def add_metric(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_METRIC, **columns)


def see(tx: Tx, metric_id: int, now: float) -> None:
    tx.run(_SEEN, of_id=metric_id, seen=now)


def listed(
    tx: Tx, account: str, region: str, namespace: str | None, *, after: int, since: float, most: int
) -> list[Row]:
    """Metrics with data since `since`, in the order in which they came to be."""
    bounds = {"of_account": account, "of_region": region, "after": after, "since": since}
    if namespace is None:
        return tx.all(_LISTED, **bounds, most=most)
    return tx.all(_LISTED_IN, **bounds, most=most, of_namespace=namespace)


def add(tx: Tx, metric_id: int, period: int, time: int, unit: str, slot: Slot) -> None:
    """Merges a slot into what is there."""
    merge(
        tx,
        metric=metric_id,
        period=period,
        time=time,
        unit=unit,
        count=slot.count,
        sum=slot.sum,
        min=slot.min,
        max=slot.max,
        distribution=slot.distribution,
    )


def merge(tx: Tx, **columns: Any) -> None:
    """The same for a row. A distribution that has grown too long is made shorter."""
    found = tx.one(_ADD, **columns)
    if found is not None and found[0] is not None and found[0] > distribution.LONGEST:
        tx.run(
            _REWRITE,
            of_metric=columns["metric"],
            of_period=columns["period"],
            of_time=columns["time"],
            of_unit=columns["unit"],
            distribution=distribution.shorter(found[1]),
        )


def series(
    tx: Tx, metric_id: int, start: int, end: int, step: int, unit: str | None, *, valued: bool
) -> list[Row]:
    """Sums of `step` seconds each from `start` up to `end`, `bucket` being where each begins.

    Only slots no longer than `step` count. `valued` adds `distribution`, None where unknown.
    """
    bounds = {"of_metric": metric_id, "start": start, "end": end, "step": step}
    if unit is None:
        return tx.all(_VALUED if valued else _SERIES, **bounds)
    return tx.all(_VALUED_OF_UNIT if valued else _SERIES_OF_UNIT, **bounds, of_unit=unit)


def series_by_unit(
    tx: Tx, metric_id: int, start: int, end: int, step: int, unit: str | None
) -> list[Row]:
    """The same, each unit for itself, with distributions."""
    bounds = {"of_metric": metric_id, "start": start, "end": end, "step": step}
    if unit is None:
        return tx.all(_BY_UNIT, **bounds)
    return tx.all(_BY_UNIT_OF_UNIT, **bounds, of_unit=unit)


def older(tx: Tx, period: int, before: float, most: int) -> list[Row]:
    """Up to `most` slots of one length that began before `before`."""
    return tx.all(_OLD, of_period=period, before=before, most=most)


def drop(tx: Tx, found: Iterable[Row]) -> None:
    for row in found:
        tx.run(
            _DROP,
            of_metric=row["metric"],
            of_period=row["period"],
            of_time=row["time"],
            of_unit=row["unit"],
        )


def drop_metrics(tx: Tx, before: float) -> None:
    """Forgets metrics that have had no data since `before`."""
    tx.run(_DROP_METRICS, before=before)


def due(tx: Tx) -> float | None:
    """When the next roll-up is to run; None before the first."""
    found: float | None = tx.scalar(_DUE)
    return found


def set_due(tx: Tx, moment: float) -> None:
    tx.run(_SET_DUE, id=1, due=moment)
