"""Policies of access points of both kinds.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.access.public import is_public, listed, statements
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3control import found, names, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Tx
    from inhouse.services.s3control.names import Name

MAX_BYTES = 20 * 1024


class PointPolicies:
    """Who may come through an access point, and to what."""

    @writes("s3:PutAccessPointPolicy", names.arn)
    def put_access_point_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        _put(call, names.ordinary(call, req), req["Policy"])

    @reads("s3:GetAccessPointPolicy", names.arn)
    def get_access_point_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return _shown(call, names.ordinary(call, req))

    @writes("s3:DeleteAccessPointPolicy", names.arn)
    def delete_access_point_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        _drop(call, names.ordinary(call, req))

    @reads("s3:GetAccessPointPolicyStatus", names.arn)
    def get_access_point_policy_status(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return _status(call.tx, names.ordinary(call, req))

    @writes("s3:PutAccessPointPolicyForObjectLambda", names.transforming_arn)
    def put_access_point_policy_for_object_lambda(self, call: Call, req: Mapping[str, Any]) -> None:
        _put(call, names.transforming(call, req), req["Policy"])

    @reads("s3:GetAccessPointPolicyForObjectLambda", names.transforming_arn)
    def get_access_point_policy_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return _shown(call, names.transforming(call, req))

    @writes("s3:DeleteAccessPointPolicyForObjectLambda", names.transforming_arn)
    def delete_access_point_policy_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> None:
        _drop(call, names.transforming(call, req))

    @reads("s3:GetAccessPointPolicyStatusForObjectLambda", names.transforming_arn)
    def get_access_point_policy_status_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return _status(call.tx, names.transforming(call, req))


def _put(call: Call, name: Name, text: str) -> None:
    row = found.the(call.tx, name)
    _check(text, name)
    if is_public(text) and found.block_of(row).block_public_policy:
        raise ServiceError(
            "AccessDenied",
            f"Access Denied: the policy lets everybody in, which the BlockPublicPolicy setting of "
            f"access point {name.name!r} prevents.",
            status=403,
        )
    try:
        kept = call.house.identities.policy_by_id(call.tx, text)
    except InvalidPolicy as problem:
        raise _malformed(problem.message) from None
    rows.change(call.tx, name, policy=kept)


def _shown(call: Call, name: Name) -> dict[str, Any]:
    return {"Policy": call.house.identities.policy_by_arn(call.tx, _policy(call.tx, name))}


def _policy(tx: Tx, name: Name) -> str:
    text: str | None = found.the(tx, name)["policy"]
    if text is None:
        raise ServiceError(
            "NoSuchAccessPointPolicy",
            f"The specified accesspoint policy does not exist: {name.name!r} has none.",
            status=404,
            AccessPointName=name.name,
        )
    return text


def _drop(call: Call, name: Name) -> None:
    found.the(call.tx, name)
    rows.change(call.tx, name, policy=None)


def _status(tx: Tx, name: Name) -> dict[str, Any]:
    return {"PolicyStatus": {"IsPublic": is_public(_policy(tx, name))}}


def _check(text: str, name: Name) -> None:
    """Raises MalformedPolicy for what could not work as the policy of this access point."""
    if len(text.encode()) > MAX_BYTES:
        raise _malformed(f"Policies must be at most {MAX_BYTES} bytes")
    try:
        Policy.parse(text, kind=PolicyKind.RESOURCE, name="access point policy")
    except InvalidPolicy as problem:
        raise _malformed(str(problem)) from None
    prefix = "s3-object-lambda:" if name.object_lambda else "s3:"
    for statement in statements(text):
        for action in listed(statement.get("Action", statement.get("NotAction"))):
            if action != "*" and not action.lower().startswith(prefix):
                raise _malformed(f"Policy has invalid action: {action[:80]!r} is not of {prefix}")
        for resource in listed(statement.get("Resource", statement.get("NotResource"))):
            if resource != name.arn and not resource.startswith((f"{name.arn}/", f"{name.arn}*")):
                raise _malformed(
                    f"Policy has invalid resource: {resource[:200]!r} is neither {name.arn!r} nor "
                    "within it"
                )


def _malformed(reason: str) -> ServiceError:
    return ServiceError("MalformedPolicy", f"{reason}.", status=400)
