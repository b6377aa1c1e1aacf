"""Paths that are ours and not AWS's: health, metrics, reset, what services publish."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import orjson

import inhouse
from inhouse.wire.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from inhouse.gateway.observe import Observer
    from inhouse.wire.http import HttpRequest

    Route = Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]

_FORWARDED = frozenset({"origin", "sec-fetch-site", "x-amz-sns-message-type"})
"""Headers of requests that a browser or SNS sends on somebody else's word."""


class System:
    """Answers `/_inhouse/…` and `/metrics`.

    No bucket can be named `_inhouse`. `/metrics` with a signature, or from a bucket of that name
    in a virtual host, is S3's.
    """

    PREFIXES = ("/_inhouse/", "/metrics")

    def __init__(
        self,
        observer: Observer,
        routes: Mapping[str, Route],
        reset: Callable[[], Awaitable[None]] | None,
    ) -> None:
        """`reset` empties the server; None where that must not be possible."""
        self._observer = observer
        self._routes = dict(routes)
        self._reset = reset

    async def handle(self, request: HttpRequest) -> HttpResponse | None:
        """The answer, or None when the path is AWS's after all."""
        match request.method, request.path:
            case (("GET" | "HEAD"), "/_inhouse/health"):
                return _json({"status": "ok", "version": inhouse.__version__})
            case "GET", "/metrics" if "authorization" not in request.headers and not request.query:
                page = self._observer.page()
                return HttpResponse(200, [("content-type", "text/plain; version=0.0.4")], page)
            case "POST", "/_inhouse/reset":
                return await self._answer_reset(request)
        if not request.path.startswith("/_inhouse/"):
            return None
        for prefix, route in self._routes.items():
            if request.path.startswith(prefix):
                found = route(request)
                return await found if inspect.isawaitable(found) else found
        return _json({"message": f"Nothing is served at {request.path}."}, 404)

    async def _answer_reset(self, request: HttpRequest) -> HttpResponse:
        if self._reset is None:
            message = "Only a server started with --ephemeral can be reset."
            return _json({"message": message}, 403)
        if _FORWARDED.intersection(request.headers):
            message = "A reset is not taken from a web page or from a topic."
            return _json({"message": message}, 403)
        await self._reset()
        return _json({"status": "reset"})


def _json(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, [("content-type", "application/json")], orjson.dumps(value))
