"""The Lambda Runtime API, served to one worker on a loopback port of its own.

A minimal HTTP/1.1 server. Only processes of the worker it was opened for are answered, so that
no function can take another's invocations.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import httptools

from inhouse.compute.peer import belongs_to

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from inhouse.compute import Worker

BASE = b"/2018-06-01/runtime/"
PAYLOAD = 6291556
"""Bytes a function may answer with: 6 MiB and 100 bytes."""
EARLY = 64 << 10
"""Bytes kept of a client that is not known yet."""
HEAD = 64 << 10
"""Bytes of a request's target and headers: the runtime's have some hundreds."""
CONNECTIONS = 32
"""A worker's connections at a time: the runtime has one or two."""
INSIDE = ("127.0.0.1", 9001)
"""Where a worker with a network of its own finds it."""
REASONS = {200: b"OK", 202: b"Accepted", 400: b"Bad Request", 403: b"Forbidden", 404: b"Not Found"}


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way into the function. `deadline`, in seconds since the epoch, is known
    once it is handed over."""

    request_id: str
    arn: str
    payload: bytes
    client_context: str | None = None
    deadline: float = 0.0
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the function made of an invocation; `error` is the error's type, None for success."""

    payload: bytes
    error: str | None = None


@dataclass(slots=True)
class _Request:
    method: bytes = b""
    target: bytes = b""
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    head: int = 0
    over: bool = False


class RuntimeApi:
    """`ready` is set when the runtime asks for its first event; `failed` holds the error it had
    while it started."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.failed: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.known: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self.address = "{}:{}".format(*INSIDE)
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._waiting: _Connection | None = None
        self._next: Invocation | None = None
        self._answers: dict[str, asyncio.Future[Answer]] = {}

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    async def serve(self, bound: socket.socket) -> asyncio.Server:
        """Answers in a worker's own network instead, where nobody else is."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=bound)
        return self._server

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.drop()
        for future in (self.failed, self.known):
            future.cancel()

    def give(self, invocation: Invocation) -> asyncio.Future[Answer]:
        """Hands an event to the runtime; the answer will be in the future."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers = {invocation.request_id: answer}
        if self._waiting is not None and self._waiting.open:
            self._waiting.send(200, invocation.payload, _headers(invocation))
            self._waiting = None
        else:
            self._next = invocation
        return answer

    def joined(self, connection: _Connection) -> None:
        self._connections.add(connection)
        if len(self._connections) > CONNECTIONS:
            connection.drop()

    def left(self, connection: _Connection) -> None:
        self._connections.discard(connection)
        if self._waiting is connection:
            self._waiting = None

    def handle(self, connection: _Connection, request: _Request) -> None:
        """Answers one request of the runtime, at once or, for the next event, later."""
        if not request.target.startswith(BASE):
            connection.send(404)
            return
        match request.method, request.target.removeprefix(BASE).split(b"/"):
            case b"GET", [b"invocation", b"next"]:
                self._ask(connection)
            case b"POST", [b"invocation", request_id, (b"response" | b"error") as what]:
                self._take(connection, request, request_id.decode("latin-1"), what == b"error")
            case b"POST", [b"init", b"error"]:
                connection.send(202)
                if not self.failed.done():
                    self.failed.set_result(_error(request))
            case _:
                connection.send(404)

    def _ask(self, connection: _Connection) -> None:
        self.ready.set()
        if self._next is not None:
            connection.send(200, self._next.payload, _headers(self._next))
            self._next = None
        else:
            self._waiting = connection

    def _take(
        self, connection: _Connection, request: _Request, request_id: str, failed: bool
    ) -> None:
        future = self._answers.pop(request_id, None)
        if future is None or future.done():
            connection.send(
                400, b'{"errorMessage":"No such invocation","errorType":"InvalidRequestID"}'
            )
        elif request.over:
            connection.send(413)
            future.set_result(_too_large())
        else:
            connection.send(202)
            future.set_result(_error(request) if failed else Answer(bytes(request.body)))


def _headers(invocation: Invocation) -> Mapping[str, str]:
    found = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
    }
    if invocation.trace:
        found["Lambda-Runtime-Trace-Id"] = invocation.trace
    if invocation.client_context:
        found["Lambda-Runtime-Client-Context"] = invocation.client_context
    return found


def _error(request: _Request) -> Answer:
    kind = request.headers.get(b"lambda-runtime-function-error-type", b"").decode("latin-1")
    return Answer(bytes(request.body), kind or "Unhandled")


def _too_large() -> Answer:
    return Answer(
        b'{"errorMessage":"Response payload size exceeded maximum allowed payload size '
        b'(%d bytes).","errorType":"Function.ResponseSizeTooLarge"}' % PAYLOAD,
        "Function.ResponseSizeTooLarge",
    )


class _Connection(asyncio.Protocol):
    """One connection of the runtime: requests one after another."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._request = _Request()
        self._trusted = False
        self._early = bytearray()

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._api.joined(self)
        # The worker is known only once it has been started: what it sends waits till then.
        self._api.known.add_done_callback(self._admit)

    def connection_lost(self, exc: Exception | None) -> None:
        self._api.known.remove_done_callback(self._admit)
        self._transport = None
        self._api.left(self)

    def _admit(self, known: asyncio.Future[Worker]) -> None:
        if self._transport is None:
            return
        if known.cancelled() or not self._from(known.result()):
            self.drop()
            return
        self._trusted = True
        early, self._early = bytes(self._early), bytearray()
        if early:
            self.data_received(early)

    def _from(self, worker: Worker) -> bool:
        assert self._transport is not None
        if worker.shared or worker.spec.network is not None:
            return True
        peer = self._transport.get_extra_info("peername")
        return belongs_to(worker, peer, self._transport.get_extra_info("sockname"))

    def data_received(self, data: bytes) -> None:
        if not self._trusted:
            self._early += data
            if len(self._early) > EARLY:
                self.drop()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.drop()

    def on_message_begin(self) -> None:
        self._request = _Request()

    def on_url(self, url: bytes) -> None:
        self._measure(url)
        self._request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(name + value)
        self._request.headers[name.lower()] = value
        if name.lower() == b"expect" and value.lower() == b"100-continue" and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _measure(self, piece: bytes) -> None:
        self._request.head += len(piece)
        if self._request.head > HEAD:
            raise ValueError("the head is too long")  # the parser makes it a parser's error

    def on_body(self, body: bytes) -> None:
        if len(self._request.body) + len(body) > PAYLOAD:
            self._request.over = True
            self._request.body.clear()
        if not self._request.over:
            self._request.body += body

    def on_message_complete(self) -> None:
        self._request.method = self._parser.get_method()
        self._api.handle(self, self._request)

    def send(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        if self._transport is None:
            return
        lines = [b"HTTP/1.1 %d %s" % (status, REASONS.get(status, b"Error"))]
        for name, value in (headers or {}).items():
            lines.append(f"{name}: {value}".encode("latin-1", "replace"))
        lines.append(b"Content-Length: %d\r\n\r\n" % len(body))
        self._transport.write(b"\r\n".join(lines) + body)

    def pause_writing(self) -> None:
        """Who does not read its answers is not asked for more requests."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()
