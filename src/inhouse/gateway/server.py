"""The server that listens for AWS requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import uvicorn

from inhouse.serving import HeadLimits, Server, guarded

if TYPE_CHECKING:
    from pathlib import Path

    from inhouse.core.settings import Settings


def make_server(
    application: Any, settings: Settings, certificate: tuple[Path, Path] | None
) -> Server:
    """A server for `application`; `certificate` is (certificate, key), for https."""
    return Server(
        uvicorn.Config(
            application,
            http=guarded(HeadLimits(settings.max_header_bytes, settings.head_timeout)),
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
