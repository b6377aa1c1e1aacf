"""Statements over accounts, entities, their keys, policies and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, update

from inhouse.services.iam.tables import (
    accounts,
    attachments,
    entities,
    inline,
    keys,
    members,
    policies,
    sessions,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import BindParameter

    from inhouse.core.ports import Row, Tx

_E, _K, _P, _V, _A = entities.c, keys.c, policies.c, versions.c, attachments.c
_I, _M, _S = inline.c, members.c, sessions.c
_ACCOUNT: BindParameter[str] = bindparam("of_account")
_KIND: BindParameter[str] = bindparam("of_kind")
_LOWER: BindParameter[str] = bindparam("of_lower")
_ID: BindParameter[str] = bindparam("of_id")
_ARN: BindParameter[str] = bindparam("of_arn")
_NAME: BindParameter[str] = bindparam("of_name")

_ACCOUNT_ROW = select(accounts).where(accounts.c.id == _ID)
_ACCOUNTS = select(accounts).order_by(accounts.c.id)
_ALIASED = select(accounts.c.id).where(accounts.c.alias == _NAME)
_ADD_ACCOUNT = insert(accounts)
_CHANGE_ACCOUNT = update(accounts).where(accounts.c.id == _ID)

_ENTITY = select(entities).where(_E.account == _ACCOUNT, _E.kind == _KIND, _E.lower == _LOWER)
_ENTITY_BY_ID = select(entities).where(_E.id == _ID)
_ENTITIES = (
    select(entities)
    .where(
        _E.account == _ACCOUNT,
        _E.kind == _KIND,
        _E.lower > bindparam("after"),
        _E.path >= bindparam("low"),
        _E.path < bindparam("high"),
    )
    .order_by(_E.lower)
    .limit(bindparam("most"))
)
_COUNT_ENTITIES = select(func.count()).where(_E.account == _ACCOUNT, _E.kind == _KIND)
_ADD_ENTITY = insert(entities)
_CHANGE_ENTITY = update(entities).where(_E.id == _ID)
_DROP_ENTITY = delete(entities).where(_E.id == _ID)
_BOUND = select(entities).where(_E.boundary == _ARN, _E.account == _ACCOUNT).order_by(_E.lower)

_JOIN = insert(members).prefix_with("OR IGNORE")
_LEAVE = delete(members).where(_M.group_id == bindparam("of_group"), _M.user_id == _ID)
_GROUPS = select(entities).join(members, _M.group_id == _E.id).where(_M.user_id == _ID)
_GROUPS = _GROUPS.order_by(_E.lower)
_USERS = select(entities).join(members, _M.user_id == _E.id).where(_M.group_id == _ID)
_USERS = _USERS.order_by(_E.lower)

_KEY = (
    select(keys, accounts.c.status.label("account_status"))
    .join(accounts, accounts.c.id == _K.account)
    .where(_K.id == _ID)
)
_KEYS = select(keys).where(_K.account == _ACCOUNT, _K.user_id == _ID, _K.status != "Deleted")
_KEYS = _KEYS.order_by(_K.created, _K.id)
_ADD_KEY = insert(keys)
_CHANGE_KEY = update(keys).where(_K.id == _ID)

_SESSION = (
    select(sessions, accounts.c.status.label("account_status"))
    .join(accounts, accounts.c.id == _S.account)
    .where(_S.id == _ID)
)
_ADD_SESSION = insert(sessions)
_DROP_SESSIONS = delete(sessions).where(_S.expires < bindparam("before"))

_ATTACH = insert(attachments).prefix_with("OR IGNORE")
_DETACH = delete(attachments).where(_A.entity_id == _ID, _A.arn == _ARN)
_ATTACHED = select(_A.arn).where(_A.entity_id == _ID).order_by(_A.arn)
_COUNT_ATTACHED = select(func.count()).where(_A.arn == _ARN, _A.account == _ACCOUNT)
_ATTACHED_TO = (
    select(entities)
    .join(attachments, _A.entity_id == _E.id)
    .where(_A.arn == _ARN, _A.account == _ACCOUNT)
    .order_by(_E.lower)
)
_INLINE = select(inline).where(_I.entity_id == _ID).order_by(_I.name)
_ADD_INLINE = insert(inline).prefix_with("OR REPLACE")
_DROP_INLINE = delete(inline).where(_I.entity_id == _ID, _I.name == _NAME)

_POLICY = select(policies).where(_P.arn == _ARN)
_POLICY_NAMED = select(policies).where(_P.account == _ACCOUNT, _P.lower == _LOWER)
_POLICIES = select(policies).where(_P.account == _ACCOUNT).order_by(_P.lower)
_ADD_POLICY = insert(policies)
_CHANGE_POLICY = update(policies).where(_P.arn == _ARN)
_DROP_POLICY = delete(policies).where(_P.arn == _ARN)
_VERSION = select(versions).where(_V.arn == _ARN, _V.version == bindparam("of_version"))
_VERSIONS = select(versions).where(_V.arn == _ARN).order_by(_V.version.desc())
_ADD_VERSION = insert(versions)
_DROP_VERSION = delete(versions).where(_V.arn == _ARN, _V.version == bindparam("of_version"))
_DROP_VERSIONS = delete(versions).where(_V.arn == _ARN)
_DEFAULT_DOCUMENT = (
    select(_V.document)
    .join(policies, (_P.arn == _V.arn) & (_P.default_version == _V.version))
    .where(_V.arn == _ARN)
)


def account(tx: Tx, account_id: str) -> Row | None:
    return tx.one(_ACCOUNT_ROW, of_id=account_id)


def all_accounts(tx: Tx) -> list[Row]:
    return tx.all(_ACCOUNTS)


def aliased(tx: Tx, alias: str) -> str | None:
    """The account that has `alias`."""
    found: str | None = tx.scalar(_ALIASED, of_name=alias)
    return found


def add_account(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_ACCOUNT, **columns)


def change_account(tx: Tx, account_id: str, **columns: Any) -> None:
    tx.run(_CHANGE_ACCOUNT, of_id=account_id, **columns)


def entity(tx: Tx, account_id: str, kind: str, name: str) -> Row | None:
    """The user, group or role called `name`, in any case."""
    return tx.one(_ENTITY, of_account=account_id, of_kind=kind, of_lower=name.lower())


def entity_by_id(tx: Tx, entity_id: str) -> Row | None:
    return tx.one(_ENTITY_BY_ID, of_id=entity_id)


def entity_page(
    tx: Tx, account_id: str, kind: str, prefix: str = "/", after: str = "", most: int = -1
) -> list[Row]:
    """Entities whose path begins with `prefix`, by name, those up to `after` left out."""
    return tx.all(
        _ENTITIES,
        of_account=account_id,
        of_kind=kind,
        after=after,
        low=prefix,
        high=prefix + "\U0010ffff",
        most=most,
    )


def count_entities(tx: Tx, account_id: str, kind: str) -> int:
    return int(tx.scalar(_COUNT_ENTITIES, of_account=account_id, of_kind=kind))


def add_entity(tx: Tx, *, name: str, tags: Mapping[str, str], **columns: Any) -> None:
    lower, text = name.lower(), orjson.dumps(tags).decode()
    tx.run(_ADD_ENTITY, name=name, lower=lower, tags=text, **columns)


def change_entity(tx: Tx, entity_id: str, **columns: Any) -> None:
    tx.run(_CHANGE_ENTITY, of_id=entity_id, **columns)


def drop_entity(tx: Tx, entity_id: str) -> None:
    tx.run(_DROP_ENTITY, of_id=entity_id)


def bounded_by(tx: Tx, account_id: str, arn: str) -> list[Row]:
    """Users and roles of an account whose permissions boundary is the policy `arn`."""
    return tx.all(_BOUND, of_account=account_id, of_arn=arn)


def join(tx: Tx, group_id: str, user_id: str) -> None:
    tx.run(_JOIN, group_id=group_id, user_id=user_id)


def leave(tx: Tx, group_id: str, user_id: str) -> bool:
    return tx.run(_LEAVE, of_group=group_id, of_id=user_id) > 0


def groups_of(tx: Tx, user_id: str) -> list[Row]:
    return tx.all(_GROUPS, of_id=user_id)


def users_in(tx: Tx, group_id: str) -> list[Row]:
    return tx.all(_USERS, of_id=group_id)


def key(tx: Tx, key_id: str) -> Row | None:
    """An access key, deleted ones too, and `account_status`."""
    return tx.one(_KEY, of_id=key_id)


def keys_of(tx: Tx, account_id: str, user_id: str) -> list[Row]:
    """The access keys of a user (empty id: the root user), oldest first."""
    return tx.all(_KEYS, of_account=account_id, of_id=user_id)


def add_key(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_KEY, **columns)


def change_key(tx: Tx, key_id: str, **columns: Any) -> None:
    tx.run(_CHANGE_KEY, of_id=key_id, **columns)


def session(tx: Tx, key_id: str) -> Row | None:
    """A session, expired ones too until they are swept, and `account_status`."""
    return tx.one(_SESSION, of_id=key_id)


def add_session(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_SESSION, **columns)


def drop_sessions(tx: Tx, before: float) -> None:
    """Forgets the sessions that expired before `before`."""
    tx.run(_DROP_SESSIONS, before=before)


def attach(tx: Tx, account_id: str, entity_id: str, arn: str) -> None:
    tx.run(_ATTACH, account=account_id, entity_id=entity_id, arn=arn)


def detach(tx: Tx, entity_id: str, arn: str) -> bool:
    return tx.run(_DETACH, of_id=entity_id, of_arn=arn) > 0


def attached(tx: Tx, entity_id: str) -> list[str]:
    """ARNs of the managed policies attached to an entity."""
    return [row["arn"] for row in tx.all(_ATTACHED, of_id=entity_id)]


def attached_to(tx: Tx, account_id: str, arn: str) -> list[Row]:
    """The entities of an account that the policy `arn` is attached to."""
    return tx.all(_ATTACHED_TO, of_account=account_id, of_arn=arn)


def count_attached(tx: Tx, account_id: str, arn: str) -> int:
    return int(tx.scalar(_COUNT_ATTACHED, of_account=account_id, of_arn=arn))


def inline_of(tx: Tx, entity_id: str) -> dict[str, str]:
    """Documents of an entity's inline policies by name."""
    return {row["name"]: row["document"] for row in tx.all(_INLINE, of_id=entity_id)}


def put_inline(tx: Tx, entity_id: str, name: str, document: str) -> None:
    tx.run(_ADD_INLINE, entity_id=entity_id, name=name, document=document)


def drop_inline(tx: Tx, entity_id: str, name: str) -> bool:
    return tx.run(_DROP_INLINE, of_id=entity_id, of_name=name) > 0


def policy(tx: Tx, arn: str) -> Row | None:
    return tx.one(_POLICY, of_arn=arn)


def policy_named(tx: Tx, account_id: str, name: str) -> Row | None:
    return tx.one(_POLICY_NAMED, of_account=account_id, of_lower=name.lower())


def policies_of(tx: Tx, account_id: str) -> list[Row]:
    """The customer managed policies of an account, by name."""
    return tx.all(_POLICIES, of_account=account_id)


def add_policy(tx: Tx, *, name: str, tags: Mapping[str, str], **columns: Any) -> None:
    tx.run(_ADD_POLICY, name=name, lower=name.lower(), tags=orjson.dumps(tags).decode(), **columns)


def change_policy(tx: Tx, policy_arn: str, **columns: Any) -> None:
    tx.run(_CHANGE_POLICY, of_arn=policy_arn, **columns)


def drop_policy(tx: Tx, arn: str) -> None:
    tx.run(_DROP_VERSIONS, of_arn=arn)
    tx.run(_DROP_POLICY, of_arn=arn)


def version(tx: Tx, arn: str, number: int) -> Row | None:
    return tx.one(_VERSION, of_arn=arn, of_version=number)


def versions_of(tx: Tx, arn: str) -> list[Row]:
    """All versions of a customer managed policy, newest first."""
    return tx.all(_VERSIONS, of_arn=arn)


def add_version(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_VERSION, **columns)


def drop_version(tx: Tx, arn: str, number: int) -> None:
    tx.run(_DROP_VERSION, of_arn=arn, of_version=number)


def default_document(tx: Tx, arn: str) -> str | None:
    """The default version of a customer managed policy."""
    document: str | None = tx.scalar(_DEFAULT_DOCUMENT, of_arn=arn)
    return document


def tags_of(row: Row) -> dict[str, str]:
    tags: dict[str, str] = orjson.loads(row["tags"])
    return tags
