"""Runs an edge: uvicorn with limits, until a signal ends it and what was begun is answered."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inhouse.solutions.narration.edge.accesslog import AccessLog
from inhouse.solutions.narration.edge.app import Edge
from inhouse.solutions.narration.edge.front import Front

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3

    from inhouse.solutions.narration.edge.options import Options
    from inhouse.solutions.narration.names import Names

log = structlog.get_logger()
MOST_CONNECTIONS = 4_096
LARGEST_HEAD = 32 * 1024
HEAD_SECONDS = 20.0
IDLE_SECONDS = 30
STALLED_MILLISECONDS = 300_000
"""A listener who takes nothing for so long, as one who paused, has to ask again for the rest."""
SEND_BUFFER = 256 * 1024
LAST_ANSWERS_SECONDS = 30
_REFUSAL = b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE = _REFUSAL % b"431 Request Header Fields Too Large"
_TOO_SLOW = _REFUSAL % b"408 Request Timeout"


def serve(session: boto3.Session, names: Names, options: Options, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT; port 0 is a free one, told in the log.

    Raises Unusable for keys that cannot be used, OSError when the address cannot be had.
    """
    import uvloop

    edge = Edge(session, names, options)
    listening = listen(host, port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(edge, listening, options))


async def _serve(edge: Edge, listening: socket.socket, options: Options) -> None:
    access = AccessLog()
    front = Front(edge.application, options.allow_origin, access)
    server = _Server(
        uvicorn.Config(
            front,
            http=_GuardedProtocol,
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            log_level="critical",
            server_header=False,
            proxy_headers=options.proxy is not None,
            forwarded_allow_ips=options.proxy,
            timeout_keep_alive=IDLE_SECONDS,
            limit_concurrency=MOST_CONNECTIONS,
            backlog=1024,
            timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
        ),
        edge.options.name,
    )
    try:
        await server.serve(sockets=[listening])
    finally:
        await edge.close()
        access.flush()
        log.info("edge.ended")


class _Server(uvicorn.Server):
    """Says where it listens, and ends by returning.

    uvicorn raises the signal that ended it once more, which would leave no time for cleaning up.
    """

    def __init__(self, config: uvicorn.Config, deployment: str) -> None:
        super().__init__(config)
        self._deployment = deployment

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        ends = (signal.SIGINT, signal.SIGTERM)
        for end in ends:
            loop.add_signal_handler(end, self.handle_exit, end, None)
        try:
            yield
        finally:
            for end in ends:
                loop.remove_signal_handler(end)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets
        host, port = sockets[0].getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        log.info("edge.listening", url=url, deployment=self._deployment)


class _GuardedProtocol(HttpToolsProtocol):
    """Cuts off a client whose head grows too large or takes too long to arrive."""

    _head = 0
    _in_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data) if self._in_head else 0
        super().data_received(data)
        if self._in_head and self._head > LARGEST_HEAD:
            self._cut(_TOO_LARGE)

    def on_message_begin(self) -> None:
        if not self._in_head:
            self._in_head, self._head = True, 0
            self._arm()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._disarm()
        self._in_head = False
        super().on_headers_complete()

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._cut, _TOO_SLOW)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket whose connections hold little for readers who take little. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MILLISECONDS)
    try:
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    return found
