"""Statements over functions, layers and waiting events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from inhouse.services.lambda_.tables import events, functions, layers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inhouse.core.ports import Row, Tx
    from inhouse.services.lambda_.names import Function, Layer

_F, _L, _E = functions.c, layers.c, events.c
_OWNED = (_F.account == bindparam("of_account")) & (_F.region == bindparam("of_region"))
_NAMED = _OWNED & (_F.name == bindparam("of_name"))
_FUNCTION = select(functions).where(_NAMED)
_PAGE = (
    select(functions)
    .where(_OWNED, _F.name > bindparam("after"))
    .order_by(_F.name)
    .limit(bindparam("most"))
)
_ADD = insert(functions)
_CHANGE = update(functions).where(_NAMED)
_DROP = delete(functions).where(_NAMED)
_CODES = select(_F.code_blob).union_all(select(_L.code_blob))

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
_HIDE_LAYER = update(layers).where(_LAYER, _L.version == bindparam("of_version")).values(deleted=1)

_EVENT = select(events).where(_E.id == bindparam("of_id"))
_ADD_EVENT = insert(events)
_CHANGE_EVENT = update(events).where(_E.id == bindparam("of_id"))
_DROP_EVENT = delete(events).where(_E.id == bindparam("of_id"))


def function(tx: Tx, chosen: Function) -> Row | None:
    return tx.one(_FUNCTION, **chosen.at)


def page(tx: Tx, account: str, region: str, after: str, most: int) -> list[Row]:
    """Up to `most` functions by name, those up to `after` left out."""
    return tx.all(_PAGE, of_account=account, of_region=region, after=after, most=most)


def add(tx: Tx, chosen: Function, **columns: Any) -> None:
    tx.run(_ADD, account=chosen.account, region=chosen.region, name=chosen.name, **columns)


def change(tx: Tx, chosen: Function, **columns: Any) -> None:
    tx.run(_CHANGE, **chosen.at, **columns)


def drop(tx: Tx, chosen: Function) -> bool:
    return tx.run(_DROP, **chosen.at) > 0


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
        attempts=0,
        throttles=0,
        **columns,
    )


def change_event(tx: Tx, event_id: str, **columns: Any) -> None:
    tx.run(_CHANGE_EVENT, of_id=event_id, **columns)


def drop_event(tx: Tx, event_id: str) -> bool:
    return tx.run(_DROP_EVENT, of_id=event_id) > 0
