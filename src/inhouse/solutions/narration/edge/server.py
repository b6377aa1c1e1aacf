"""Runs an edge: uvicorn with limits, until a signal ends it and what was begun is answered."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import structlog
import uvicorn

from inhouse.serving import HeadLimits, Server, guarded, listen
from inhouse.solutions.narration.edge.accesslog import AccessLog
from inhouse.solutions.narration.edge.app import Edge
from inhouse.solutions.narration.edge.front import Front

if TYPE_CHECKING:
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


def serve(session: boto3.Session, names: Names, options: Options, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT; port 0 is a free one, told in the log.

    Raises Unusable for keys that cannot be used, OSError when the address cannot be had.
    """
    import uvloop

    edge = Edge(session, names, options)
    listening = _listen(host, port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(edge, listening, options))


async def _serve(edge: Edge, listening: socket.socket, options: Options) -> None:
    access = AccessLog()
    front = Front(edge.application, options.allow_origin, access)
    server = _Server(
        uvicorn.Config(
            front,
            http=guarded(HeadLimits(LARGEST_HEAD, HEAD_SECONDS)),
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


class _Server(Server):
    """Says where it listens."""

    def __init__(self, config: uvicorn.Config, deployment: str) -> None:
        super().__init__(config)
        self._deployment = deployment

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets
        host, port = sockets[0].getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        log.info("edge.listening", url=url, deployment=self._deployment)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket whose connections hold little for readers who take little. Raises OSError."""
    found = listen(host, port)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MILLISECONDS)
    return found
