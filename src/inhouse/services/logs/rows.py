"""Statements over log groups, streams and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update

from inhouse.services.logs.tables import events, groups, streams

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx
    from inhouse.services.logs.names import Group

OVERHEAD = 26
"""What each event counts for beyond its message, as CloudWatch Logs counts it.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

_G, _S, _E = groups.c, streams.c, events.c
_OWNED = (_G.account == bindparam("of_account")) & (_G.region == bindparam("of_region"))
_GROUP = select(groups).where(_OWNED, _G.name == bindparam("of_name"))
_GROUPS = (
    select(groups)
    .where(_OWNED, _G.name > bindparam("after"))
    .order_by(_G.name)
    .limit(bindparam("most"))
)
_ADD_GROUP = insert(groups)
_GROW = (
    update(groups).where(_G.id == bindparam("of_id")).values(size=groups.c.size + bindparam("more"))
)
_DROP_GROUP = (
    delete(events).where(_E.group_id == bindparam("of_id")),
    delete(streams).where(_S.group_id == bindparam("of_id")),
    delete(groups).where(_G.id == bindparam("of_id")),
)

_STREAM = select(streams).where(
    _S.group_id == bindparam("of_group"), _S.name == bindparam("of_name")
)
_STREAMS = select(streams).where(_S.group_id == bindparam("of_group")).order_by(_S.name)
_ADD_STREAM = insert(streams)
_CHANGE_STREAM = update(streams).where(_S.id == bindparam("of_id"))
_STREAM_SIZE = select(func.sum(func.length(_E.message))).where(_E.stream_id == bindparam("of_id"))
_DROP_STREAM = (
    delete(events).where(_E.stream_id == bindparam("of_id")),
    delete(streams).where(_S.id == bindparam("of_id")),
)

_ADD_EVENT = insert(events)
_OLDEST = (
    select(_E.id, _E.message)
    .where(_E.group_id == bindparam("of_group"))
    .order_by(_E.timestamp, _E.id)
    .limit(bindparam("most"))
)
_DROP_EVENT = delete(events).where(_E.id == bindparam("of_id"))
_WITH_STREAM = select(events, _S.name.label("stream")).join(streams, _S.id == _E.stream_id)
_place = tuple_(_E.timestamp, _E.id)
_BETWEEN = (_E.timestamp >= bindparam("start")) & (_E.timestamp < bindparam("end"))
_AFTER = _place > tuple_(bindparam("after_time"), bindparam("after_id"))
_BEFORE = _place < tuple_(bindparam("before_time"), bindparam("before_id"))
_OF_GROUP = (
    _WITH_STREAM.where(_E.group_id == bindparam("of_group"), _BETWEEN, _AFTER)
    .order_by(_E.timestamp, _E.id)
    .limit(bindparam("most"))
)
_OF_STREAM = _WITH_STREAM.where(_E.stream_id == bindparam("of_stream"), _BETWEEN)
_FORWARD = _OF_STREAM.where(_AFTER).order_by(_E.timestamp, _E.id).limit(bindparam("most"))
_BACKWARD = (
    _OF_STREAM.where(_BEFORE).order_by(_E.timestamp.desc(), _E.id.desc()).limit(bindparam("most"))
)

Place = tuple[int, int]
"""Where an event stands: its timestamp and id."""


def group(tx: Tx, chosen: Group) -> Row | None:
    return tx.one(_GROUP, of_account=chosen.account, of_region=chosen.region, of_name=chosen.name)


def groups_after(tx: Tx, account: str, region: str, after: str, most: int) -> list[Row]:
    return tx.all(_GROUPS, of_account=account, of_region=region, after=after, most=most)


def add_group(tx: Tx, chosen: Group, created: int) -> None:
    tx.run(
        _ADD_GROUP,
        account=chosen.account,
        region=chosen.region,
        name=chosen.name,
        created=created,
        size=0,
    )


def drop_group(tx: Tx, group_id: int) -> None:
    for statement in _DROP_GROUP:
        tx.run(statement, of_id=group_id)


def stream(tx: Tx, group_id: int, name: str) -> Row | None:
    return tx.one(_STREAM, of_group=group_id, of_name=name)


def streams_of(tx: Tx, group_id: int) -> list[Row]:
    return tx.all(_STREAMS, of_group=group_id)


def add_stream(tx: Tx, group_id: int, name: str, created: int) -> None:
    tx.run(_ADD_STREAM, group_id=group_id, name=name, created=created)


def drop_stream(tx: Tx, group_id: int, stream_id: int) -> None:
    size = tx.scalar(_STREAM_SIZE, of_id=stream_id) or 0
    for statement in _DROP_STREAM:
        tx.run(statement, of_id=stream_id)
    tx.run(_GROW, of_id=group_id, more=-size)


def add_events(tx: Tx, stream: Row, accepted: list[dict[str, Any]], now: int) -> int:
    """Adds events, which are in order of time; answers the characters they count for."""
    size = 0
    for event in accepted:
        size += len(event["message"]) + OVERHEAD
        tx.run(
            _ADD_EVENT,
            group_id=stream["group_id"],
            stream_id=stream["id"],
            timestamp=event["timestamp"],
            ingested=now,
            message=event["message"],
        )
    first = accepted[0]["timestamp"]
    last = accepted[-1]["timestamp"]
    tx.run(
        _CHANGE_STREAM,
        of_id=stream["id"],
        first=first if stream["first"] is None else min(first, stream["first"]),
        last=last if stream["last"] is None else max(last, stream["last"]),
        ingested=now,
    )
    tx.run(_GROW, of_id=stream["group_id"], more=size)
    return size


def drop_oldest(tx: Tx, group_id: int, most: int) -> None:
    """Removes a group's oldest events, at most so many."""
    size = 0
    for row in tx.all(_OLDEST, of_group=group_id, most=most):
        size += len(row["message"]) + OVERHEAD
        tx.run(_DROP_EVENT, of_id=row["id"])
    tx.run(_GROW, of_id=group_id, more=-size)


def of_group(tx: Tx, group_id: int, start: int, end: int, after: Place, most: int) -> list[Row]:
    """Events of all streams after a place, in order of time."""
    return tx.all(
        _OF_GROUP,
        of_group=group_id,
        start=start,
        end=end,
        after_time=after[0],
        after_id=after[1],
        most=most,
    )


def forward(tx: Tx, stream_id: int, start: int, end: int, after: Place, most: int) -> list[Row]:
    return tx.all(
        _FORWARD,
        of_stream=stream_id,
        start=start,
        end=end,
        after_time=after[0],
        after_id=after[1],
        most=most,
    )


def backward(tx: Tx, stream_id: int, start: int, end: int, before: Place, most: int) -> list[Row]:
    """The last events before a place, in order of time."""
    found = tx.all(
        _BACKWARD,
        of_stream=stream_id,
        start=start,
        end=end,
        before_time=before[0],
        before_id=before[1],
        most=most,
    )
    return found[::-1]
