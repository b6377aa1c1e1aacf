"""Statements over what an account has beside its users, groups, roles and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, update

from inhouse.services.iam.tables import resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import BindParameter

    from inhouse.core.ports import Row, Tx

_R = resources.c
_ACCOUNT: BindParameter[str] = bindparam("of_account")
_KIND: BindParameter[str] = bindparam("of_kind")
_ID: BindParameter[str] = bindparam("of_id")

_NAMED = select(resources).where(
    _R.account == _ACCOUNT, _R.kind == _KIND, _R.lower == bindparam("of_lower")
)
_ALL = select(resources).where(_R.account == _ACCOUNT, _R.kind == _KIND).order_by(_R.lower)
_COUNT = select(func.count()).where(_R.account == _ACCOUNT, _R.kind == _KIND)
_OWNED = select(resources).where(_R.owner == bindparam("of_owner"), _R.kind == _KIND)
_OWNED = _OWNED.order_by(_R.created, _R.lower)
_ADD = insert(resources)
_CHANGE = update(resources).where(_R.id == _ID)
_DROP = delete(resources).where(_R.id == _ID)
_DROP_OLD = delete(resources).where(
    _R.account == _ACCOUNT, _R.kind == _KIND, _R.created < bindparam("before")
)


def named(tx: Tx, account: str, kind: str, name: str) -> Row | None:
    """The resource called `name`, in any case."""
    return tx.one(_NAMED, of_account=account, of_kind=kind, of_lower=name.lower())


def of_kind(tx: Tx, account: str, kind: str) -> list[Row]:
    """All resources of a kind, by name."""
    return tx.all(_ALL, of_account=account, of_kind=kind)


def count(tx: Tx, account: str, kind: str) -> int:
    return int(tx.scalar(_COUNT, of_account=account, of_kind=kind))


def owned(tx: Tx, owner: str, kind: str) -> list[Row]:
    """What belongs to a user or role, oldest first."""
    return tx.all(_OWNED, of_owner=owner, of_kind=kind)


def add(
    tx: Tx, *, name: str, tags: Mapping[str, str], details: Mapping[str, Any], **columns: Any
) -> None:
    tx.run(
        _ADD,
        name=name,
        lower=name.lower(),
        tags=orjson.dumps(tags).decode(),
        details=orjson.dumps(details).decode(),
        **columns,
    )


def change(tx: Tx, row: Row, **columns: Any) -> None:
    """Sets columns; `tags` and `details` are mappings, and `details` go over the old ones."""
    if "details" in columns:
        columns["details"] = {**details(row), **columns["details"]}
    for column in ("tags", "details"):
        if column in columns:
            columns[column] = orjson.dumps(columns[column]).decode()
    tx.run(_CHANGE, of_id=row["id"], **columns)


def drop(tx: Tx, row: Row) -> None:
    tx.run(_DROP, of_id=row["id"])


def drop_old(tx: Tx, account: str, kind: str, before: float) -> None:
    """Drops what was made before a time in seconds since the epoch."""
    tx.run(_DROP_OLD, of_account=account, of_kind=kind, before=before)


def details(row: Row) -> dict[str, Any]:
    known: dict[str, Any] = orjson.loads(row["details"])
    return known


def arn(row: Row) -> str:
    return f"arn:aws:iam::{row['account']}:{row['kind']}{row['path']}{row['name']}"
