"""The ARNs that IAM's actions are authorized on, and the condition keys of its requests.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.iam import resource_rows, rows
from inhouse.services.iam.issuers import bare
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

    Found = Callable[[Call, Mapping[str, Any]], str]
    Keys = dict[str, str | list[str]]

MEMBERS = {"user": "UserName", "group": "GroupName", "role": "RoleName"}


def arn(call: Call, resource: str) -> str:
    return f"arn:aws:iam::{call.account}:{resource}"


def user_name(call: Call, req: Mapping[str, Any]) -> str:
    """`UserName`, else the calling user's. Raises ValidationError when a role or root calls."""
    given: str | None = req.get("UserName")
    if given is not None:
        return given
    if call.principal.kind != "user":
        raise ServiceError(
            "ValidationError", "Must specify userName when calling with non-User credentials"
        )
    own = rows.entity_by_id(call.tx, call.principal.unique_id)
    return str(own["name"]) if own is not None else ""


def _existing(call: Call, kind: str, name: str) -> str:
    row = rows.entity(call.tx, call.account, kind, name)
    return entity_arn(row) if row is not None else arn(call, f"{kind}/{name}")


def of(kind: str) -> Found:
    """The existing user, group or role that a request names, with its path."""
    member = MEMBERS[kind]
    return lambda call, req: _existing(call, kind, req[member])


def of_new(kind: str) -> Found:
    """The user, group or role that a request would make."""
    member = MEMBERS[kind]
    return lambda call, req: arn(call, f"{kind}{req.get('Path', '/')}{req[member]}")


def of_all(kind: str) -> Found:
    """What ListUsers and its like are authorized on: the path."""
    return lambda call, req: arn(call, f"{kind}{req.get('PathPrefix', '/')}")


of_user, of_group, of_role = of("user"), of("group"), of("role")


def of_self_or_user(call: Call, req: Mapping[str, Any]) -> str:
    """The user that a request names, else the caller."""
    if req.get("UserName") is None and call.principal.kind == "root":
        return call.principal.arn
    return _existing(call, "user", user_name(call, req))


def of_moved(kind: str) -> Callable[[Call, Mapping[str, Any]], list[str]]:
    """Both ends of a renaming."""
    member = MEMBERS[kind]

    def find(call: Call, req: Mapping[str, Any]) -> list[str]:
        row = rows.entity(call.tx, call.account, kind, req[member])
        name = req.get(f"New{member}") or (row["name"] if row is not None else req[member])
        path = req.get("NewPath") or (row["path"] if row is not None else "/")
        return [_existing(call, kind, req[member]), arn(call, f"{kind}{path}{name}")]

    return find


def of_key(call: Call, req: Mapping[str, Any]) -> str:
    """The user whose access key a request names."""
    key = rows.key(call.tx, req["AccessKeyId"])
    user = rows.entity_by_id(call.tx, key["user_id"]) if key is not None else None
    return entity_arn(user) if user is not None else arn(call, "user/*")


def of_policy(call: Call, req: Mapping[str, Any]) -> str:
    policy: str = req["PolicyArn"]
    return policy


def of_new_policy(call: Call, req: Mapping[str, Any]) -> str:
    return arn(call, f"policy{req.get('Path', '/')}{req['PolicyName']}")


def of_source(call: Call, req: Mapping[str, Any]) -> str:
    source: str = req["PolicySourceArn"]
    return source


def tag_keys(call: Call, req: Mapping[str, Any]) -> Keys:
    """`aws:RequestTag/…` and `aws:TagKeys` of `Tags` and `TagKeys`."""
    tags = req.get("Tags", ())
    keys: Keys = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
    named = [tag["Key"] for tag in tags] or list(req.get("TagKeys", ()))
    if named:
        keys["aws:TagKeys"] = named
    return keys


_TAGGED = {
    "user": "User",
    "role": "Role",
    "policy": "Policy",
    "instance-profile": "InstanceProfile",
    "mfa": "MFADevice",
    "oidc-provider": "OpenIDConnectProvider",
    "saml-provider": "SAMLProvider",
    "server-certificate": "ServerCertificate",
}


def require_tagging(call: Call, kind: str, name: str, req: Mapping[str, Any]) -> None:
    """What is made with tags needs the right to tag it too. Raises AccessDenied."""
    if req.get("Tags"):
        made = arn(call, f"{kind}{req.get('Path', '/')}{name}")
        call.require(f"iam:Tag{_TAGGED[kind]}", made, new_entity_keys(call, req))


def new_entity_keys(call: Call, req: Mapping[str, Any]) -> Keys:
    """Of CreateUser and CreateRole: the boundary given, and the tags."""
    boundary = req.get("PermissionsBoundary")
    keys: Keys = {"iam:PermissionsBoundary": boundary} if boundary else {}
    return {**keys, **tag_keys(call, req)}


def policy_keys(kind: str) -> Callable[[Call, Mapping[str, Any]], Keys]:
    """Of changes to an entity's policies: its boundary, and the managed policy's ARN."""
    member = MEMBERS[kind]

    def find(call: Call, req: Mapping[str, Any]) -> Keys:
        row: Row | None = rows.entity(call.tx, call.account, kind, req[member])
        keys: Keys = {}
        boundary = req.get("PermissionsBoundary") or (row["boundary"] if row is not None else None)
        if boundary:
            keys["iam:PermissionsBoundary"] = boundary
        if "PolicyArn" in req:
            keys["iam:PolicyARN"] = req["PolicyArn"]
        return keys

    return find


def of_member(member: str) -> Found:
    """The ARN that a member gives."""
    return lambda call, req: str(req[member])


of_serial = of_member("SerialNumber")


def of_new_resource(kind: str, member: str) -> Found:
    """The instance profile, device or certificate that a request would make."""
    return lambda call, req: arn(call, f"{kind}{req.get('Path', '/')}{req[member]}")


def of_resource(kind: str, member: str) -> Found:
    """The existing instance profile or certificate that a request names, with its path."""

    def find(call: Call, req: Mapping[str, Any]) -> str:
        row = resource_rows.named(call.tx, call.account, kind, req[member])
        return arn(call, f"{kind}/{req[member]}") if row is None else resource_rows.arn(row)

    return find


def of_new_issuer(call: Call, req: Mapping[str, Any]) -> str:
    return arn(call, f"oidc-provider/{bare(req['Url'])}")
