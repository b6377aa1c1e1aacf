"""Every statement on the tables of SQS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, and_, bindparam, delete, func, insert, select, update

from inhouse.services.sqs.tables import messages, queues, sent

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx

ERASED_AT_ONCE = 1000
EXPIRED_AT_ONCE = 100
_of: BindParameter[Any] = bindparam("of")
_now: BindParameter[Any] = bindparam("now")
_most: BindParameter[Any] = bindparam("most")
_in_box = messages.c.box == _of

_ADD_QUEUE = insert(queues)
_QUEUE = select(queues).where(queues.c.arn == _of)
_CHANGE_QUEUE = update(queues).where(queues.c.arn == _of)
_DROP_QUEUE = delete(queues).where(queues.c.arn == _of)
_QUEUES = (
    select(queues.c.account, queues.c.name)
    .where(
        queues.c.account == bindparam("by"),
        queues.c.region == bindparam("within"),
        queues.c.name > bindparam("after"),
        queues.c.name >= bindparam("prefix"),
        queues.c.name < bindparam("beyond"),
    )
    .order_by(queues.c.name)
    .limit(_most)
)
_SOURCES = (
    select(queues.c.account, queues.c.name, queues.c.arn)
    .where(queues.c.dead_letter_queue == _of, queues.c.arn > bindparam("after"))
    .order_by(queues.c.arn)
    .limit(_most)
)
_ADD_MESSAGE = insert(messages).returning(messages.c.id)
_earlier = messages.alias("earlier")
_first_of_group = ~(
    select(_earlier.c.id)
    .where(
        _earlier.c.box == messages.c.box,
        _earlier.c.group == messages.c.group,
        _earlier.c.id < messages.c.id,
        _earlier.c.visible > _now,
        _earlier.c.expires > _now,
    )
    .exists()
)
_visible = and_(_in_box, messages.c.visible <= _now, messages.c.expires > _now)
_ANY_VISIBLE = select(messages.c.id).where(_visible).limit(1)
_NEXT = select(messages).where(_visible).order_by(messages.c.visible, messages.c.id).limit(_most)
_NEXT_IN_ORDER = (
    select(messages).where(_visible, _first_of_group).order_by(messages.c.id).limit(_most)
)
_NEXT_VISIBLE = select(func.min(messages.c.visible)).where(_in_box, messages.c.visible > _now)
_ONE = select(messages).where(messages.c.id == bindparam("of_id"), _in_box)
_CHANGE = update(messages).where(messages.c.id == bindparam("of_id"))
_DELETE = delete(messages).where(
    messages.c.id == bindparam("of_id"), _in_box, messages.c.receipt == bindparam("with_receipt")
)
_COUNT = select(func.count()).select_from(messages)
_hidden = and_(_in_box, messages.c.visible > _now)
_past = and_(_in_box, messages.c.expires <= _now)
_COUNTS = select(
    # Of an index alone; what is over but not yet removed is few.
    (
        _COUNT.where(_in_box, messages.c.visible <= _now).scalar_subquery()
        - _COUNT.where(_past, messages.c.visible <= _now).scalar_subquery()
    ).label("visible"),
    _COUNT.where(_hidden, messages.c.receipt.is_not(None)).scalar_subquery().label("taken"),
    _COUNT.where(_hidden, messages.c.receipt.is_(None)).scalar_subquery().label("delayed"),
)
_some_expired = (
    select(messages.c.id).where(_in_box, messages.c.expires <= _now).limit(EXPIRED_AT_ONCE)
)
_EXPIRE = delete(messages).where(messages.c.id.in_(_some_expired.scalar_subquery()))
_some_in_box = select(messages.c.id).where(_in_box).limit(ERASED_AT_ONCE)
_ERASE = delete(messages).where(messages.c.id.in_(_some_in_box.scalar_subquery()))
_SET_RETENTION = (
    update(messages).where(_in_box).values(expires=messages.c.sent + bindparam("seconds"))
)
_ADD_SENT = insert(sent)
_SENT = select(sent).where(
    sent.c.box == _of, sent.c.deduplication == bindparam("by"), sent.c.until > _now
)
_FORGET_SENT = delete(sent).where(sent.c.box == _of, sent.c.until <= _now)
_FORGET_BOX = delete(sent).where(sent.c.box == _of)


def add_queue(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_QUEUE, **columns)


def queue(tx: Tx, arn: str) -> Row | None:
    return tx.one(_QUEUE, of=arn)


def change_queue(tx: Tx, arn: str, **columns: Any) -> None:
    tx.run(_CHANGE_QUEUE, of=arn, **columns)


def drop_queue(tx: Tx, arn: str) -> None:
    tx.run(_DROP_QUEUE, of=arn)


def queues_of(tx: Tx, account: str, region: str, prefix: str, after: str, most: int) -> list[Row]:
    """Queues whose names start with `prefix`, by name, those after `after`."""
    return tx.all(
        _QUEUES,
        by=account,
        within=region,
        after=after,
        prefix=prefix,
        beyond=prefix + "\U0010ffff",
        most=most,
    )


def sources_of(tx: Tx, arn: str, after: str, most: int) -> list[Row]:
    """Queues that name `arn` as their dead-letter queue."""
    return tx.all(_SOURCES, of=arn, after=after, most=most)


def add_message(tx: Tx, **columns: Any) -> int:
    """Answers the row's id, which rises with every message."""
    row_id: int = tx.scalar(_ADD_MESSAGE, **columns)
    return row_id


def any_visible(tx: Tx, box: str, now: float) -> bool:
    return tx.scalar(_ANY_VISIBLE, of=box, now=now) is not None


def next_visible(tx: Tx, box: str, now: float) -> float | None:
    """When the next message that is hidden or delayed can be received."""
    found: float | None = tx.scalar(_NEXT_VISIBLE, of=box, now=now)
    return found


def receivable(tx: Tx, box: str, now: float, most: int, *, in_order: bool) -> list[Row]:
    """Up to `most` messages that may be received; `in_order`: of a group, none past one in flight."""
    return tx.all(_NEXT_IN_ORDER if in_order else _NEXT, of=box, now=now, most=most)


def message(tx: Tx, box: str, row_id: int) -> Row | None:
    return tx.one(_ONE, of=box, of_id=row_id)


def change_message(tx: Tx, row_id: int, **columns: Any) -> None:
    tx.run(_CHANGE, of_id=row_id, **columns)


def delete_message(tx: Tx, box: str, row_id: int, receipt: str) -> None:
    tx.run(_DELETE, of=box, of_id=row_id, with_receipt=receipt)


def counts(tx: Tx, box: str, now: float) -> Row:
    """Messages in a box: `visible`, `taken` (in flight), `delayed`."""
    return tx.one(_COUNTS, of=box, now=now)


def expire(tx: Tx, box: str, now: float) -> None:
    """Removes some messages whose time is over, and what is remembered of those sent long ago."""
    tx.run(_EXPIRE, of=box, now=now)
    tx.run(_FORGET_SENT, of=box, now=now)


def erase(tx: Tx, box: str) -> bool:
    """Removes some of a box nobody has any more. False when that was the last of it."""
    tx.run(_FORGET_BOX, of=box)
    return tx.run(_ERASE, of=box) == ERASED_AT_ONCE


def set_retention(tx: Tx, box: str, seconds: float) -> None:
    tx.run(_SET_RETENTION, of=box, seconds=seconds)


def remember_sent(
    tx: Tx, box: str, deduplication: str, message_id: str, sequence: str, until: float
) -> None:
    tx.run(
        _ADD_SENT,
        box=box,
        deduplication=deduplication,
        message=message_id,
        sequence=sequence,
        until=until,
    )


def sent_before(tx: Tx, box: str, deduplication: str, now: float) -> Row | None:
    return tx.one(_SENT, of=box, by=deduplication, now=now)
