"""Policies of users, groups and roles: managed ones attached, inline ones inside, boundaries.

IAM has each of these operations once for each kind; here they are one function under three names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.services.iam import answers, documents, entities, names, pages, rows, targets
from inhouse.services.iam.service_linked import check_free

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.errors import ServiceError
    from inhouse.core.ports import Row

ATTACHED = 10
"""Managed policies an entity may have."""
_QUOTAS = {
    "user": "PoliciesPerUser",
    "group": "PoliciesPerGroup",
    "role": "PoliciesPerRole",
}


def attach(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    row, arn = _changed(call, kind, req), names.check_arn(req["PolicyArn"], "policy")
    if not entities.managed_exists(call, arn):
        raise entities.unattachable(arn)
    rows.attach(call.tx, call.account, row["id"], arn)
    if len(rows.attached(call.tx, row["id"])) > ATTACHED:
        raise names.too_many(_QUOTAS[kind], ATTACHED)


def detach(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    row, arn = _changed(call, kind, req), names.check_arn(req["PolicyArn"], "policy")
    if not rows.detach(call.tx, row["id"], arn):
        raise names.not_found(f"Policy {arn} was not found.")


def attached(call: Call, kind: str, req: Mapping[str, Any]) -> dict[str, Any]:
    row = entities.named(call, kind, req)
    found = rows.attached(call.tx, row["id"])
    prefix = req.get("PathPrefix", "/")
    below = [arn for arn in found if arn.partition(":policy")[2].startswith(prefix)]
    page, more = pages.page(below, req, str)
    return {"AttachedPolicies": [answers.attached(call.tx, arn) for arn in page], **more}


def put(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    row = _changed(call, kind, req)
    name, text = req["PolicyName"], req["PolicyDocument"]
    documents.check(text)
    kept = {**rows.inline_of(call.tx, row["id"]), name: text}
    documents.check_quota(kept.values(), documents.INLINE[kind], row["name"])
    rows.put_inline(call.tx, row["id"], name, text)


def get(call: Call, kind: str, req: Mapping[str, Any]) -> dict[str, Any]:
    row, name = entities.named(call, kind, req), req["PolicyName"]
    text = rows.inline_of(call.tx, row["id"]).get(name)
    if text is None:
        raise _no_inline(kind, name)
    return {
        targets.MEMBERS[kind]: row["name"],
        "PolicyName": name,
        "PolicyDocument": documents.encoded(text),
    }


def drop(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    row, name = entities.named(call, kind, req), req["PolicyName"]
    if not rows.drop_inline(call.tx, row["id"], name):
        raise _no_inline(kind, name)


def inline(call: Call, kind: str, req: Mapping[str, Any]) -> dict[str, Any]:
    row = entities.named(call, kind, req)
    page, more = pages.page(list(rows.inline_of(call.tx, row["id"])), req, str)
    return {"PolicyNames": list(page), **more}


def bound(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    row = _changed(call, kind, req)
    rows.change_entity(call.tx, row["id"], boundary=entities.checked_boundary(call, req))


def unbound(call: Call, kind: str, req: Mapping[str, Any]) -> None:
    row = entities.named(call, kind, req)
    if not row["boundary"]:
        raise names.not_found(f"The {kind} with name {row['name']} has no permissions boundary.")
    rows.change_entity(call.tx, row["id"], boundary=None)


def _changed(call: Call, kind: str, req: Mapping[str, Any]) -> Row:
    """The entity to be changed. Raises UnmodifiableEntity for service-linked roles."""
    row = entities.named(call, kind, req)
    if kind == "role":
        check_free(row)
    return row


def _no_inline(kind: str, name: str) -> ServiceError:
    return names.not_found(f"The {kind} policy with name {name} cannot be found.")
