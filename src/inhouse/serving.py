"""uvicorn, hardened: limits on heads, and no patience for half-open clients.

The server and the solutions that face the public both stand on it. It knows nothing of either, so
that a solution that uses it still runs without the house.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFUSAL = b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LARGE = _REFUSAL % b"431 Request Header Fields Too Large"
_TOO_SLOW = _REFUSAL % b"408 Request Timeout"


@dataclass(frozen=True, slots=True)
class HeadLimits:
    """What the head of a request may take: bytes, and seconds from its first to its last."""

    size: int
    seconds: float


def guarded(limits: HeadLimits) -> type[HttpToolsProtocol]:
    """The HTTP protocol, with limits on heads."""

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
            if self._in_head and self._head > limits.size:
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
            if size > limits.size:
                self._cut(_TOO_LARGE)
            else:
                super().on_headers_complete()

        def _arm(self) -> None:
            self._deadline = self.loop.call_later(limits.seconds, self._cut, _TOO_SLOW)

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

    async def also(self, bound: socket.socket) -> asyncio.Server:
        """Answers on one more socket, until what this answers is closed."""
        config = self.config

        def connected() -> asyncio.Protocol:
            return config.http_protocol_class(  # type: ignore[call-arg]
                config=config, server_state=self.server_state, app_state={}
            )

        loop = asyncio.get_running_loop()
        return await loop.create_server(connected, sock=bound, ssl=config.ssl)


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
