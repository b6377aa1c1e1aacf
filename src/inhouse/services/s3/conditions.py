"""Conditional requests. RFC 9110 section 13, as S3 reads it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

from datetime import datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.s3.names import no_such_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Row


def failed(header: str) -> ServiceError:
    return ServiceError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        status=412,
        Condition=header,
    )


def check_read(row: Row, req: Mapping[str, Any], now: datetime) -> None:
    """Raises NotModified, 304, or PreconditionFailed, 412, for a GET or HEAD."""
    etag, modified = row["etag"], row["modified"]
    if req.get("IfMatch") is not None:
        if not matches(req["IfMatch"], etag):
            raise failed("If-Match")
    elif req.get("IfUnmodifiedSince") is not None and modified > _seconds(req["IfUnmodifiedSince"]):
        raise failed("If-Unmodified-Since")
    if req.get("IfNoneMatch") is not None:
        unchanged = matches(req["IfNoneMatch"], etag)
    elif req.get("IfModifiedSince") is not None:
        unchanged = _unchanged(modified, req["IfModifiedSince"], now)
    else:
        return
    if unchanged:
        raise ServiceError(
            "NotModified",
            "Not Modified",
            status=304,
            headers={"ETag": f'"{etag}"', "Last-Modified": formatdate(modified, usegmt=True)},
        )


def check_copy_source(row: Row, req: Mapping[str, Any], now: datetime) -> None:
    """Raises PreconditionFailed unless a copy's source is as the request wants it."""
    prefix = "CopySourceIf"
    etag, modified = row["etag"], row["modified"]
    match, none_match = req.get(f"{prefix}Match"), req.get(f"{prefix}NoneMatch")
    unmodified, changed = req.get(f"{prefix}UnmodifiedSince"), req.get(f"{prefix}ModifiedSince")
    if match is not None:
        if not matches(match, etag):
            raise failed("x-amz-copy-source-If-Match")
    elif unmodified is not None and modified > _seconds(unmodified):
        raise failed("x-amz-copy-source-If-Unmodified-Since")
    if none_match is not None:
        if matches(none_match, etag):
            raise failed("x-amz-copy-source-If-None-Match")
    elif changed is not None and _unchanged(modified, changed, now):
        raise failed("x-amz-copy-source-If-Modified-Since")


def check_form(req: Mapping[str, Any]) -> None:
    """Refuses the conditions that S3 has no writes for."""
    match, none_match = req.get("IfMatch"), req.get("IfNoneMatch")
    if match is not None and none_match is not None:
        header, why = "If-Match,If-None-Match", "Multiple conditional request headers present"
    elif none_match not in (None, "*"):
        header, why = "If-None-Match", "If-None-Match of a write can only be '*'"
    elif match == "*":
        header, why = "If-Match", "If-Match of a write can only be an entity tag"
    else:
        return
    raise _not_implemented(header, why)


def check_delete_form(req: Mapping[str, Any]) -> None:
    """Refuses conditions on the removal of one version: they are only for the current object."""
    if req.get("VersionId") is not None and req.get("IfMatch") is not None:
        raise _not_implemented("If-Match", "If-Match of a delete cannot go with a versionId")


def _not_implemented(header: str, why: str) -> ServiceError:
    return ServiceError(
        "NotImplemented",
        f"A header you provided implies functionality that is not implemented: {why}.",
        status=501,
        Header=header,
        additionalMessage=why,
    )


def check_write(current: Row | None, req: Mapping[str, Any]) -> None:
    """Raises PreconditionFailed unless `current`, the object there is, is as wanted.

    Call it inside the write, where nothing can come between.
    """
    if req.get("IfNoneMatch") is not None and current is not None:
        raise failed("If-None-Match")
    wanted = req.get("IfMatch")
    if wanted is not None:
        if current is None:
            raise no_such_key(req["Key"])
        if not matches(wanted, current["etag"]):
            raise failed("If-Match")


def matches(header: str, etag: str) -> bool:
    """Whether a list of entity tags (or `*`) names `etag`; quotes may be missing."""
    if header.strip() == "*":
        return True
    return any(one.strip().removeprefix("W/").strip('"') == etag for one in header.split(","))


def _unchanged(modified: float, since: datetime | str, now: datetime) -> bool:
    """Whether nothing was modified since. A time still to come says nothing."""
    return modified <= _seconds(since) < now.timestamp()


def _seconds(moment: datetime | str) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else float(moment)
