"""ASGI: between uvicorn's messages and our requests and responses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.gateway.body import Body, Buffers
from inhouse.gateway.front import Exchange
from inhouse.wire.errors import serialize_error
from inhouse.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from inhouse.core.ids import Ids
    from inhouse.core.settings import Settings
    from inhouse.gateway.front import Gateway
    from inhouse.gateway.observe import Observer
    from inhouse.gateway.system import System

    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Receive = Callable[[], Awaitable[Any]]
SERVER = (b"server", b"Inhouse")


class Application:
    """The ASGI application: system paths first, then AWS."""

    def __init__(
        self, gateway: Gateway, system: System, observer: Observer, ids: Ids, settings: Settings
    ) -> None:
        self._gateway = gateway
        self._system = system
        self._observer = observer
        self._ids = ids
        self._settings = settings
        self._active = 0
        self._buffers = Buffers(settings.max_buffered_bytes)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        request = to_request(scope, self._settings.max_body_bytes)
        body = Body(receive, _length(request), self._settings.body_timeout, self._buffers)
        exchange = Exchange(request, body, self._ids.uuid())
        self._active += 1
        started = self._observer.begin()
        response = None
        try:
            response = await self._respond(exchange)
            await self._finish(exchange, response)
            await _send(send, response, self._settings.body_timeout, receive)
        finally:
            self._active -= 1
            body.release()
            self._observer.end(exchange, response, started)

    async def _respond(self, exchange: Exchange) -> HttpResponse:
        request = exchange.request
        if self._active > self._settings.max_concurrency:
            busy = ServiceError("SlowDown", "Please reduce your request rate.", status=503)
            exchange.error = busy.code
            return serialize_error(None, request, busy, exchange.request_id)
        if request.path.startswith(self._system.PREFIXES):
            found = await self._system.handle(request)
            if found is not None:
                return found
        return await self._gateway.handle(exchange)

    async def _finish(self, exchange: Exchange, response: HttpResponse) -> None:
        """A connection lives on only if its request was read to the end."""
        if exchange.body.done:
            return
        waiting = "100-continue" in exchange.request.headers.get("expect", "").lower()
        if waiting or not await exchange.body.drain():
            response.headers.append(("connection", "close"))


def to_request(scope: Any, inflated_limit: int) -> HttpRequest:
    """The request of an ASGI scope, its path and query raw as they came."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    client = scope.get("client")
    return HttpRequest(
        scope["method"],
        scope["raw_path"].decode("latin-1") or "/",
        scope["query_string"].decode("latin-1"),
        headers,
        scheme=scope["scheme"],
        client=client[0] if client else None,
        inflated_limit=inflated_limit,
    )


def _length(request: HttpRequest) -> int | None:
    declared = request.headers.get("content-length")
    if declared is not None:
        return int(declared) if declared.isdigit() else 0
    return None if "transfer-encoding" in request.headers else 0


async def _send(send: Send, response: HttpResponse, timeout: float, receive: Receive) -> None:
    body = response.body
    headers = [(name.encode(), _encode(value)) for name, value in response.headers]
    if isinstance(body, bytes):
        if response.status not in (204, 304) and response.header("content-length") is None:
            headers.append((b"content-length", b"%d" % len(body)))
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [*headers, SERVER],
            }
        )
        await send({"type": "http.response.body", "body": body})
        return
    await send(
        {"type": "http.response.start", "status": response.status, "headers": [*headers, SERVER]}
    )
    gone = asyncio.create_task(_disconnected(receive))
    try:
        async for piece in body:
            if gone.done():  # uvicorn swallows what is sent to nobody, at full speed
                return
            async with asyncio.timeout(timeout):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
        close = getattr(body, "aclose", None)
        if close is not None:
            await close()
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: Receive) -> None:
    """Ends when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _encode(value: str) -> bytes:
    try:
        encoded = value.encode("latin-1")
    except UnicodeEncodeError:
        encoded = value.encode()
    if b"\r" in encoded or b"\n" in encoded:
        return encoded.replace(b"\r", b" ").replace(b"\n", b" ")
    return encoded
