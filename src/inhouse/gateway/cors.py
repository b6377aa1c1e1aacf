"""What browsers ask before they let a page of another origin use a bucket, and after.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.wire.http import HttpResponse

if TYPE_CHECKING:
    from inhouse.core.ports import Tx
    from inhouse.gateway.points import Points
    from inhouse.gateway.registry import Registry
    from inhouse.wire.http import HttpRequest
    from inhouse.wire.router import Router

_NOT_ENABLED = "CORS is not enabled for this bucket."
_NOT_ALLOWED = (  # S3 spells it so
    "This CORS request is not allowed. This is usually because the evalution of Origin, request "
    "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted "
    "by the resource's CORS spec."
)
_METHOD, _HEADERS = "access-control-request-method", "access-control-request-headers"


class Cors:
    """Answers preflight requests, and marks the answers to actual ones."""

    def __init__(self, registry: Registry, router: Router, points: Points) -> None:
        self._registry = registry
        self._router = router
        self._points = points

    def preflight(self, tx: Tx, request: HttpRequest) -> HttpResponse:
        """The answer to OPTIONS, which nobody signs. Raises BadRequest and AccessForbidden."""
        origin, method = request.headers.get("origin"), request.headers.get(_METHOD)
        if not origin:
            raise _bad("Insufficient information. Origin request header needed.")
        bucket = self._bucket(tx, request)
        found = self._ask(tx, bucket, origin, method or "", _wanted(request)) if bucket else None
        if found is None:
            raise _forbidden(_NOT_ENABLED, Method=method or "OPTIONS", ResourceType="BUCKET")
        if not method:
            raise _bad("Invalid Access-Control-Request-Method: null")
        if not found:
            kind = "OBJECT" if self._has_key(request) else "BUCKET"
            raise _forbidden(_NOT_ALLOWED, Method=method, ResourceType=kind)
        return HttpResponse(200, list(found.items()))

    def mark(self, tx: Tx, request: HttpRequest, answer: HttpResponse) -> None:
        """Adds to an answer or error what lets the page of the request's origin read it."""
        try:
            bucket = self._bucket(tx, request)
        except ServiceError:  # its host or path name no bucket, and the answer says so
            return
        if bucket:
            method = request.headers.get(_METHOD, request.method)
            found = self._ask(tx, bucket, request.headers["origin"], method, _wanted(request))
            answer.headers.extend((found or {}).items())

    def _bucket(self, tx: Tx, request: HttpRequest) -> str | None:
        """The bucket that is meant, by its own name or an access point's."""
        named, in_host = self._router.bucket(request)
        point = self._points.named(tx, named, in_host=in_host) if named else None
        return named if point is None else point.bucket

    def _has_key(self, request: HttpRequest) -> bool:
        named, in_host = self._router.bucket(request)
        return request.path.strip("/") not in ("", "" if in_host else named)

    def _ask(
        self, tx: Tx, bucket: str, origin: str, method: str, wanted: list[str]
    ) -> dict[str, str] | None:
        for ask in self._registry.each("cors"):
            found: dict[str, str] | None = ask(tx, bucket, origin, method, wanted)
            return found
        return None


def _bad(message: str) -> ServiceError:
    return ServiceError("BadRequest", message, status=400)


def _forbidden(reason: str, **fields: Any) -> ServiceError:
    return ServiceError("AccessForbidden", f"CORSResponse: {reason}", status=403, **fields)


def _wanted(request: HttpRequest) -> list[str]:
    """The headers, in lower case, that a page asks to send."""
    asked = request.headers.get(_HEADERS, "")
    return [name.strip().lower() for name in asked.split(",") if name.strip()]
