"""Access control lists as data: read from requests, and told as policy statements.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.canonical_ids import canonical_id
from inhouse.core.errors import ServiceError
from inhouse.services.s3.names import bucket_arn, owner
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Grant = dict[str, Any]
"""boto3's: `{"Grantee": {"Type": …, "ID" or "URI": …}, "Permission": …}`."""

MAX_GRANTS = 100
_MALFORMED = "MalformedACLError"
FULL_CONTROL = "FULL_CONTROL"
PERMISSIONS = (FULL_CONTROL, "READ", "READ_ACP", "WRITE", "WRITE_ACP")
OWNERS_ACL = "bucket-owner-full-control"
_GROUPS = "http://acs.amazonaws.com/groups/"
EVERYBODY = f"{_GROUPS}global/AllUsers"
AUTHENTICATED = f"{_GROUPS}global/AuthenticatedUsers"
LOG_DELIVERY = f"{_GROUPS}s3/LogDelivery"
PUBLIC = frozenset({EVERYBODY, AUTHENTICATED})
_CANNED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((EVERYBODY, "READ"),),
    "public-read-write": ((EVERYBODY, "READ"), (EVERYBODY, "WRITE")),
    "authenticated-read": ((AUTHENTICATED, "READ"),),
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")),
}
_OF_OBJECTS = {"bucket-owner-read": "READ", OWNERS_ACL: FULL_CONTROL}
HEADERS = {
    "GrantFullControl": FULL_CONTROL,
    "GrantRead": "READ",
    "GrantReadACP": "READ_ACP",
    "GrantWrite": "WRITE",
    "GrantWriteACP": "WRITE_ACP",
}
_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*"?([^",]*)"?\s*')
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_ON_BUCKET = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject", "s3:PutObjectAcl"),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
_ON_OBJECT = {
    "READ": ("s3:GetObject", "s3:GetObjectVersion"),
    "READ_ACP": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "WRITE_ACP": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}


@dataclass(frozen=True, slots=True)
class AccessList:
    """Who owns a bucket or object, and what the owner grants to whom."""

    account: str
    grants: tuple[Grant, ...]

    @classmethod
    def of_owner(cls, account: str) -> AccessList:
        """What there is without any other: full control for the owner."""
        return cls(account, (_grant(owner(account)["ID"], FULL_CONTROL),))

    @classmethod
    def from_row(cls, members: Mapping[str, Any]) -> AccessList:
        return cls(members["Account"], tuple(members["Grants"]))

    @property
    def row(self) -> dict[str, Any]:
        """JSON-able form."""
        return {"Account": self.account, "Grants": list(self.grants)}

    @property
    def answer(self) -> dict[str, Any]:
        return {"Owner": owner(self.account), "Grants": list(self.grants)}

    @property
    def is_public(self) -> bool:
        return any(grant["Grantee"].get("URI") in PUBLIC for grant in self.grants)

    def policy(self, bucket: str, key: str | None, *, ignore_public: bool) -> str | None:
        """The resource policy that says the same; None when nobody but the owner is let in."""
        arn = bucket_arn(bucket)
        on = [arn, f"{arn}/*"] if key is None else f"{arn}/{key}"
        actions = _ON_BUCKET if key is None else _ON_OBJECT
        mine = canonical_id(self.account)
        statements = [
            {
                "Effect": "Allow",
                **_principal(grant["Grantee"]),
                "Action": _actions(actions, grant["Permission"]),
                "Resource": on,
            }
            for grant in self.grants
            if grant["Grantee"].get("ID") != mine
            and not (ignore_public and grant["Grantee"].get("URI") in PUBLIC)
            and _actions(actions, grant["Permission"])
        ]
        if not statements:
            return None
        return orjson.dumps({"Version": "2008-10-17", "Statement": statements}).decode()


@lru_cache(maxsize=1024)
def parsed(text: str) -> AccessList:
    """An access list from the JSON of its `row`."""
    return AccessList.from_row(orjson.loads(text))


def canned(name: str, account: str, bucket_owner: str | None) -> AccessList:
    """A canned list of an owner; `bucket_owner` is None for those of buckets."""
    mine = AccessList.of_owner(account)
    if bucket_owner is not None and name in _OF_OBJECTS:
        if bucket_owner == account:
            return mine
        given = _grant(canonical_id(bucket_owner), _OF_OBJECTS[name])
        return AccessList(account, (*mine.grants, given))
    if name not in _CANNED:
        names = ", ".join((*_CANNED, *_OF_OBJECTS))
        raise _invalid("x-amz-acl", name, f"Argument is not valid: it is one of {names}.")
    more = (_grant(whom, permission) for whom, permission in _CANNED[name])
    return AccessList(account, (*mine.grants, *more))


def from_headers(req: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The grants of `x-amz-grant-*` headers: `id="…", uri="…"`."""
    grants = []
    for member, permission in HEADERS.items():
        for text in (req.get(member) or "").split(","):
            if not text.strip():
                continue
            found = _GRANTEE.fullmatch(text)
            if found is None:
                raise _invalid(
                    member, text.strip(), 'Argument format not recognized: say id="…" or uri="…".'
                )
            if found[1] == "emailAddress":
                raise _by_email(found[2])
            grants.append(_checked(_grant(found[2], permission)))
    return _few(grants)


def from_body(body: Mapping[str, Any], account: str) -> tuple[Grant, ...]:
    """The grants of an `AccessControlPolicy`, which must name the owner there is."""
    whose = (body.get("Owner") or {}).get("ID")
    if not whose:
        raise malformed_xml("AccessControlPolicy has no Owner.ID", _MALFORMED)
    if whose != canonical_id(account):
        raise ServiceError(
            "AccessDenied", "Access Denied", status=403, Detail="An ACL cannot change the owner."
        )
    grants = []
    for given in body.get("Grants") or ():
        grantee, permission = given.get("Grantee") or {}, given.get("Permission")
        if permission not in PERMISSIONS:
            raise malformed_xml(
                f"Permission is {permission!r}; it is one of {', '.join(PERMISSIONS)}", _MALFORMED
            )
        kind = grantee.get("Type")
        if kind == "AmazonCustomerByEmail" or grantee.get("EmailAddress"):
            raise _by_email(grantee.get("EmailAddress") or "")
        member = {"CanonicalUser": "ID", "Group": "URI"}.get(kind or "")
        if member is None or not grantee.get(member):
            raise malformed_xml(
                "a Grantee is of Type CanonicalUser with an ID or Group with a URI", _MALFORMED
            )
        grants.append(
            _checked({"Grantee": {"Type": kind, member: grantee[member]}, "Permission": permission})
        )
    return _few(grants)


def _grant(whom: str, permission: str) -> Grant:
    grantee = (
        {"Type": "Group", "URI": whom} if "/" in whom else {"Type": "CanonicalUser", "ID": whom}
    )
    return {"Grantee": grantee, "Permission": permission}


def _checked(grant: Grant) -> Grant:
    grantee = grant["Grantee"]
    if "URI" in grantee and grantee["URI"] not in (*PUBLIC, LOG_DELIVERY):
        raise _invalid("Group/URI", grantee["URI"], "Invalid group uri")
    if "ID" in grantee and not _CANONICAL.fullmatch(grantee["ID"]):
        raise _invalid("CanonicalUser/ID", grantee["ID"], "Invalid id")
    return grant


def _few(grants: list[Grant]) -> tuple[Grant, ...]:
    if len(grants) > MAX_GRANTS:
        raise malformed_xml(f"there are {len(grants)} grants; {MAX_GRANTS} are allowed", _MALFORMED)
    return tuple(grants)


def _actions(table: Mapping[str, Iterable[str]], permission: str) -> list[str]:
    if permission == FULL_CONTROL:
        return [action for actions in table.values() for action in actions]
    return list(table.get(permission, ()))


def _principal(grantee: Mapping[str, str]) -> dict[str, Any]:
    whom = grantee.get("URI")
    if whom is None:
        return {"Principal": {"CanonicalUser": grantee["ID"]}}
    if whom == EVERYBODY:
        return {"Principal": "*"}
    if whom == AUTHENTICATED:
        named = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
        return {"Principal": "*", "Condition": named}
    return {"Principal": {"Service": "logging.s3.amazonaws.com"}}


def _invalid(name: str, value: str, message: str) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        message,
        status=400,
        ArgumentName=name,
        ArgumentValue=value[:100],
    )


def _by_email(address: str) -> ServiceError:
    return ServiceError(
        "UnresolvableGrantByEmailAddress",
        "The email address you provided does not match any account on record.",
        status=400,
        EmailAddress=address[:100],
        Detail="Name the account by its canonical id.",
    )
