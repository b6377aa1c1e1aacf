"""WriteGetObjectResponse: what a function's response makes of the caller's GetObject.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_WriteGetObjectResponse.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.streams import BytesStream
from inhouse.services.s3.object_lambda.failures import invalid
from inhouse.services.s3.object_lambda.passage import Passage
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.services.s3.object_lambda.passage import Promise

STATUSES = (*(200, 206, 304, 400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503),)
_OWN = frozenset({"RequestRoute", "RequestToken", "StatusCode", "ErrorCode", "ErrorMessage"})
_CODE = re.compile(r"[A-Z][a-zA-Z]+").fullmatch
_CHECKSUM = "Checksum"


def answer(req: Mapping[str, Any], *, checked: bool) -> dict[str, Any]:
    """The caller's result; its `Body` is a Passage unless there is none to send.

    Raises the error that the caller is to get. Raises ValidationError, which both get.
    """
    status = req.get("StatusCode", 200)
    if status not in STATUSES:
        raise invalid(
            f"StatusCode: {status} is not one of {', '.join(str(one) for one in STATUSES)}."
        )
    if "ErrorCode" in req or "ErrorMessage" in req:
        raise _error(req, status)
    members = {name: value for name, value in req.items() if name not in _OWN}
    promise = _promise(req)
    body = members.pop("Body", None)
    if status == 304:
        members.pop("ContentLength", None)
        members["Body"] = b""
    else:
        stream = body if body is not None else BytesStream(b"")
        members["Body"] = Passage(stream, promise if checked else None)
        length = getattr(stream, "length", None)
        if length is not None:
            members["ContentLength"] = length
    members["ResponseMetadata"] = {"HTTPStatusCode": status}
    return members


def _error(req: Mapping[str, Any], status: int) -> ServiceError:
    code = req.get("ErrorCode")
    if status < 400:
        return invalid(
            f"ErrorCode and ErrorMessage go with a StatusCode of an error, not with {status}."
        )
    if code is None or not _CODE(code):
        return invalid(f"ErrorCode: {str(code)[:100]!r} does not fit ^[A-Z][a-zA-Z]+$.")
    if getattr(req.get("Body"), "length", 0):
        return invalid("ErrorCode: it cannot be used when an object is in the body.")
    return ServiceError(code, req.get("ErrorMessage") or "", status=status)


def _promise(req: Mapping[str, Any]) -> Promise | None:
    """The checksum that the function gives. Raises ValidationError for more than one."""
    given = [name for name in req if name.startswith(_CHECKSUM)]
    if len(given) > 1:
        raise invalid(f"Only one checksum can be given, not {' and '.join(sorted(given))}.")
    return next(
        ((algorithm, req[name]) for algorithm, name in MEMBERS.items() if name in req), None
    )
