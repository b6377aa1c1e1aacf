"""Around every request: what other sites may read, errors as answers, one line in the log."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING, Any

import structlog
from starlette.requests import ClientDisconnect

from inhouse.solutions.narration.edge.answers import problem
from inhouse.solutions.narration.edge.source import Absent, Replaced, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from inhouse.solutions.narration.edge.accesslog import AccessLog

log = structlog.get_logger()
RETRY_SECONDS = "1"
_ALWAYS = (
    # Addresses here may carry a token, which no other site shall see as a referrer.
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_READABLE = (
    (
        b"access-control-expose-headers",
        b"Accept-Ranges, Content-Length, Content-Range, ETag, Retry-After, WWW-Authenticate",
    ),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range",
    ),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
)


class Front:
    """Wraps the application; `origins` are those that may read answers from scripts, or `*`."""

    def __init__(self, application: ASGIApp, origins: Sequence[str], log: AccessLog) -> None:
        self._application = application
        self._any = "*" in origins
        self._origins = {origin.encode() for origin in origins}
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        exchange = _Exchange(send, self._allowed(scope))
        try:
            if scope["method"] == "OPTIONS":
                await exchange.preflight()
            else:
                await self._answer(scope, receive, exchange)
        finally:
            passed = time.perf_counter() - begun
            self._log.add(scope, exchange.status, exchange.sent, passed)

    async def _answer(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        try:
            await self._application(scope, receive, exchange.send)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = _meaning(error)
            if exchange.status:
                # Headers are out: only a cut connection says that the body is not whole.
                return
            await answer(scope, receive, exchange.send)

    def _allowed(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        if self._any:
            return [*_ALWAYS, *_READABLE, (b"access-control-allow-origin", b"*")]
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        told = [*_ALWAYS, (b"vary", b"Origin")]
        if origin in self._origins:
            assert origin
            told += [*_READABLE, (b"access-control-allow-origin", origin)]
            # A site that is named here may send its readers' cookies; `*` gets none.
            told.append((b"access-control-allow-credentials", b"true"))
        return told


class _Exchange:
    """What was answered, as it goes out."""

    def __init__(self, send: Send, more: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._more = more
        self.status = 0
        self.sent = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._more]
        else:
            self.sent += len(message.get("body", b""))
        await self._send(message)

    async def preflight(self) -> None:
        start: dict[str, Any] = {"type": "http.response.start", "status": 204}
        await self.send({**start, "headers": list(_PREFLIGHT)})
        await self.send({"type": "http.response.body", "body": b""})


def _meaning(error: Exception) -> Response:
    match error:
        case Absent():
            return problem(404, "NotFound", "There is no such article, or no audio of it yet.")
        case Unavailable():
            log.error("edge.unavailable", reason=str(error))
            message = "The audio cannot be reached just now; try again."
            return problem(503, "Unavailable", message, **{"Retry-After": RETRY_SECONDS})
        case Replaced():
            message = "A new version is being published; try again."
            return problem(503, "Changing", message, **{"Retry-After": RETRY_SECONDS})
    where = "".join(traceback.format_tb(error.__traceback__))
    # The text of an unforeseen error may quote what the client sent.
    log.error("edge.failed", error=type(error).__name__, where=where)
    return problem(500, "InternalError", "The edge failed; its log says where.")
