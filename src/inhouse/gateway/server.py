"""uvicorn, hardened: limits on heads and connections, and no patience for half-open clients."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from inhouse.core.settings import Settings

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def guarded(settings: Settings) -> type[HttpToolsProtocol]:
    """The HTTP protocol with a limit on the size of a head and on the time it may take."""

    class GuardedProtocol(HttpToolsProtocol):
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
            if self._in_head and self._head > settings.max_header_bytes:
                self._cut(_TOO_LARGE)

        def on_message_begin(self) -> None:
            if not self._in_head:
                self._in_head, self._head = True, 0
                self._arm()
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._disarm()
            self._in_head = False
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > settings.max_header_bytes:
                self._cut(_TOO_LARGE)
            else:
                super().on_headers_complete()

        def _arm(self) -> None:
            self._deadline = self.loop.call_later(settings.head_timeout, self._cut, _TOO_SLOW)

        def _disarm(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _cut(self, answer: bytes) -> None:
            if not self.transport.is_closing():
                self.transport.write(answer)
                self.transport.close()

    return GuardedProtocol


class Server(uvicorn.Server):
    """uvicorn that says when it listens, and that leaves the process alive for our own cleaning up.

    uvicorn raises the signal that ended it once more; SIGTERM would end us then and there.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

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
        self.listening.set()


def make_server(
    application: Any, settings: Settings, certificate: tuple[Path, Path] | None
) -> Server:
    """A server for `application`; `certificate` is (certificate, key), for https."""
    return Server(
        uvicorn.Config(
            application,
            http=guarded(settings),
            loop="uvloop",
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_keep_alive=int(settings.keep_alive),
            limit_concurrency=settings.max_concurrency * 2,
            backlog=1024,
            timeout_graceful_shutdown=10,
            ssl_certfile=str(certificate[0]) if certificate else None,
            ssl_keyfile=str(certificate[1]) if certificate else None,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that the port is known before anything starts. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    return found
