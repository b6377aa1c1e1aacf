"""WriteGetObjectResponse: an answer on its way to the waiting caller.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_WriteGetObjectResponse.html
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from .answer import HEADERS, META
from .connection import Connection
from .signing import region, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .request import Request

log = logging.getLogger(__package__)
_OWN = {
    "StatusCode": "x-amz-fwd-status",
    "ErrorCode": "x-amz-fwd-error-code",
    "ErrorMessage": "x-amz-fwd-error-message",
}
_FORWARDED = {
    member: f"x-amz-fwd-header-{name.lower()}"
    for member, name in HEADERS.items()
    if member != "ContentLength"
}
_S3 = Connection()


def write(request: Request, answer: Mapping[str, Any]) -> None:
    """Sends it; that nobody waits for it any more is no failure of the function.

    A token is good for once, so nothing is tried again.
    """
    url = f"{_endpoint(request.route)}/WriteGetObjectResponse"
    headers = signed("POST", url, _headers(request, answer), "s3-object-lambda")
    if "ContentLength" in answer:
        headers["content-length"] = str(answer["ContentLength"])
    said = _S3.ask("POST", url, headers, answer.get("Body", b""))
    text = said.read().decode("utf-8", "replace")
    if said.status == 200:
        return
    if "<Code>ValidationError</Code>" not in text:
        raise RuntimeError(f"WriteGetObjectResponse was answered {said.status}: {text[:1000]}")
    log.warning("the caller was not answered: %s", text[:1000])


def _headers(request: Request, answer: Mapping[str, Any]) -> dict[str, str]:
    names = {**_OWN, **_FORWARDED}
    return {
        "x-amz-request-route": request.route,
        "x-amz-request-token": request.token,
        **{name: str(answer[member]) for member, name in names.items() if member in answer},
        **{f"{META}{name}": value for name, value in answer.get("Metadata", {}).items()},
    }


def _endpoint(route: str) -> str:
    """Where boto3 would send it.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    own = f"https://s3-object-lambda.{region()}.amazonaws.com"
    if region().startswith("cn-"):
        own += ".cn"
    found = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or own
    if os.environ.get("AWS_DISABLE_HOST_PREFIX_INJECTION", "").lower() != "true":
        found = found.replace("://", f"://{route}.", 1)
    return found.rstrip("/")
