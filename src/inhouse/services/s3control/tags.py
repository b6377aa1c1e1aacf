"""Tags of access points.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-tagging.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError, not_implemented
from inhouse.core.operations import reads, writes
from inhouse.services.s3control import rows
from inhouse.services.s3control.names import Name, of_arn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

MOST = 50
_RESERVED = (
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. '
    'Remove "aws:" from your tag keys and try again.'
)
_TWICE = (
    "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again."
)
_CHARACTERS = (
    "This request contains a tag key or value that isn't valid. Valid characters include the "
    "following: [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain "
    "up to 256 characters."
)
_KEY = re.compile(r"[\w\s.:/=+\-@]{1,128}").fullmatch
_VALUE = re.compile(r"[\w\s.:/=+\-@]{0,256}").fullmatch


def resource(call: Call, req: Mapping[str, Any]) -> str:
    return str(req["ResourceArn"])


def asked(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Condition keys of tags that a request gives or takes away."""
    given = req.get("Tags") or ()
    keys: dict[str, str | list[str]] = {f"aws:RequestTag/{t['Key']}": t["Value"] for t in given}
    named = req.get("TagKeys") or [tag["Key"] for tag in given]
    return {**keys, "aws:TagKeys": list(named)} if named else keys


class Tags:
    """What an account notes at its access points. Policies may ask for it."""

    @writes("s3:TagResource", resource, keys=asked)
    def tag_resource(self, call: Call, req: Mapping[str, Any]) -> None:
        """Adds tags, or changes those of the same keys."""
        name, row = _point(call, req)
        _keep(call, name, {**of(row), **checked(req["Tags"])})

    @writes("s3:UntagResource", resource, keys=asked)
    def untag_resource(self, call: Call, req: Mapping[str, Any]) -> None:
        name, row = _point(call, req)
        _keep(call, name, {k: v for k, v in of(row).items() if k not in req["TagKeys"]})

    @reads("s3:ListTagsForResource", resource)
    def list_tags_for_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        _, row = _point(call, req)
        return {"Tags": [{"Key": key, "Value": value} for key, value in of(row).items()]}


def of(row: Row) -> dict[str, str]:
    tags: dict[str, str] = orjson.loads(row["tags"]) if row["tags"] else {}
    return tags


def to_row(tags: Mapping[str, str]) -> str | None:
    """Raises BadRequest for too many."""
    if len(tags) > MOST:
        raise ServiceError(
            "BadRequest", f"There would be {len(tags)} tags; up to {MOST} are allowed.", status=400
        )
    return orjson.dumps(tags).decode() if tags else None


def checked(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a dict. Raises InvalidTag, naming the key."""
    tags: dict[str, str] = {}
    for tag in given:
        key, value = tag["Key"], tag["Value"]
        if key.lower().startswith("aws:"):
            raise _invalid(_RESERVED, key)
        if not _KEY(key) or not _VALUE(value):
            raise _invalid(_CHARACTERS, key)
        if key in tags:
            raise _invalid(_TWICE, key)
        tags[key] = value
    return tags


def _point(call: Call, req: Mapping[str, Any]) -> tuple[Name, Row]:
    """Raises NoSuchResource; buckets have their tags in S3."""
    arn = req["ResourceArn"]
    name = of_arn(arn)
    if name is None or name.object_lambda:
        if arn.startswith("arn:aws:s3:::"):
            raise not_implemented("s3control", f"{call.operation} of a bucket; S3 has its tagging")
        raise _refused(f"ResourceArn {arn[:200]!r} is not the ARN of an access point")
    if name.account != req["AccountId"]:
        raise _refused(f"ResourceArn {arn!r} is not of AccountId {req['AccountId']!r}")
    row = rows.point(call.tx, name)
    if row is None:
        raise ServiceError(
            "NoSuchResource", "The specified resource doesn't exist.", status=404, Resource=arn
        )
    return name, row


def _keep(call: Call, name: Name, tags: Mapping[str, str]) -> None:
    rows.change(call.tx, name, tags=to_row(tags))


def _invalid(reason: str, key: str) -> ServiceError:
    return ServiceError("InvalidTag", reason, status=400, TagKey=key[:128])


def _refused(reason: str) -> ServiceError:
    return ServiceError("InvalidRequest", f"{reason}.", status=400)
