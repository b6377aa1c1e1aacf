"""Statements over tasks, lexicons and remembered marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from inhouse.services.polly.tables import lexicons, marks, tasks

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KEPT = 72 * 3600.0
"""Seconds a task can be asked about. https://docs.aws.amazon.com/polly/latest/dg/asynchronous.html"""

_T, _L, _M = tasks.c, lexicons.c, marks.c
_OWN_TASK = (_T.account == bindparam("of_account")) & (_T.region == bindparam("of_region"))
_OWN_LEXICON = (_L.account == bindparam("of_account")) & (_L.region == bindparam("of_region"))
_TASK = select(tasks).where(_OWN_TASK, _T.id == bindparam("of_id"))
_TASKS = (
    select(tasks)
    .where(
        _OWN_TASK,
        _T.created > bindparam("since"),
        _T.created <= bindparam("until"),
        or_(_T.created < bindparam("until"), _T.id > bindparam("last")),
    )
    .order_by(_T.created.desc(), _T.id)
    .limit(bindparam("most"))
)
_TASKS_OF_STATUS = _TASKS.where(_T.status == bindparam("of_status"))
_ADD_TASK = insert(tasks)
_SET_TASK = update(tasks).where(_OWN_TASK, _T.id == bindparam("of_id"))
_FORGET = delete(tasks).where(
    _T.created < bindparam("before"), _T.status.in_(("completed", "failed"))
)
_LEXICON = select(lexicons).where(_OWN_LEXICON, _L.name == bindparam("of_name"))
_LEXICONS = select(lexicons).where(_OWN_LEXICON).order_by(_L.name)
_PUT_LEXICON = upsert(lexicons)
_PUT_LEXICON = _PUT_LEXICON.on_conflict_do_update(
    index_elements=["account", "region", "name"],
    set_={
        column: _PUT_LEXICON.excluded[column]
        for column in ("content", "alphabet", "language", "lexemes", "modified")
    },
)
_DROP_LEXICON = delete(lexicons).where(_OWN_LEXICON, _L.name == bindparam("of_name"))
_MARKS = select(_M.marks).where(
    _M.digest == bindparam("of_digest"), _M.created > bindparam("since")
)
_KEEP_MARKS = upsert(marks)
_KEEP_MARKS = _KEEP_MARKS.on_conflict_do_update(
    index_elements=["digest"],
    set_={column: _KEEP_MARKS.excluded[column] for column in ("created", "size", "marks")},
)
_FORGET_MARKS = delete(marks).where(_M.created < bindparam("before"))
_HELD = select(_M.created, func.sum(_M.size).over(order_by=_M.created.desc()).label("held"))
_HELD_SINCE = _HELD.subquery()
_TRIM_MARKS = delete(marks).where(
    _M.created
    <= select(func.max(_HELD_SINCE.c.created))
    .where(_HELD_SINCE.c.held > bindparam("most"))
    .scalar_subquery()
)


def _own(call: Call) -> dict[str, str]:
    return {"of_account": call.account, "of_region": call.region}


def task(call: Call, task_id: str) -> Row | None:
    """A task of the caller's account and region that is not forgotten yet."""
    row = call.tx.one(_TASK, **_own(call), of_id=task_id)
    return row if row is not None and row["created"] > call.now.timestamp() - KEPT else None


def any_task(call: Call, task_id: str) -> Row | None:
    """A task however old: it is done also where a clock was set or upstream was long away."""
    return call.tx.one(_TASK, **_own(call), of_id=task_id)


def tasks_before(call: Call, until: float, last: str, status: str | None, most: int) -> list[Row]:
    """At most `most` tasks not forgotten yet, newest first.

    They were created before `until`, or then with an id after `last`; of a status, if it is given.
    """
    place = {"since": call.now.timestamp() - KEPT, "until": until, "last": last, "most": most}
    if status is None:
        return call.tx.all(_TASKS, **_own(call), **place)
    return call.tx.all(_TASKS_OF_STATUS, **_own(call), **place, of_status=status)


def add_task(call: Call, **columns: Any) -> None:
    """Adds a task; those past their time are forgotten on the way."""
    call.tx.run(_FORGET, before=call.now.timestamp() - KEPT)
    call.tx.run(_ADD_TASK, account=call.account, region=call.region, **columns)


def set_task(call: Call, task_id: str, **columns: Any) -> None:
    call.tx.run(_SET_TASK, **_own(call), of_id=task_id, **columns)


def lexicon(call: Call, name: str) -> Row | None:
    return call.tx.one(_LEXICON, **_own(call), of_name=name)


def all_lexicons(call: Call) -> list[Row]:
    return call.tx.all(_LEXICONS, **_own(call))


def put_lexicon(call: Call, **columns: Any) -> None:
    call.tx.run(_PUT_LEXICON, account=call.account, region=call.region, **columns)


def drop_lexicon(call: Call, name: str) -> bool:
    return call.tx.run(_DROP_LEXICON, **_own(call), of_name=name) > 0


def marks_of(call: Call, digest: str) -> bytes | None:
    """Marks remembered under a digest that are not forgotten yet."""
    since = call.house.clock.steady() - KEPT
    row = call.tx.one(_MARKS, of_digest=digest, since=since)
    return row["marks"] if row is not None else None


def keep_marks(call: Call, digest: str, packed: bytes, size: int) -> None:
    """Remembers marks; those past their time are forgotten on the way."""
    now = call.house.clock.steady()
    call.tx.run(_FORGET_MARKS, before=now - KEPT)
    call.tx.run(_KEEP_MARKS, digest=digest, created=now, size=size, marks=packed)


def trim_marks(call: Call, most: int) -> None:
    """Forgets the oldest marks beyond `most` bytes in all."""
    call.tx.run(_TRIM_MARKS, most=most)
