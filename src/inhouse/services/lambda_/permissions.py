"""The resource policy of a function, a version or an alias, one statement at a time.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.lambda_ import names, rows
from inhouse.services.lambda_.versions import check_revision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.lambda_.names import Function

POLICY = 20_480
"""Bytes of a function's policy."""
_ACCOUNT = re.compile(r"\d{12}")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazon(aws)?\.com")


class Permissions:
    """AddPermission, RemovePermission, GetPolicy."""

    @writes("lambda:AddPermission", names.of_qualified)
    def add_permission(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = _chosen(call, req)
        row = _current(call, chosen, req)
        statements = orjson.loads(row["policy"])
        statement = _statement(chosen, req)
        if any(found["Sid"] == statement["Sid"] for found in statements):
            raise ServiceError(
                "ResourceConflictException",
                f"The statement id ({statement['Sid']}) provided already exists. Please provide a "
                "new statement id, or remove the existing statement.",
                status=409,
                Type="User",
            )
        statements.append(_kept(call, statement))
        _store(call, chosen, statements)
        return {"Statement": orjson.dumps(statement).decode()}

    @writes("lambda:RemovePermission", names.of_qualified)
    def remove_permission(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = _chosen(call, req)
        statements = orjson.loads(_current(call, chosen, req)["policy"])
        if not statements:
            raise ServiceError(
                "ResourceNotFoundException",
                "No policy is associated with the given resource.",
                status=404,
                Type="User",
            )
        kept = [found for found in statements if found["Sid"] != req["StatementId"]]
        if len(kept) == len(statements):
            raise ServiceError(
                "ResourceNotFoundException",
                f"Statement {req['StatementId']} is not found in resource policy.",
                status=404,
                Type="User",
            )
        _store(call, chosen, kept)
        return {}

    @reads("lambda:GetPolicy", names.of_qualified)
    def get_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _current(call, _chosen(call, req), {})
        statements = orjson.loads(row["policy"])
        if not statements:
            raise ServiceError(
                "ResourceNotFoundException",
                "The resource you requested does not exist.",
                status=404,
                Type="User",
            )
        policy = call.house.identities.policy_by_arn(call.tx, document(statements))
        return {"Policy": policy, "RevisionId": row["revision"]}


def document(statements: list[dict[str, Any]]) -> str:
    """The policy of these statements."""
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return orjson.dumps(policy).decode()


def check_size(statements: list[dict[str, Any]]) -> None:
    """Raises PolicyLengthExceededException."""
    size = len(document(statements))
    if size > POLICY:
        raise ServiceError(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({POLICY}).",
            status=400,
            Type="User",
        )


def _chosen(call: Call, req: Mapping[str, Any]) -> Function:
    chosen = names.qualified(call, req)
    if chosen.qualifier == names.LATEST:
        raise names.invalid(
            "We currently do not support adding policies for $LATEST; leave the qualifier out."
        )
    return chosen


def _current(call: Call, chosen: Function, req: Mapping[str, Any]) -> Row:
    row = rows.named(call.tx, chosen)
    if row is None:
        raise names.missing(chosen)
    check_revision(row, req)
    return row


def _statement(chosen: Function, req: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidParameterValueException naming the field that is wrong."""
    conditions: dict[str, dict[str, str]] = {}
    if source := req.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": source}
    equal = {
        "AWS:SourceAccount": req.get("SourceAccount"),
        "lambda:EventSourceToken": req.get("EventSourceToken"),
        "aws:PrincipalOrgID": req.get("PrincipalOrgID"),
        "lambda:FunctionUrlAuthType": req.get("FunctionUrlAuthType"),
    }
    if given := {key: value for key, value in equal.items() if value}:
        conditions["StringEquals"] = given
    if (through_url := req.get("InvokedViaFunctionUrl")) is not None:
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": str(through_url).lower()}
    statement: dict[str, Any] = {
        "Sid": req["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(req["Principal"]),
        "Action": req["Action"],
        "Resource": chosen.qualified_arn,
    }
    if conditions:
        statement["Condition"] = conditions
    try:
        Policy.parse(document([statement]), kind=PolicyKind.RESOURCE, name="resource policy")
    except InvalidPolicy as error:
        raise names.invalid(f"The statement is not valid: {error}") from error
    return statement


def _kept(call: Call, statement: dict[str, Any]) -> dict[str, Any]:
    """The statement as it is kept, with the unique id of a user or role."""
    try:
        policy = call.house.identities.policy_by_id(call.tx, document([statement]))
    except InvalidPolicy:
        raise names.invalid(
            "The provided principal was invalid. Please check the principal and try again: "
            f"{statement['Principal']['AWS']} is not there."
        ) from None
    kept: dict[str, Any] = orjson.loads(policy)["Statement"][0]
    return kept


def _principal(text: str) -> Any:
    if text == "*":
        return "*"
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if text.startswith("arn:aws:"):
        return {"AWS": text}
    raise names.invalid(
        "The provided principal was invalid. Please check the principal and try again: "
        f"{text!r} is not a service as sns.amazonaws.com, an account of 12 digits, an ARN or *."
    )


def _store(call: Call, chosen: Function, statements: list[dict[str, Any]]) -> None:
    check_size(statements)
    rows.change_named(
        call.tx,
        chosen,
        policy=orjson.dumps(statements).decode(),
        revision=call.house.ids.uuid(),
    )
