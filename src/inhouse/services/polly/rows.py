"""Statements over tasks and lexicons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from inhouse.services.polly.tables import lexicons, tasks

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KEPT = 72 * 3600.0
"""Seconds a task can be asked about. https://docs.aws.amazon.com/polly/latest/dg/asynchronous.html"""

_T, _L = tasks.c, lexicons.c
_OWN_TASK = (_T.account == bindparam("of_account")) & (_T.region == bindparam("of_region"))
_OWN_LEXICON = (_L.account == bindparam("of_account")) & (_L.region == bindparam("of_region"))
_TASK = select(tasks).where(_OWN_TASK, _T.id == bindparam("of_id"))
_TASKS = (
    select(tasks)
    .where(_OWN_TASK, _T.created > bindparam("since"), _T.created <= bindparam("until"))
    .order_by(_T.created.desc(), _T.id)
)
_ADD_TASK = insert(tasks)
_SET_TASK = update(tasks).where(_OWN_TASK, _T.id == bindparam("of_id"))
_FORGET = delete(tasks).where(_T.created < bindparam("before"))
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


def _own(call: Call) -> dict[str, str]:
    return {"of_account": call.account, "of_region": call.region}


def task(call: Call, task_id: str) -> Row | None:
    """A task of the caller's account and region that is not forgotten yet."""
    row = call.tx.one(_TASK, **_own(call), of_id=task_id)
    return row if row is not None and row["created"] > call.now.timestamp() - KEPT else None


def tasks_until(call: Call, until: float) -> list[Row]:
    """Tasks not forgotten yet and created up to `until`, newest first."""
    return call.tx.all(_TASKS, **_own(call), since=call.now.timestamp() - KEPT, until=until)


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
