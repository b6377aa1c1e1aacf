"""What each operation is authorized on, and with which condition keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.s3 import contents, history, rows
from inhouse.services.s3.names import bucket_arn, check_key, object_arn
from inhouse.services.s3.tags import from_header, from_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

OF_VERSION = {"VersionId": "s3:GetObjectVersion"}
"""The action of reads that name a version."""
_HEADER_KEYS = {
    "ACL": "s3:x-amz-acl",
    "StorageClass": "s3:x-amz-storage-class",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
}
_LIST_KEYS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "MaxUploads": "s3:max-keys",
}


def the_bucket(call: Call, req: Mapping[str, Any]) -> str:
    """The bucket's ARN. Raises NoSuchBucket, and AccessDenied for another owner's bucket."""
    expect_owner(rows.bucket(call.tx, req["Bucket"]), req.get("ExpectedBucketOwner"))
    return bucket_arn(req["Bucket"])


def the_object(call: Call, req: Mapping[str, Any]) -> str:
    """The object's ARN, whether or not the object exists; raises as `the_bucket` does."""
    the_bucket(call, req)
    check_key(req["Key"])
    return object_arn(req["Bucket"], req["Key"])


def expect_owner(bucket: Row, account: str | None) -> None:
    """Refuses when the client expects the bucket to belong to another account."""
    if account is not None and account != bucket["account"]:
        raise ServiceError(
            "AccessDenied",
            "Access Denied",
            status=403,
            Detail=f"The bucket does not belong to the expected account {account[:20]!r}.",
        )


def write_keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Condition keys of requests that write an object."""
    keys: dict[str, str | list[str]] = {
        key: req[name] for name, key in _HEADER_KEYS.items() if req.get(name) is not None
    }
    source = req.get("CopySource")
    if source is not None:
        keys["s3:x-amz-copy-source"] = (
            source if isinstance(source, str) else f"{source['Bucket']}/{source['Key']}"
        )
    if req.get("Tagging"):
        tagging = req["Tagging"]
        wanted = from_header(tagging) if isinstance(tagging, str) else {}
        keys["s3:RequestObjectTagKeys"] = list(wanted)
        keys |= {f"s3:RequestObjectTag/{name}": value for name, value in wanted.items()}
    return keys


def upload_keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Condition keys of requests about an upload: its encryption was named when it was begun."""
    keys = write_keys(call, req)
    upload = contents.upload(call.tx, req["UploadId"])
    if upload is not None:
        encryption = orjson.loads(upload["headers"]).get("ServerSideEncryption")
        if encryption is not None:
            keys["s3:x-amz-server-side-encryption"] = encryption
    return keys


class ExistingTags(Mapping[str, "str | list[str]"]):
    """The version a request names, and its tags, as condition keys.

    They are looked up when a policy asks; the object need not exist.
    """

    def __init__(self, call: Call, req: Mapping[str, Any]) -> None:
        self._call = call
        self._req = req

    @cached_property
    def _keys(self) -> dict[str, str | list[str]]:
        tx, req = self._call.tx, self._req
        version = req.get("VersionId")
        if version is None:
            row = rows.head(tx, req["Bucket"], req["Key"])
            return tag_keys(row)
        row = history.find(tx, req["Bucket"], req["Key"], version)
        return {**tag_keys(row), "s3:VersionId": version}

    def __getitem__(self, name: str) -> str | list[str]:
        return self._keys[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __bool__(self) -> bool:
        return True


def object_keys(call: Call, req: Mapping[str, Any]) -> Mapping[str, str | list[str]]:
    """Condition keys of requests on an object that may exist: its version and tags."""
    return ExistingTags(call, req)


def tag_keys(row: Row | None) -> dict[str, str | list[str]]:
    """The tags of an object that may exist as condition keys."""
    tags = from_row(None if row is None else row["tags"])
    return {f"s3:ExistingObjectTag/{name}": value for name, value in tags.items()}


def retag_keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Condition keys of PutObjectTagging: the tags there are and those to come."""
    wanted = {tag["Key"]: tag["Value"] for tag in req["Tagging"]["TagSet"]}
    return {
        **object_keys(call, req),
        "s3:RequestObjectTagKeys": list(wanted),
        **{f"s3:RequestObjectTag/{name}": value for name, value in wanted.items()},
    }


def list_change_keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Condition keys of PutObjectAcl: the object's, and the list to come."""
    return {**object_keys(call, req), **write_keys(call, req)}


def list_keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Condition keys of listings. An absent prefix counts as empty, as S3 has it."""
    keys: dict[str, str | list[str]] = {
        key: str(req[name]) for name, key in _LIST_KEYS.items() if req.get(name) is not None
    }
    keys.setdefault("s3:prefix", "")
    return keys
