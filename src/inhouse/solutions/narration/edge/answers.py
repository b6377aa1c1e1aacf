"""Answers to GET and HEAD: whole, in part, or that nothing changed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from inhouse.solutions.narration.edge import preconditions, ranges

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
"""For what another reader may not get, or gets otherwise."""


def public(seconds: int) -> dict[str, str]:
    """For what everybody gets. Caches may use it for so long without asking."""
    return {"Cache-Control": f"public, max-age={seconds}"}


def problem(status: int, error: str, message: str, **headers: str) -> Response:
    """An error as JSON. It is about one moment, so nobody keeps it."""
    body = json.dumps({"error": error, "message": message}).encode()
    kept = {"Cache-Control": "no-store", **headers}
    return Response(body, status, kept, "application/json")


def tag(body: bytes) -> str:
    """A strong ETag of what is made here."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def whole(
    request: Request, body: bytes, kind: str, headers: Mapping[str, str], etag: str | None = None
) -> Response:
    """Something small, made here, that is asked for whole."""
    told = {**headers, "ETag": etag or tag(body)}
    match preconditions.outcome(request.headers, told["ETag"]):
        case 304:
            return Response(None, 304, told)
        case 412:
            return problem(412, "PreconditionFailed", "It has changed: If-Match names another.")
    return Response(body, 200, told, kind)


class Span:
    """What a request about `size` bytes with a strong ETag is answered with.

    `start` and `end` are the bytes to send, none for a head and for errors.
    """

    def __init__(self, request: Request, size: int, etag: str) -> None:
        self.start, self.end = 0, size
        self.headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        self.status: int = preconditions.outcome(request.headers, etag)
        # A Range means something to GET alone.
        ranged = request.method == "GET" and preconditions.range_holds(request.headers, etag)
        if self.status == 200 and ranged:
            self.status = self._narrowed(request.headers.get("range"), size)
        if self.status not in (200, 206):
            self.start = self.end = 0
        if self.status != 304:
            self.headers["Content-Length"] = str(self.end - self.start)
        if request.method == "HEAD":
            self.start = self.end = 0

    def _narrowed(self, header: str | None, size: int) -> int:
        try:
            found = ranges.requested(header, size)
        except ranges.Unsatisfiable:
            self.headers["Content-Range"] = f"bytes */{size}"
            return 416
        if found is None:
            return 200
        self.start, self.end = found
        self.headers["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{size}"
        return 206


class Streamed(Response):
    """A body in chunks, each sent when the network has taken the one before.

    `first` has been fetched already, so that what goes wrong at the start is still an error page.
    When the rest cannot be had, the connection is cut: a shorter body would be a lie.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        kind: str,
        first: bytes = b"",
        rest: AsyncIterator[bytes] | None = None,
    ) -> None:
        self.status_code = status
        self.background = None
        self._first = first
        self._rest = rest
        self.body = b""
        self.media_type = kind
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        await send(_piece(self._first, self._rest is not None))
        self._first = b""
        if self._rest is not None:
            async for chunk in self._rest:
                await send(_piece(chunk, True))
                del chunk
            await send(_piece(b"", False))


def _piece(chunk: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}
