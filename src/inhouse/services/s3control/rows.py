"""The SQL of access points and public access blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from inhouse.services.s3control.tables import access_points, blocks

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx
    from inhouse.services.s3control.names import Name

_A = access_points.c
_OF_KIND = (
    (_A.account == bindparam("of_account"))
    & (_A.region == bindparam("of_region"))
    & (_A.object_lambda == bindparam("of_kind"))
)
_THE_POINT = _OF_KIND & (_A.name == bindparam("of_name"))
_POINT = select(access_points).where(_THE_POINT)
_ANYWHERE = select(access_points).where(
    _A.account == bindparam("of_account"),
    _A.object_lambda == bindparam("of_kind"),
    _A.name == bindparam("of_name"),
)
_BY_ALIAS = select(access_points).where(_A.alias == bindparam("of_alias"))
_BEHIND = (
    select(_A.name)
    .where(_A.account == bindparam("of_account"), _A.bucket == bindparam("of_bucket"))
    .limit(1)
)
_PAGE = (
    select(access_points)
    .where(_OF_KIND, _A.name > bindparam("after"))
    .order_by(_A.name)
    .limit(bindparam("most"))
)
_PAGE_OF_BUCKET = (
    select(access_points)
    .where(_OF_KIND, _A.bucket == bindparam("of_bucket"), _A.name > bindparam("after"))
    .order_by(_A.name)
    .limit(bindparam("most"))
)
_COUNT = select(func.count()).select_from(access_points).where(_OF_KIND)
_ADD = insert(access_points)
_CHANGE = update(access_points).where(_THE_POINT)
_DELETE = delete(access_points).where(_THE_POINT)

_BLOCK = select(blocks).where(blocks.c.account == bindparam("of_account"))
_ADD_BLOCK = insert(blocks)
_DELETE_BLOCK = delete(blocks).where(blocks.c.account == bindparam("of_account"))


def point(tx: Tx, name: Name) -> Row | None:
    return tx.one(_POINT, **_key(name))


def anywhere(tx: Tx, account: str, name: str, *, object_lambda: bool) -> Row | None:
    """The access point of that name in whichever region it is."""
    return tx.one(_ANYWHERE, of_account=account, of_kind=int(object_lambda), of_name=name)


def by_alias(tx: Tx, alias: str) -> Row | None:
    return tx.one(_BY_ALIAS, of_alias=alias)


def is_behind(tx: Tx, account: str, bucket: str) -> bool:
    """Whether the account has an access point to the bucket."""
    return tx.one(_BEHIND, of_account=account, of_bucket=bucket) is not None


def page(tx: Tx, of: Name, most: int, *, bucket: str | None = None) -> list[Row]:
    """Access points by name, behind that of `of`; those of `bucket` if one is given."""
    given = {**_kind(of), "after": of.name, "most": most}
    if bucket is None:
        return tx.all(_PAGE, **given)
    return tx.all(_PAGE_OF_BUCKET, **given, of_bucket=bucket)


def count(tx: Tx, of: Name) -> int:
    """How many access points of its kind are in its account and region."""
    return int(tx.scalar(_COUNT, **_kind(of)))


def add(tx: Tx, name: Name, **values: Any) -> None:
    tx.run(
        _ADD,
        account=name.account,
        region=name.region,
        object_lambda=int(name.object_lambda),
        name=name.name,
        **values,
    )


def change(tx: Tx, name: Name, **values: Any) -> None:
    tx.run(_CHANGE, **_key(name), **values)


def remove(tx: Tx, name: Name) -> None:
    tx.run(_DELETE, **_key(name))


def block(tx: Tx, account: str) -> str | None:
    """The account's public access block as JSON."""
    row = tx.one(_BLOCK, of_account=account)
    return None if row is None else str(row["block"])


def put_block(tx: Tx, account: str, text: str | None) -> None:
    """Replaces the account's public access block; None removes it."""
    tx.run(_DELETE_BLOCK, of_account=account)
    if text is not None:
        tx.run(_ADD_BLOCK, account=account, block=text)


def _kind(name: Name) -> dict[str, Any]:
    return {
        "of_account": name.account,
        "of_region": name.region,
        "of_kind": int(name.object_lambda),
    }


def _key(name: Name) -> dict[str, Any]:
    return {**_kind(name), "of_name": name.name}
