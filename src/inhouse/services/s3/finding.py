"""Which version of an object a request means."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.s3 import history, rows
from inhouse.services.s3.names import bucket_arn, no_such_key, no_such_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row


def found(call: Call, req: Mapping[str, Any], *, whole: bool = False) -> Row:
    """The current version of an object, or the one that VersionId names; with `data` if `whole`.

    Raises NoSuchKey, NoSuchVersion, or MethodNotAllowed for a delete marker that is named, or
    whose tags are meant.
    """
    bucket, key, version = req["Bucket"], req["Key"], req.get("VersionId")
    if version is None:
        row = (rows.whole if whole else rows.head)(call.tx, bucket, key)
    else:
        row = history.find(call.tx, bucket, key, version, whole=whole)
    if row is None:
        raise _missing(call, bucket, key, version)
    if row["marker"]:
        raise _marked(call, row)
    return row


def tell_missing(call: Call, req: Mapping[str, Any]) -> None:
    """Tells those who may list the bucket, but not read the object, that it is not there."""
    bucket, key, version = req["Bucket"], req["Key"], req.get("VersionId")
    if version is None:
        row = rows.head(call.tx, bucket, key)
    else:
        row = history.find(call.tx, bucket, key, version)
    if row is None:
        problem = _missing(call, bucket, key, version)
        if problem.code != "AccessDenied":
            raise problem


def _marked(call: Call, row: Row) -> ServiceError:
    """The refusal to touch a delete marker by its version id but to delete it."""
    method = re.match(r"\w[a-z]+", call.operation)
    return ServiceError(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        status=405,
        headers={
            **_of_marker(row),
            "Allow": "DELETE",
            "Last-Modified": formatdate(row["modified"], usegmt=True),
        },
        Method=method[0].upper() if method else "",
        ResourceType="DeleteMarker",
    )


def _missing(call: Call, bucket: str, key: str, version: str | None) -> ServiceError:
    """NoSuchKey or NoSuchVersion for those who may list the bucket, AccessDenied for the others.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        call.require("s3:ListBucket", bucket_arn(bucket), {"s3:prefix": key})
    except ServiceError as refusal:
        return refusal
    if version is not None:
        return no_such_version(key, version)
    missing = no_such_key(key)
    if rows.bucket(call.tx, bucket)["versioning"] is not None:
        newest = history.newest(call.tx, bucket, key)
        if newest is not None and newest["marker"]:
            if call.operation.endswith("Tagging"):
                return _marked(call, newest)
            missing.headers |= _of_marker(newest)
    return missing


def _of_marker(row: Row) -> dict[str, str]:
    return {"x-amz-delete-marker": "true", "x-amz-version-id": history.id_of(row)}
