"""Accounts, and the admin of the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.core.ports import Key
from inhouse.services.iam import answers, rows
from inhouse.services.iam.identities import root_principal
from inhouse.services.iam.managed import PREFIX

if TYPE_CHECKING:
    from inhouse.core.ports import House, Row, Tx

ADMIN = "admin"


class KeyTaken(ValueError):
    """The configured admin key id is somebody else's."""


def create_account(house: House, tx: Tx, account_id: str, name: str, email: str = "") -> Key:
    """A new account with an access key for its root user. Raises ValueError if it exists."""
    if rows.account(tx, account_id) is not None:
        raise ValueError(f"account {account_id} exists already")
    _add_account(house, tx, account_id, name, email)
    key_id, secret = house.ids.unique("AKIA"), house.ids.token(30)
    _add_key(house, tx, account_id, "", key_id, secret)
    return Key(secret, root_principal(account_id, key_id))


def bootstrap(house: House, tx: Tx, account_id: str, key_id: str, secret: str) -> None:
    """Makes sure of the management account and that its admin has the key.

    A key that the admin deactivated or deleted stays so until it is given with a new secret. When
    the admin has two other keys, the older makes room. Raises KeyTaken when the id is another
    user's.
    """
    if rows.account(tx, account_id) is None:
        _add_account(house, tx, account_id, "management", "")
    user = rows.entity(tx, account_id, "user", ADMIN) or _add_admin(house, tx, account_id)
    known = rows.key(tx, key_id)
    if known is None:
        kept = rows.keys_of(tx, account_id, user["id"])
        if len(kept) > 1:
            rows.change_key(tx, kept[0]["id"], status="Deleted")
        _add_key(house, tx, account_id, user["id"], key_id, secret)
    elif known["account"] != account_id or known["user_id"] != user["id"]:
        raise KeyTaken(f"access key {key_id} belongs to another user; choose another id")
    elif known["secret"] != secret:
        rows.change_key(tx, key_id, secret=secret, status="Active")


def _add_account(house: House, tx: Tx, account_id: str, name: str, email: str) -> None:
    rows.add_account(
        tx,
        id=account_id,
        name=name,
        email=email or f"{account_id}@accounts.invalid",
        status="ACTIVE",
        created=house.clock.time(),
    )


def _add_admin(house: House, tx: Tx, account_id: str) -> Row:
    user_id = house.ids.unique(answers.IDS["user"], answers.ID_SIZE)
    rows.add_entity(
        tx,
        id=user_id,
        account=account_id,
        kind="user",
        name=ADMIN,
        path="/",
        created=house.clock.time(),
        tags={},
    )
    rows.attach(tx, account_id, user_id, f"{PREFIX}/AdministratorAccess")
    return rows.entity_by_id(tx, user_id)


def _add_key(house: House, tx: Tx, account_id: str, user_id: str, key_id: str, secret: str) -> None:
    rows.add_key(
        tx,
        id=key_id,
        account=account_id,
        user_id=user_id,
        secret=secret,
        status="Active",
        created=house.clock.time(),
    )
