"""System headers and user metadata of objects; what we cannot honour is refused by name."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import format_datetime, formatdate
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.s3.encryption.modes import HEADERS as ENCRYPTION
from inhouse.wire.header_text import check_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Row

MAX_METADATA = 2048
"""Bytes of all names and values of an object's metadata together."""
DEFAULT_TYPE = "binary/octet-stream"
SYSTEM = (
    "ContentType",
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "Expires",
)
STORAGE_CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
_LOCK = "object lock"
ACCESS_LIST = "ACL"
"""The member of a row's headers that has the access control list."""
_REFUSED = {
    "WebsiteRedirectLocation": "website hosting",
    "ObjectLockMode": _LOCK,
    "ObjectLockRetainUntilDate": _LOCK,
    "ObjectLockLegalHoldStatus": _LOCK,
    "ObjectLockEventHold": _LOCK,
    "ObjectLockEventHoldDurationDays": _LOCK,
    "ObjectLockEventHoldDurationYears": _LOCK,
    "MFA": "MFA delete",
    "WriteOffsetBytes": "appending to objects",
    "AnnotationDirective": "annotations",
    "IfMatchLastModifiedTime": "conditional deletes by time, which only directory buckets have",
    "IfMatchSize": "conditional deletes by size, which only directory buckets have",
}


def refuse_unsupported(req: Mapping[str, Any]) -> None:
    """Raises NotImplemented for members that ask for more than would be done.

    Object lock is asked of buckets that lack it, which is InvalidRequest.
    """
    for name in req:
        feature = _REFUSED.get(name)
        if feature is not None and req[name] is not None and req[name] is not False:
            if feature == _LOCK:
                raise no_object_lock(name)
            raise ServiceError(
                "NotImplemented",
                f"{name}: Inhouse does not implement {feature}; leave it out.",
                status=501,
                Header=name,
            )


def no_object_lock(wanted: str) -> ServiceError:
    """`wanted`: what asks for object lock."""
    return ServiceError(
        "InvalidRequest",
        f"Bucket is missing Object Lock Configuration, which {wanted} needs: Inhouse does not "
        "implement object lock; leave it out.",
        status=400,
    )


def system(req: Mapping[str, Any], encryption: Mapping[str, str]) -> str:
    """The system headers of a request, and the members of its encryption, as JSON."""
    found: dict[str, Any] = {"ContentType": req.get("ContentType") or DEFAULT_TYPE, **encryption}
    for name in SYSTEM:
        value = req.get(name)
        if name == "ContentEncoding" and value:
            value = _without_framing(value)
        if name == "Expires" and value is not None and not isinstance(value, str):
            value = format_datetime(value, usegmt=True)
        if value:
            found[name] = value
    return orjson.dumps(found).decode()


def with_access_list(headers: str, members: Mapping[str, Any] | None) -> str:
    """A row's headers with this access control list, or without any."""
    found: dict[str, Any] = orjson.loads(headers)
    found.pop(ACCESS_LIST, None)
    if members is not None:
        found[ACCESS_LIST] = members
    return orjson.dumps(found).decode()


def kept_headers(source: str, own: str) -> str:
    """The headers of a copy that keeps the source's: access control list and encryption are its
    own."""
    kept: dict[str, Any] = orjson.loads(source)
    mine: dict[str, Any] = orjson.loads(own)
    for name in (ACCESS_LIST, *ENCRYPTION):
        kept.pop(name, None)
        if name in mine:
            kept[name] = mine[name]
    return orjson.dumps(kept).decode()


def _without_framing(encoding: str) -> str:
    """`aws-chunked` tells how the request was sent, nothing about the object."""
    if "aws-chunked" not in encoding:
        return encoding
    kept = [item.strip() for item in encoding.split(",") if item.strip() != "aws-chunked"]
    return ",".join(kept)


def metadata(req: Mapping[str, Any]) -> str | None:
    """User metadata as JSON, names in lower case. Raises MetadataTooLarge, InvalidArgument."""
    given: Mapping[str, str] = req.get("Metadata") or {}
    for name, value in given.items():
        check_header(f"x-amz-meta-{name}", value)
    found = {name.lower(): _text(value) for name, value in given.items()}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in found.items())
    if size > MAX_METADATA:
        raise ServiceError(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            status=400,
            Size=str(size),
            MaxSizeAllowed=str(MAX_METADATA),
        )
    return orjson.dumps(found).decode() if found else None


def _text(value: str) -> str:
    """Header bytes arrive as latin-1; clients that send UTF-8 or RFC 2047 mean what that says."""
    value = value.strip(" \t")
    if value.startswith("=?") and value.endswith("?="):
        try:
            decoded = str(make_header(decode_header(value)))
            decoded.encode()  # UTF-7 can say half a letter, which UTF-8 cannot
            return decoded or value
        except (HeaderParseError, LookupError, ValueError):
            return value
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value.encode(errors="replace").decode()


def storage_class(req: Mapping[str, Any]) -> str:
    """The storage class a request asks for: kept and told, it changes nothing else."""
    name: str = req.get("StorageClass") or "STANDARD"
    if name not in STORAGE_CLASSES:
        raise ServiceError(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
            status=400,
            StorageClassRequested=name,
            Detail=f"It is one of {', '.join(STORAGE_CLASSES)}.",
        )
    return name


def restored(row: Row) -> dict[str, Any]:
    """The members of GetObject's and HeadObject's answers that a row's headers fill.

    Among them is by what a customer's key is known: nobody is told.
    """
    found: dict[str, Any] = orjson.loads(row["headers"])
    found.pop(ACCESS_LIST, None)
    if isinstance(found.get("Expires"), float):  # kept by an earlier version
        found["Expires"] = formatdate(found["Expires"], usegmt=True)
    if row["metadata"] is not None:
        found["Metadata"] = orjson.loads(row["metadata"])
    if row["storage_class"] != "STANDARD":
        found["StorageClass"] = row["storage_class"]
    if row["tags"] is not None:
        found["TagCount"] = len(orjson.loads(row["tags"]))
    return found
