"""Rows as boto3 users know them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from inhouse.services.iam import naming, rows
from inhouse.services.iam.documents import encoded
from inhouse.services.iam.managed import CREATED, MANAGED, ManagedPolicy
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Row, Tx

IDS = {"user": "AIDA", "group": "AGPA", "role": "AROA", "policy": "ANPA"}
ID_SIZE = 17
"""Characters after the prefix; older ids have 16."""


def date(seconds: float) -> datetime:
    """IAM tells whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def entity(tx: Tx, row: Row, *, whole: bool = True) -> dict[str, Any]:
    """A User, Group or Role. Lists leave out tags, boundary and last use: `whole` False."""
    title = row["kind"].title()
    shown: dict[str, Any] = {
        "Path": row["path"],
        f"{title}Name": row["name"],
        f"{title}Id": row["id"],
        "Arn": entity_arn(row),
        "CreateDate": date(row["created"]),
    }
    if row["kind"] == "role":
        shown["AssumeRolePolicyDocument"] = encoded(naming.by_arn(tx, row["trust"]))
        shown["MaxSessionDuration"] = row["max_session"]
        if row["description"] is not None:
            shown["Description"] = row["description"]
        if whole:
            shown["RoleLastUsed"] = role_last_used(row)
    if whole:
        shown.update(_bounds_and_tags(row))
    return shown


def made(shown: dict[str, Any]) -> dict[str, Any]:
    """A Role or Policy as CreateRole and CreatePolicy tell it: without what Get adds."""
    for member in ("Description", "MaxSessionDuration", "RoleLastUsed"):
        shown.pop(member, None)
    if not shown.get("Tags"):
        shown.pop("Tags", None)
    return shown


def role_last_used(row: Row) -> dict[str, Any]:
    if row["last_used"] is None:
        return {}
    return {"LastUsedDate": date(row["last_used"]), "Region": row["last_region"]}


def _bounds_and_tags(row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if row["boundary"]:
        shown["PermissionsBoundary"] = boundary(row["boundary"])
    tags = rows.tags_of(row)
    if tags:
        shown["Tags"] = tag_list(tags)
    return shown


def boundary(arn: str) -> dict[str, str]:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def policy(tx: Tx, account: str, row: Row | ManagedPolicy, *, whole: bool = True) -> dict[str, Any]:
    """A Policy, with its use in `account`. Lists leave out description and tags."""
    shown = _managed(row) if isinstance(row, ManagedPolicy) else _customer(row)
    arn = shown["Arn"]
    shown["AttachmentCount"] = rows.count_attached(tx, account, arn)
    shown["PermissionsBoundaryUsageCount"] = len(rows.bounded_by(tx, account, arn))
    shown["IsAttachable"] = True
    if not whole:
        shown.pop("Description", None)
    else:
        tags = {} if isinstance(row, ManagedPolicy) else rows.tags_of(row)
        shown["Tags"] = tag_list(tags)
    return shown


def _managed(known: ManagedPolicy) -> dict[str, Any]:
    return {
        "PolicyName": known.name,
        "PolicyId": known.id,
        "Arn": known.arn,
        "Path": known.path,
        "DefaultVersionId": "v1",
        "Description": known.description,
        "CreateDate": date(CREATED),
        "UpdateDate": date(CREATED),
    }


def _customer(row: Row) -> dict[str, Any]:
    shown = {
        "PolicyName": row["name"],
        "PolicyId": row["id"],
        "Arn": row["arn"],
        "Path": row["path"],
        "DefaultVersionId": f"v{row['default_version']}",
        "CreateDate": date(row["created"]),
        "UpdateDate": date(row["updated"]),
    }
    return {**shown, "Description": row["description"]} if row["description"] else shown


def version(row: Row, default: int, *, document: bool = False) -> dict[str, Any]:
    shown = {
        "VersionId": f"v{row['version']}",
        "IsDefaultVersion": row["version"] == default,
        "CreateDate": date(row["created"]),
    }
    return {**shown, "Document": encoded(row["document"])} if document else shown


def managed_version(known: ManagedPolicy, *, document: bool = False) -> dict[str, Any]:
    shown = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": date(CREATED)}
    return {**shown, "Document": encoded(known.document)} if document else shown


def attached(tx: Tx, arn: str) -> dict[str, str]:
    """An attached managed policy: name and ARN."""
    known = MANAGED.get(arn)
    row = None if known else rows.policy(tx, arn)
    name = known.name if known else row["name"] if row is not None else arn.rpartition("/")[2]
    return {"PolicyName": name, "PolicyArn": arn}
