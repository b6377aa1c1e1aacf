"""The protocol a client speaks, from the head of its request alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inhouse.wire.http import HttpRequest
    from inhouse.wire.protocol import Protocol

#: The names S3 requests are signed for.
S3_SCOPES = frozenset({"s3", "s3express", "s3-object-lambda"})
FORM = "application/x-www-form-urlencoded"


def guess_protocol(request: HttpRequest) -> Protocol:
    """The protocol a client most likely expects, for requests without a target."""
    headers = request.headers
    if "x-amz-target" in headers:
        return "json"
    if "smithy-protocol" in headers:
        return "cbor"
    if "Action=" in request.query:
        return "query"
    scope = _scope(request)
    if scope in S3_SCOPES:
        return "rest-xml"
    if request.method == "POST" and headers.get("content-type", "").startswith(FORM):
        return "query"
    return "rest-json" if scope else "rest-xml"


def _scope(request: HttpRequest) -> str:
    """The service in the credential scope, "" when there is none to be found."""
    claim = request.headers.get("authorization", "")
    parts = claim.partition("Credential=")[2].partition(",")[0].split("/")
    return parts[-2] if claim.startswith("AWS4-") and len(parts) > 4 else ""
