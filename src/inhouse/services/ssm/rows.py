"""Statements over parameters and their tags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from inhouse.services.ssm.tables import parameters, tags

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx
    from inhouse.services.ssm.names import Selector

_P, _T = parameters.c, tags.c
_OWNED = (_P.account == bindparam("of_account")) & (_P.region == bindparam("of_region"))
_NAMED = _OWNED & (_P.name == bindparam("of_name"))
_LATEST = select(parameters).where(_NAMED, _P.latest == 1)
_VERSION = select(parameters).where(_NAMED, _P.version == bindparam("of_version"))
_HISTORY = (
    select(parameters)
    .where(_NAMED, _P.version > bindparam("after"))
    .order_by(_P.version)
    .limit(bindparam("most"))
)
_VERSIONS = select(parameters).where(_NAMED).order_by(_P.version)
_PAGE = (
    select(parameters)
    .where(
        _OWNED,
        _P.latest == 1,
        _P.name > bindparam("after"),
        _P.name >= bindparam("low"),
        _P.name < bindparam("high"),
    )
    .order_by(_P.name)
)
_ADD = insert(parameters)
_SUPERSEDE = update(parameters).where(_NAMED, _P.latest == 1).values(latest=0)
_LABEL = update(parameters).where(_NAMED, _P.version == bindparam("of_version"))
_DROP_VERSION = delete(parameters).where(_NAMED, _P.version == bindparam("of_version"))
_DROP = delete(parameters).where(_NAMED)
_TAGGED = (
    (_T.account == bindparam("of_account"))
    & (_T.region == bindparam("of_region"))
    & (_T.name == bindparam("of_name"))
)
_TAGS = select(_T.key, _T.value).where(_TAGGED).order_by(_T.key)
_TAG = upsert(tags)
_TAG = _TAG.on_conflict_do_update(
    index_elements=["account", "region", "name", "key"], set_={"value": _TAG.excluded.value}
)
_UNTAG = delete(tags).where(_TAGGED, _T.key == bindparam("of_key"))
_UNTAG_ALL = delete(tags).where(_TAGGED)


def _at(chosen: Selector) -> dict[str, Any]:
    return {"of_account": chosen.account, "of_region": chosen.region, "of_name": chosen.name}


def latest(tx: Tx, chosen: Selector) -> Row | None:
    return tx.one(_LATEST, **_at(chosen))


def stored(tx: Tx, chosen: Selector) -> Selector:
    """`chosen` by the name it is kept under: on one level `a` and `/a` are the same parameter."""
    if latest(tx, chosen) is not None:
        return chosen
    name = chosen.name.removeprefix("/")
    other = replace(chosen, name=name if name != chosen.name else f"/{name}")
    return chosen if "/" in name or latest(tx, other) is None else other


def selected(tx: Tx, chosen: Selector) -> Row | None:
    """The version that the selector's suffix names, the latest when it has none."""
    if not chosen.suffix:
        return latest(tx, chosen)
    if chosen.version is not None:
        return tx.one(_VERSION, **_at(chosen), of_version=chosen.version)
    return next(
        (row for row in versions(tx, chosen) if chosen.label in orjson.loads(row["labels"])), None
    )


def versions(tx: Tx, chosen: Selector) -> list[Row]:
    """All versions, oldest first."""
    return tx.all(_VERSIONS, **_at(chosen))


def history(tx: Tx, chosen: Selector, after: int, most: int) -> list[Row]:
    """Up to `most` versions newer than `after`, oldest first."""
    return tx.all(_HISTORY, **_at(chosen), after=after, most=most)


def page(tx: Tx, account: str, region: str, prefix: str, after: str) -> list[Row]:
    """The latest versions whose names begin with `prefix`, by name, those up to `after` left out."""
    return tx.all(
        _PAGE,
        of_account=account,
        of_region=region,
        after=after,
        low=prefix,
        high=prefix + "\U0010ffff",
    )


def add(tx: Tx, chosen: Selector, version: int, **columns: Any) -> None:
    """Adds `version` and makes it the latest."""
    tx.run(_SUPERSEDE, **_at(chosen))
    tx.run(
        _ADD,
        account=chosen.account,
        region=chosen.region,
        name=chosen.name,
        version=version,
        latest=1,
        **columns,
    )


def drop_version(tx: Tx, chosen: Selector, version: int) -> None:
    tx.run(_DROP_VERSION, **_at(chosen), of_version=version)


def drop(tx: Tx, chosen: Selector) -> bool:
    """Deletes all versions and tags; answers whether there were any."""
    tx.run(_UNTAG_ALL, **_at(chosen))
    return tx.run(_DROP, **_at(chosen)) > 0


def set_labels(tx: Tx, chosen: Selector, version: int, labels: list[str]) -> None:
    tx.run(_LABEL, **_at(chosen), of_version=version, labels=orjson.dumps(labels).decode())


def tags_of(tx: Tx, chosen: Selector) -> dict[str, str]:
    return {row["key"]: row["value"] for row in tx.all(_TAGS, **_at(chosen))}


def tag(tx: Tx, chosen: Selector, key: str, value: str) -> None:
    tx.run(
        _TAG, account=chosen.account, region=chosen.region, name=chosen.name, key=key, value=value
    )


def untag(tx: Tx, chosen: Selector, key: str) -> None:
    tx.run(_UNTAG, **_at(chosen), of_key=key)
