"""Access control lists of buckets and objects, where a bucket's ownership controls allow them.

A list counts as a resource policy that says the same. An object's is kept with its headers; where
there is none, the bucket's owner has full control.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acls.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.core.ports import ResourceFacts
from inhouse.services.s3 import events, grants, history, public_access, rows
from inhouse.services.s3.authority import (
    list_change_keys,
    object_keys,
    the_bucket,
    the_object,
    write_keys,
)
from inhouse.services.s3.finding import found
from inhouse.services.s3.grants import AccessList
from inhouse.services.s3.headers import ACCESS_LIST, with_access_list
from inhouse.services.s3.names import object_arn
from inhouse.services.s3.tables import BUCKET_OWNER_ENFORCED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row, Tx

_OF_OBJECTS = frozenset(
    {
        *(f"s3:Get{what}" for what in ("Object", "ObjectAcl", "ObjectAttributes", "ObjectTagging")),
        *(f"s3:Put{what}" for what in ("ObjectAcl", "ObjectTagging")),
        *(f"s3:GetObjectVersion{what}" for what in ("", "Acl", "Attributes", "Tagging")),
        *(f"s3:PutObjectVersion{what}" for what in ("Acl", "Tagging")),
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersionTagging",
    }
)
"""The actions that an object's owner and list decide; the others are the bucket owner's."""


def are_off(bucket: Row) -> bool:
    return bool(bucket["ownership"] == BUCKET_OWNER_ENFORCED)


def of_bucket(bucket: Row) -> AccessList:
    text: str | None = bucket["acl"]
    return AccessList.of_owner(bucket["account"]) if text is None else grants.parsed(text)


def of_object(bucket: Row, row: Row) -> AccessList:
    members = orjson.loads(row["headers"]).get(ACCESS_LIST)
    if members is None or are_off(bucket):
        return AccessList.of_owner(bucket["account"])
    return AccessList.from_row(members)


def facts(
    house: House, tx: Tx, bucket: Row, key: str, action: str, keys: Mapping[str, str | list[str]]
) -> ResourceFacts:
    """What decides `action` on a bucket, or on its object `key`, that may have lists."""
    policy, ignore = bucket["policy"], public_access.in_force(house, tx, bucket).ignore_public_acls
    only = public_access.let_in(house, tx, bucket)
    if key and action in _OF_OBJECTS:
        version = keys.get("s3:VersionId")
        row = (
            history.find(tx, bucket["name"], key, version)
            if isinstance(version, str)
            else rows.head(tx, bucket["name"], key)
        )
        if row is not None and not row["marker"]:
            there = of_object(bucket, row)
            if there.account != bucket["account"]:
                policy = policy and _denials(policy)
            said = there.policy(bucket["name"], key, ignore_public=ignore)
            return ResourceFacts(there.account, policy, only=only, grants=said)
    said = of_bucket(bucket).policy(bucket["name"], None, ignore_public=ignore)
    return ResourceFacts(bucket["account"], policy, only=only, grants=said)


def of_new_object(call: Call, bucket: Row, req: Mapping[str, Any]) -> AccessList | None:
    """The list that a request to write an object gives it; None for the bucket owner's own."""
    name = req.get("ACL")
    if are_off(bucket):
        if name not in (None, grants.OWNERS_ACL) or _granting(req):
            raise off()
        return None
    account = _writer(call, bucket, name)
    if name is None and not _granting(req):
        wanted = AccessList.of_owner(account)
    else:
        call.require(
            "s3:PutObjectAcl", object_arn(req["Bucket"], req["Key"]), write_keys(call, req)
        )
        wanted = _given(req, account, bucket["account"])
        _check_public(call, bucket, wanted)
    return None if wanted == AccessList.of_owner(bucket["account"]) else wanted


def of_new_bucket(call: Call, req: Mapping[str, Any], kind: str) -> AccessList | None:
    """The list that CreateBucket gives; None for the owner's own."""
    if req.get("ACL") in (None, "private") and not _granting(req):
        return None
    if kind == BUCKET_OWNER_ENFORCED:
        raise ServiceError(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            status=400,
        )
    wanted = _given(req, call.account, None)
    if wanted.is_public:
        raise ServiceError(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
            status=400,
        )
    return wanted


def off() -> ServiceError:
    return ServiceError(
        "AccessControlListNotSupported", "The bucket does not allow ACLs", status=400
    )


class AccessControl:
    """Access control lists, read and replaced."""

    @reads("s3:GetBucketAcl", the_bucket)
    def get_bucket_acl(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        bucket = rows.bucket(call.tx, req["Bucket"])
        there = AccessList.of_owner(bucket["account"]) if are_off(bucket) else of_bucket(bucket)
        return there.answer

    @writes("s3:PutBucketAcl", the_bucket, keys=write_keys)
    def put_bucket_acl(self, call: Call, req: Mapping[str, Any]) -> None:
        bucket = rows.bucket(call.tx, req["Bucket"])
        if are_off(bucket):
            raise off()
        wanted = _asked(req, bucket["account"], None)
        _check_public(call, bucket, wanted)
        rows.change_bucket(call.tx, req["Bucket"], acl=orjson.dumps(wanted.row).decode())

    @reads(
        "s3:GetObjectAcl",
        the_object,
        keys=object_keys,
        when={"VersionId": "s3:GetObjectVersionAcl"},
    )
    def get_object_acl(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = found(call, req)
        return of_object(rows.bucket(call.tx, req["Bucket"]), row).answer

    @writes(
        "s3:PutObjectAcl",
        the_object,
        keys=list_change_keys,
        when={"VersionId": "s3:PutObjectVersionAcl"},
    )
    def put_object_acl(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        bucket = rows.bucket(call.tx, req["Bucket"])
        if are_off(bucket):
            raise off()
        row = found(call, req)
        wanted = _asked(req, of_object(bucket, row).account, bucket["account"])
        _check_public(call, bucket, wanted)
        headers = with_access_list(row["headers"], wanted.row)
        rows.change_object(call.tx, row["id"], headers=headers)
        told = {name: row[name] for name in ("size", "etag", "version")}
        events.announce(call, bucket, "ObjectAcl:Put", req["Key"], **told)
        return {}


@lru_cache(maxsize=256)
def _denials(policy: str) -> str | None:
    """What a bucket's policy denies: all it has to say of objects that others own."""
    document = orjson.loads(policy)
    found = document["Statement"]
    found = [
        each for each in (found if isinstance(found, list) else [found]) if each["Effect"] == "Deny"
    ]
    return orjson.dumps({**document, "Statement": found}).decode() if found else None


def _granting(req: Mapping[str, Any]) -> bool:
    return any(req.get(member) for member in grants.HEADERS)


def _writer(call: Call, bucket: Row, name: str | None) -> str:
    """Whose a new object is. What nobody or a service writes is the bucket owner's."""
    preferred = bucket["ownership"] == "BucketOwnerPreferred" and name == grants.OWNERS_ACL
    if preferred or call.principal.kind in ("anonymous", "service"):
        return str(bucket["account"])
    return call.principal.account


def _given(req: Mapping[str, Any], account: str, bucket_owner: str | None) -> AccessList:
    """The list that a request's headers ask for, canned or grant by grant."""
    name = req.get("ACL")
    if not _granting(req):
        return grants.canned(name or "private", account, bucket_owner)
    if name is not None:
        raise ServiceError(
            "InvalidRequest",
            "Specifying both Canned ACLs and Header Grants is not allowed",
            status=400,
        )
    return AccessList(account, grants.from_headers(req))


def _asked(req: Mapping[str, Any], account: str, bucket_owner: str | None) -> AccessList:
    """The list of a request that must bring one: in headers or in its body."""
    body = req.get("AccessControlPolicy")
    in_headers = req.get("ACL") is not None or _granting(req)
    if body and in_headers:
        raise ServiceError("UnexpectedContent", "This request does not support content", status=400)
    if body:
        return AccessList(account, grants.from_body(body, account))
    if not in_headers:
        raise ServiceError(
            "MissingSecurityHeader",
            "Your request was missing a required header",
            status=400,
            MissingHeaderName="x-amz-acl",
            Detail="Say x-amz-acl or x-amz-grant-…, or give an AccessControlPolicy.",
        )
    return _given(req, account, bucket_owner)


def _check_public(call: Call, bucket: Row, wanted: AccessList) -> None:
    if wanted.is_public and public_access.in_force(call.house, call.tx, bucket).block_public_acls:
        raise ServiceError(
            "AccessDenied",
            "Access Denied: public ACLs are prevented by the BlockPublicAcls setting in S3 Block "
            "Public Access.",
            status=403,
        )
