"""Tag sets of buckets and objects, checked and carried.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OBJECT_TAGS = 10
BUCKET_TAGS = 50
_MAX_KEY = 128
_MAX_VALUE = 256
_RESERVED = {
    OBJECT_TAGS: "Your TagKey cannot be prefixed with aws:",
    BUCKET_TAGS: "System tags cannot be added/updated by requester",
}
_TOO_MANY = {
    OBJECT_TAGS: "Object tags cannot be greater than",
    BUCKET_TAGS: "Bucket tag count cannot be greater than",
}
_CHARACTERS = re.compile(r"[\w .:/=+\-@\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*")
"""Letters, digits and separators of all scripts, and a few signs."""


def from_header(text: str) -> dict[str, str]:
    """The tags of an `x-amz-tagging` header, `a=1&b=2` encoded as a URL's query."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        raise _malformed(text) from None
    if len(dict(pairs)) < len(pairs):
        raise _malformed(text)
    if not all(_CHARACTERS.fullmatch(each) for pair in pairs for each in pair):
        raise _malformed(text)
    return checked(pairs, OBJECT_TAGS)


def from_request(tagging: Mapping[str, Any], most: int) -> dict[str, str]:
    """The tags of a `Tagging` body."""
    return checked(((tag["Key"], tag["Value"]) for tag in tagging["TagSet"]), most)


def checked(pairs: Iterable[tuple[str, str]], most: int) -> dict[str, str]:
    """Tags as a dict. Raises InvalidTag for what S3 does not take, BadRequest for too many."""
    tags: dict[str, str] = {}
    for key, value in pairs:
        if not 1 <= len(key) <= _MAX_KEY or not _CHARACTERS.fullmatch(key):
            raise _invalid("The TagKey you have provided is invalid", key)
        if len(value) > _MAX_VALUE or not _CHARACTERS.fullmatch(value):
            raise _invalid(
                "The TagValue you have provided is invalid", key, TagValue=value[:_MAX_VALUE]
            )
        if key in tags:
            raise _invalid("Cannot provide multiple Tags with the same key", key)
        if key.lower().startswith("aws:"):
            raise _invalid(_RESERVED[most], key)
        tags[key] = value
    if len(tags) > most:
        raise ServiceError("BadRequest", f"{_TOO_MANY[most]} {most}", status=400)
    return tags


def _invalid(message: str, key: str, **fields: Any) -> ServiceError:
    return ServiceError("InvalidTag", message, status=400, TagKey=key[:_MAX_KEY], **fields)


def _malformed(header: str) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
        "parameters without tag name duplicates.",
        status=400,
        ArgumentName="x-amz-tagging",
        ArgumentValue=header[:200],
    )


def to_row(tags: Mapping[str, str]) -> str | None:
    return orjson.dumps(tags).decode() if tags else None


def from_row(text: str | None) -> dict[str, str]:
    tags: dict[str, str] = orjson.loads(text) if text else {}
    return tags


def tag_set(text: str | None) -> list[dict[str, str]]:
    """Stored tags as a `TagSet`."""
    return [{"Key": key, "Value": value} for key, value in from_row(text).items()]
