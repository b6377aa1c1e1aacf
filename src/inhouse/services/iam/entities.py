"""What users, groups and roles have in common: found, made, renamed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.services.iam import answers, names, pages, rows, service_uses
from inhouse.services.iam.managed import MANAGED
from inhouse.services.iam.targets import MEMBERS, require_tagging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.errors import ServiceError
    from inhouse.core.ports import Row

QUOTAS = {
    "user": ("UsersPerAccount", 5000),
    "group": ("GroupsPerAccount", 300),
    "role": ("RolesPerAccount", 1000),
}


def find(call: Call, kind: str, name: str) -> Row:
    """Raises NoSuchEntity."""
    row = rows.entity(call.tx, call.account, kind, name)
    if row is None:
        raise names.no_such(kind, name)
    return row


def named(call: Call, kind: str, req: Mapping[str, Any]) -> Row:
    """The entity that a request names. Raises NoSuchEntity."""
    return find(call, kind, req[MEMBERS[kind]])


def make(call: Call, kind: str, req: Mapping[str, Any], **columns: Any) -> Row:
    """A new entity. Raises EntityAlreadyExists, LimitExceeded, ValidationError."""
    name = req[MEMBERS[kind]]
    tags = names.check_tags(req.get("Tags", ()))
    require_tagging(call, kind, name, req)
    if rows.entity(call.tx, call.account, kind, name) is not None:
        raise names.taken(kind.title(), name)
    quota, limit = QUOTAS[kind]
    if rows.count_entities(call.tx, call.account, kind) >= limit:
        raise names.too_many(quota, limit)
    entity_id = call.house.ids.unique(answers.IDS[kind], answers.ID_SIZE)
    rows.add_entity(
        call.tx,
        id=entity_id,
        account=call.account,
        kind=kind,
        name=name,
        path=req.get("Path", "/"),
        created=call.house.clock.time(),
        tags=tags,
        boundary=checked_boundary(call, req),
        **columns,
    )
    return rows.entity_by_id(call.tx, entity_id)


def move(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    """UpdateUser and UpdateGroup: another name, another path."""
    row = named(call, kind, req)
    member = MEMBERS[kind]
    if "NewPath" in req:
        rows.change_entity(call.tx, row["id"], path=req["NewPath"])
    if f"New{member}" in req:
        name = req[f"New{member}"]
        other = rows.entity(call.tx, call.account, kind, name)
        if other is not None and other["id"] != row["id"]:
            raise names.taken(kind.title(), name)
        rows.change_entity(call.tx, row["id"], name=name, lower=name.lower())


def drop(call: Call, row: Row) -> None:
    """Removes an entity that has no policies. Raises DeleteConflict while it has."""
    if rows.attached(call.tx, row["id"]):
        raise names.conflict("detach all policies")
    if rows.inline_of(call.tx, row["id"]):
        raise names.conflict("delete policies")
    service_uses.drop(call.tx, row["id"])
    rows.drop_entity(call.tx, row["id"])


def listed(call: Call, kind: str, req: Mapping[str, Any]) -> dict[str, Any]:
    """A page of entities by path prefix, as ListUsers answers."""
    found = rows.entity_page(
        call.tx,
        call.account,
        kind,
        req.get("PathPrefix", "/"),
        pages.after(req),
        pages.wanted(req) + 1,
    )
    page, more = pages.cut(found, req, by_name)
    return {f"{kind.title()}s": [answers.entity(call.tx, row, whole=False) for row in page], **more}


def by_name(row: Row) -> str:
    return str(row["lower"])


def managed_exists(call: Call, arn: str) -> bool:
    """Whether `arn` is a managed policy that this account may attach."""
    if arn in MANAGED:
        return True
    row = rows.policy(call.tx, arn)
    return row is not None and row["account"] == call.account


def unattachable(arn: str) -> ServiceError:
    return names.not_found(f"Policy {arn} does not exist or is not attachable.")


def checked_boundary(call: Call, req: Mapping[str, Any]) -> str | None:
    arn: str | None = req.get("PermissionsBoundary")
    if arn is not None and not managed_exists(call, names.check_arn(arn, "policy")):
        raise names.not_found(f"Scope ARN: {arn} does not exist or is not attachable.")
    return arn
