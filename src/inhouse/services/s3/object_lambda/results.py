"""What functions return for HeadObject and the listings, and what it makes of the caller's call.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-writing-lambda.html
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.s3.object_lambda.failures import invalid_response
from inhouse.wire.answers import from_http, from_object
from inhouse.wire.malformed import Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

_XML = ("listResultXml", "listResultXML")
_JSON = "listBucketResult"


def result(operation: str, payload: bytes) -> dict[str, Any]:
    """boto3's result of `operation`. Raises the error that the function answers with, or
    LambdaInvalidResponse."""
    found = _object(payload)
    status = found.get("statusCode")
    if type(status) is not int or not 200 <= status <= 599:
        raise invalid_response("The function's result has no statusCode between 200 and 599.")
    if status >= 300 or found.get("errorCode"):
        raise _error(found, status)
    try:
        if operation == "HeadObject":
            return {**_head(found), "ResponseMetadata": {"HTTPStatusCode": status}}
        return _listing(operation, found)
    except Malformed as problem:
        raise invalid_response(
            f"The function's result does not fit {operation}: "
            f"{problem.member or 'it'} {problem.reason}."
        ) from problem


def _object(payload: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise invalid_response("The function's result is not a JSON object.")
    return found


def _error(found: Mapping[str, Any], status: int) -> ServiceError:
    if status == HTTPStatus.NOT_MODIFIED:
        return ServiceError("NotModified", "Not Modified", status=status, headers=_headers(found))
    if status < 400:
        return invalid_response(f"The statusCode {status} does not go with an errorCode.")
    phrases = {one.value: one.phrase for one in HTTPStatus}
    code = found.get("errorCode") or phrases.get(status, "Error").title().replace(" ", "")
    return ServiceError(str(code), str(found.get("errorMessage") or ""), status=status)


def _head(found: Mapping[str, Any]) -> dict[str, Any]:
    return from_http("s3", "HeadObject", _headers(found))


def _headers(found: Mapping[str, Any]) -> dict[str, str]:
    """The headers as text, by lower-case names. The last of a name counts, empty ones are none."""
    given = found.get("headers") or {}
    if not isinstance(given, dict):
        raise invalid_response("The function's headers are not a JSON object.")
    last = {name.lower(): value for name, value in given.items()}
    return {name: _text(name, value) for name, value in last.items() if value not in (None, "")}


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise invalid_response(f"The function's header {name[:100]!r} is neither text nor a number.")


def _listing(operation: str, found: Mapping[str, Any]) -> dict[str, Any]:
    for name in _XML:
        if isinstance(found.get(name), str):
            return from_http("s3", operation, {}, found[name].encode("utf-8", "replace"))
    if _JSON in found:
        return from_object("s3", operation, found[_JSON])
    raise invalid_response(f"The function's result has neither {_XML[0]} nor {_JSON}.")
