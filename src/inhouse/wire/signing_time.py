"""The time a request says it was signed at."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.wire.guess import S3_SCOPES

if TYPE_CHECKING:
    from inhouse.wire.http import HttpRequest

_FORM = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z").fullmatch
_REMEMBERED = 1024
_epochs: dict[str, int] = {}


def amz_date_of(request: HttpRequest, service: str) -> str:
    """`X-Amz-Date`, or `Date` in the same form. Raises `ServiceError` when there is neither."""
    value = request.headers.get("x-amz-date")
    if value is not None:
        return value
    text = request.headers.get("date", "")
    if _FORM(text):
        return text
    try:
        return parsedate_to_datetime(text).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    raise undated(service, "A signed request needs a valid x-amz-date (20240131T120000Z) or Date.")


def undated(service: str, detail: str) -> ServiceError:
    """The error for a request that does not say when it was signed; `detail`: what is wrong."""
    if service in S3_SCOPES:
        return ServiceError(
            "AccessDenied",
            "AWS authentication requires a valid Date or x-amz-date header",
            status=403,
            Detail=detail,
        )
    return ServiceError("IncompleteSignature", detail, status=400)


def epoch_of(amz_date: str) -> int | None:
    """Seconds since 1970 of `20240131T120000Z`; None for other forms."""
    seconds = _epochs.get(amz_date)
    if seconds is None:
        match = _FORM(amz_date)
        try:
            moment = datetime(*map(int, match.groups())) if match else None  # type: ignore[arg-type]
        except ValueError:
            moment = None
        if moment is None:
            return None
        seconds = timegm(moment.timetuple())
        if len(_epochs) >= _REMEMBERED:
            _epochs.clear()
        _epochs[amz_date] = seconds
    return seconds
