"""Who else may use a version of a layer.

https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.lambda_ import names, rows
from inhouse.services.lambda_.permissions import check_size, document
from inhouse.services.lambda_.versions import check_revision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.lambda_.names import Layer


class LayerPermissions:
    """AddLayerVersionPermission, RemoveLayerVersionPermission, GetLayerVersionPolicy."""

    @writes("lambda:AddLayerVersionPermission", names.of_layer_version)
    def add_layer_version_permission(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.layer(call, req)
        statements = orjson.loads(_current(call, chosen, req)["policy"])
        statement = _statement(chosen, req)
        if any(found["Sid"] == statement["Sid"] for found in statements):
            raise ServiceError(
                "ResourceConflictException",
                f"The statement id ({statement['Sid']}) provided already exists. Please provide a "
                "new statement id, or remove the existing statement.",
                status=409,
                Type="User",
            )
        revision = _store(call, chosen, [*statements, statement])
        return {"Statement": orjson.dumps(statement).decode(), "RevisionId": revision}

    @writes("lambda:RemoveLayerVersionPermission", names.of_layer_version)
    def remove_layer_version_permission(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.layer(call, req)
        statements = orjson.loads(_current(call, chosen, req)["policy"])
        kept = [found for found in statements if found["Sid"] != req["StatementId"]]
        if len(kept) == len(statements):
            raise _missing(f"Statement {req['StatementId']} is not found in resource policy.")
        _store(call, chosen, kept)
        return {}

    @reads("lambda:GetLayerVersionPolicy", names.of_layer_version)
    def get_layer_version_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _current(call, names.layer(call, req), {})
        statements = orjson.loads(row["policy"])
        if not statements:
            raise _missing("No policy is associated with the given resource.")
        return {"Policy": document(statements), "RevisionId": row["revision"]}


def _missing(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message, status=404, Type="User")


def _current(call: Call, chosen: Layer, req: Mapping[str, Any]) -> Row:
    row = rows.layer(call.tx, chosen)
    if row is None:
        raise _missing(f"Layer version {chosen.version_arn} does not exist.")
    check_revision(row, req, "GetLayerVersionPolicy")
    return row


def _statement(chosen: Layer, req: Mapping[str, Any]) -> dict[str, Any]:
    who: Any = req["Principal"]
    if who.isdecimal():
        who = {"AWS": f"arn:aws:iam::{who}:root"}
    elif who != "*":
        who = {"AWS": who}
    statement = {
        "Sid": req["StatementId"],
        "Effect": "Allow",
        "Principal": who,
        "Action": req["Action"],
        "Resource": chosen.version_arn,
    }
    if req.get("OrganizationId"):
        inside = {"aws:PrincipalOrgID": req["OrganizationId"]}
        statement["Condition"] = {"StringEquals": inside}
    return statement


def _store(call: Call, chosen: Layer, statements: list[dict[str, Any]]) -> str:
    """Answers the new revision of the policy."""
    check_size(statements)
    revision = call.house.ids.uuid()
    policy = orjson.dumps(statements).decode()
    rows.change_layer(call.tx, chosen, policy=policy, revision=revision)
    return revision
