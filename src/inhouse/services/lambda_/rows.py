"""Statements over functions, their versions and aliases, layers and waiting events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from inhouse.services.lambda_.names import LATEST
from inhouse.services.lambda_.tables import (
    aliases,
    events,
    functions,
    layers,
    version_numbers,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inhouse.core.ports import Row, Tx
    from inhouse.services.lambda_.names import Function, Layer

_F, _L, _E, _V, _A = functions.c, layers.c, events.c, versions.c, aliases.c
_OWNED = (_F.account == bindparam("of_account")) & (_F.region == bindparam("of_region"))
_NAMED = _OWNED & (_F.name == bindparam("of_name"))
_LATEST = select(functions, literal(LATEST).label("version"))
_FUNCTION = _LATEST.where(_NAMED)
_PAGE = (
    _LATEST.where(_OWNED, _F.name > bindparam("after")).order_by(_F.name).limit(bindparam("most"))
)
_RESERVED = select(func.coalesce(func.sum(_F.concurrency), 0))
_ADD = insert(functions)
_CHANGE = update(functions).where(_NAMED)
_DROP = delete(functions).where(_NAMED)
_CODES = select(_F.code_blob).union_all(select(_L.code_blob), select(_V.code_blob))


def _inside(columns: Any) -> Any:
    return (
        (columns.account == bindparam("of_account"))
        & (columns.region == bindparam("of_region"))
        & (columns.name == bindparam("of_name"))
    )


def _with_function(table: Any) -> Any:
    """Rows of `table` with what only the function has."""
    same = (
        (table.c.account == _F.account) & (table.c.region == _F.region) & (table.c.name == _F.name)
    )
    return select(table, _F.concurrency, _F.tags).join(functions, same).where(_inside(table.c))


_IS_VERSION = _inside(_V) & (_V.version == bindparam("of_version"))
_VERSION = _with_function(versions).where(_V.version == bindparam("of_version"))
_VERSIONS = (
    _with_function(versions)
    .where(_V.version > bindparam("after"))
    .order_by(_V.version)
    .limit(bindparam("most"))
)
_LAST = _with_function(versions).order_by(_V.version.desc()).limit(1)
_ADD_VERSION = insert(versions)
_CHANGE_VERSION = update(versions).where(_IS_VERSION)
_DROP_VERSION = delete(versions).where(_IS_VERSION)
_DROP_VERSIONS = delete(versions).where(_inside(_V)).returning(_V.code_blob)
_USES = select(func.count()).where(_V.code_blob == bindparam("blob"))
_COUNT_UP = (
    upsert(version_numbers)
    .on_conflict_do_update(
        index_elements=["account", "region", "name"], set_={"last": version_numbers.c.last + 1}
    )
    .returning(version_numbers.c.last)
)
_ALL = (
    select(_F.name, literal(0).label("number"))
    .where(_F.account == bindparam("of_account"), _F.region == bindparam("of_region"))
    .union_all(
        select(_V.name, _V.version).where(
            _V.account == bindparam("of_account"), _V.region == bindparam("of_region")
        )
    )
    .subquery()
)
_ALL_PAGE = (
    select(_ALL)
    .where(
        or_(
            _ALL.c.name > bindparam("after"),
            (_ALL.c.name == bindparam("after")) & (_ALL.c.number > bindparam("number")),
        )
    )
    .order_by(_ALL.c.name, _ALL.c.number)
    .limit(bindparam("most"))
)

_SIZES = [
    select(func.count(), func.coalesce(func.sum(table.c.code_size), 0)).where(
        table.c.account == bindparam("of_account"), table.c.region == bindparam("of_region")
    )
    for table in (functions, versions, layers)
]

_IS_ALIAS = _inside(_A) & (_A.alias == bindparam("of_alias"))
_ALIAS = _with_function(aliases).where(_A.alias == bindparam("of_alias"))
_ALIASES = (
    _with_function(aliases)
    .where(_A.alias > bindparam("after"))
    .order_by(_A.alias)
    .limit(bindparam("most"))
)
_ALIASES_OF = _with_function(aliases).where(
    or_(_A.version == bindparam("of_version"), _A.other_version == bindparam("of_version"))
)
_ADD_ALIAS = insert(aliases)
_CHANGE_ALIAS = update(aliases).where(_IS_ALIAS)
_DROP_ALIAS = delete(aliases).where(_IS_ALIAS)
_DROP_ALIASES = delete(aliases).where(_inside(_A))

_LAYER = (
    (_L.account == bindparam("of_account"))
    & (_L.region == bindparam("of_region"))
    & (_L.name == bindparam("of_name"))
)
_LAYER_VERSION = select(layers).where(_LAYER, _L.version == bindparam("of_version"))
_LAYER_VERSIONS = select(layers).where(_LAYER, _L.deleted == 0).order_by(_L.version.desc())
_LAST_VERSION = select(func.max(_L.version)).where(_LAYER)
_LAYERS = (
    select(layers)
    .where(
        _L.account == bindparam("of_account"),
        _L.region == bindparam("of_region"),
        _L.deleted == 0,
    )
    .order_by(_L.name, _L.version)
)
_ADD_LAYER = insert(layers)
_CHANGE_LAYER = update(layers).where(_LAYER, _L.version == bindparam("of_version"))
_HIDE_LAYER = _CHANGE_LAYER.values(deleted=1)

_EVENT = select(events).where(_E.id == bindparam("of_id"))
_ADD_EVENT = insert(events)
_CHANGE_EVENT = update(events).where(_E.id == bindparam("of_id"))
_DROP_EVENT = delete(events).where(_E.id == bindparam("of_id"))


def function(tx: Tx, chosen: Function) -> Row | None:
    """A function's $LATEST, whatever the qualifier."""
    return tx.one(_FUNCTION, **chosen.at)


def named(tx: Tx, chosen: Function) -> Row | None:
    """What the qualifier names: the function, a version, or an alias. Each has a `policy`,
    `events` and a `revision`, and the function's `tags` and `concurrency`."""
    if chosen.qualifier in ("", LATEST):
        return function(tx, chosen)
    if chosen.qualifier.isdecimal():
        return version(tx, chosen, chosen.qualifier)
    return alias(tx, chosen, chosen.qualifier)


def change_named(tx: Tx, chosen: Function, **columns: Any) -> None:
    if chosen.qualifier in ("", LATEST):
        change(tx, chosen, **columns)
    elif chosen.qualifier.isdecimal():
        tx.run(_CHANGE_VERSION, **chosen.at, of_version=int(chosen.qualifier), **columns)
    else:
        change_alias(tx, chosen, chosen.qualifier, **columns)


def version(tx: Tx, chosen: Function, number: str) -> Row | None:
    """`$LATEST` or a published version."""
    if number == LATEST:
        return function(tx, chosen)
    if len(number) > 18 or number.startswith("0"):
        return None
    return tx.one(_VERSION, **chosen.at, of_version=int(number))


def versions_of(tx: Tx, chosen: Function, after: int = 0, most: int = -1) -> list[Row]:
    """The published versions above `after`, oldest first."""
    return tx.all(_VERSIONS, **chosen.at, after=after, most=most)


def last_version(tx: Tx, chosen: Function) -> Row | None:
    return tx.one(_LAST, **chosen.at)


def add_version(tx: Tx, chosen: Function, **columns: Any) -> int:
    """Adds a version; answers its number, which no other version ever had."""
    place = {"account": chosen.account, "region": chosen.region, "name": chosen.name}
    number = int(tx.scalar(_COUNT_UP, **place, last=1))
    tx.run(_ADD_VERSION, **place, version=number, **columns)
    return number


def drop_version(tx: Tx, chosen: Function, number: str) -> None:
    tx.run(_DROP_VERSION, **chosen.at, of_version=int(number))


def uses(tx: Tx, blob: str) -> bool:
    """Whether a version's code is `blob`."""
    return bool(tx.scalar(_USES, blob=blob))


def everything(
    tx: Tx, account: str, region: str, after: str, number: int, most: int
) -> list[tuple[str, int]]:
    """Names of functions with numbers of their versions, 0 for $LATEST."""
    found = tx.all(
        _ALL_PAGE, of_account=account, of_region=region, after=after, number=number, most=most
    )
    return [(row["name"], row["number"]) for row in found]


def alias(tx: Tx, chosen: Function, name: str) -> Row | None:
    return tx.one(_ALIAS, **chosen.at, of_alias=name)


def aliases_of(tx: Tx, chosen: Function, after: str = "", most: int = -1) -> list[Row]:
    return tx.all(_ALIASES, **chosen.at, after=after, most=most)


def aliases_to(tx: Tx, chosen: Function, number: str) -> list[Row]:
    """The aliases that send invocations to a version."""
    return tx.all(_ALIASES_OF, **chosen.at, of_version=number)


def add_alias(tx: Tx, chosen: Function, name: str, **columns: Any) -> None:
    place = {"account": chosen.account, "region": chosen.region, "name": chosen.name}
    tx.run(_ADD_ALIAS, **place, alias=name, **columns)


def change_alias(tx: Tx, chosen: Function, name: str, **columns: Any) -> None:
    tx.run(_CHANGE_ALIAS, **chosen.at, of_alias=name, **columns)


def drop_alias(tx: Tx, chosen: Function, name: str) -> None:
    tx.run(_DROP_ALIAS, **chosen.at, of_alias=name)


def page(tx: Tx, account: str, region: str, after: str, most: int) -> list[Row]:
    """Up to `most` functions by name, those up to `after` left out."""
    return tx.all(_PAGE, of_account=account, of_region=region, after=after, most=most)


def reserved(tx: Tx) -> int:
    """The concurrency that all functions of all accounts have reserved together."""
    row = tx.one(_RESERVED)
    return int(row[0]) if row is not None else 0


def usage(tx: Tx, account: str, region: str) -> tuple[int, int]:
    """How many functions there are, and the bytes of all packages."""
    found = [tx.all(statement, of_account=account, of_region=region)[0] for statement in _SIZES]
    return int(found[0][0]), sum(int(size) for _, size in found)


def add(tx: Tx, chosen: Function, **columns: Any) -> None:
    tx.run(_ADD, account=chosen.account, region=chosen.region, name=chosen.name, **columns)


def change(tx: Tx, chosen: Function, **columns: Any) -> None:
    tx.run(_CHANGE, **chosen.at, **columns)


def drop(tx: Tx, chosen: Function) -> list[str]:
    """Removes a function with its versions and aliases; answers the versions' packages."""
    tx.run(_DROP_ALIASES, **chosen.at)
    tx.run(_DROP, **chosen.at)
    return [row[0] for row in tx.all(_DROP_VERSIONS, **chosen.at)]


def blobs(tx: Tx) -> Iterator[str]:
    """Every package that a function or layer still names."""
    return (row[0] for row in tx.all(_CODES))


def layer(tx: Tx, chosen: Layer) -> Row | None:
    """A version of a layer that exists and has not been deleted."""
    row = used_layer(tx, chosen)
    return None if row is None or row["deleted"] else row


def used_layer(tx: Tx, chosen: Layer) -> Row | None:
    """A version of a layer, deleted or not."""
    return tx.one(_LAYER_VERSION, **chosen.at, of_version=chosen.version)


def layer_versions(tx: Tx, chosen: Layer) -> list[Row]:
    """The versions of a layer, newest first."""
    return tx.all(_LAYER_VERSIONS, **chosen.at)


def all_layers(tx: Tx, account: str, region: str) -> list[Row]:
    """All versions of all layers, by name, oldest first."""
    return tx.all(_LAYERS, of_account=account, of_region=region)


def add_layer(tx: Tx, chosen: Layer, **columns: Any) -> int:
    """Adds the next version of a layer; answers its number."""
    version = int(tx.scalar(_LAST_VERSION, **chosen.at) or 0) + 1
    tx.run(
        _ADD_LAYER,
        account=chosen.account,
        region=chosen.region,
        name=chosen.name,
        version=version,
        deleted=0,
        **columns,
    )
    return version


def change_layer(tx: Tx, chosen: Layer, **columns: Any) -> None:
    tx.run(_CHANGE_LAYER, **chosen.at, of_version=chosen.version, **columns)


def hide_layer(tx: Tx, chosen: Layer) -> None:
    tx.run(_HIDE_LAYER, **chosen.at, of_version=chosen.version)


def event(tx: Tx, event_id: str) -> Row | None:
    return tx.one(_EVENT, of_id=event_id)


def add_event(tx: Tx, chosen: Function, event_id: str, **columns: Any) -> None:
    tx.run(
        _ADD_EVENT,
        id=event_id,
        account=chosen.account,
        region=chosen.region,
        name=chosen.name,
        qualifier=chosen.qualifier,
        attempts=0,
        throttles=0,
        **columns,
    )


def change_event(tx: Tx, event_id: str, **columns: Any) -> None:
    tx.run(_CHANGE_EVENT, of_id=event_id, **columns)


def drop_event(tx: Tx, event_id: str) -> bool:
    return tx.run(_DROP_EVENT, of_id=event_id) > 0
