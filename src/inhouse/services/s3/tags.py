"""Tag sets of buckets and objects, checked and carried.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

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


def from_header(text: str) -> dict[str, str]:
    """The tags of an `x-amz-tagging` header, `a=1&b=2` encoded as a URL's query."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except ValueError:
        raise ServiceError(
            "InvalidArgument",
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates.",
            ArgumentName="x-amz-tagging",
            ArgumentValue=text[:200],
        ) from None
    return checked(pairs, OBJECT_TAGS)


def from_request(tagging: Mapping[str, Any], most: int) -> dict[str, str]:
    """The tags of a `Tagging` body."""
    return checked(((tag["Key"], tag["Value"]) for tag in tagging["TagSet"]), most)


def checked(pairs: Iterable[tuple[str, str]], most: int) -> dict[str, str]:
    """Tags as a dict. Raises InvalidTag for what S3 does not take."""
    tags: dict[str, str] = {}
    for key, value in pairs:
        if not 1 <= len(key) <= _MAX_KEY:
            raise _invalid(
                f"The TagKey has {len(key)} characters; 1 to {_MAX_KEY} are allowed", key
            )
        if len(value) > _MAX_VALUE:
            raise _invalid(
                f"The TagValue has {len(value)} characters; up to {_MAX_VALUE} are allowed", key
            )
        if key in tags:
            raise _invalid("Cannot provide multiple Tags with the same key", key)
        if key.lower().startswith("aws:"):
            raise _invalid("System tags cannot be added/updated by requester", key)
        tags[key] = value
    if len(tags) > most:
        code = "BadRequest" if most == OBJECT_TAGS else "InvalidTag"
        raise ServiceError(
            code, f"There are {len(tags)} tags; up to {most} are allowed.", status=400
        )
    return tags


def _invalid(reason: str, key: str) -> ServiceError:
    return ServiceError("InvalidTag", f"{reason}.", status=400, TagKey=key[:_MAX_KEY])


def to_row(tags: Mapping[str, str]) -> str | None:
    return orjson.dumps(tags).decode() if tags else None


def from_row(text: str | None) -> dict[str, str]:
    tags: dict[str, str] = orjson.loads(text) if text else {}
    return tags


def tag_set(text: str | None) -> list[dict[str, str]]:
    """Stored tags as a `TagSet`."""
    return [{"Key": key, "Value": value} for key, value in from_row(text).items()]
