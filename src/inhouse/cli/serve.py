"""`inhouse serve`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from inhouse.cli.failures import Failure


def serve(
    data: Annotated[
        Path | None, typer.Option(help="Data directory. [default: inhouse-data]")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 0 picks a free one. [default: 4566]")
    ] = None,
    tls: Annotated[
        bool | None, typer.Option("--tls", help="Serve https with a self-signed certificate.")
    ] = None,
    ephemeral: Annotated[
        bool | None,
        typer.Option("--ephemeral", help="Keep nothing: a temporary folder goes with the server."),
    ] = None,
    log_json: Annotated[bool | None, typer.Option("--log-json", help="Log as JSON lines.")] = None,
) -> None:
    """Run the server until it is interrupted.

    The first start on an empty data directory makes the management account and an admin key;
    `inhouse env` prints it as shell exports. Settings also come from INHOUSE_* variables.
    """
    from pydantic import ValidationError

    from inhouse.core.settings import Settings

    given: dict[str, Any] = {
        "data": data,
        "host": host,
        "port": port,
        "tls": tls,
        "ephemeral": ephemeral,
        "log_json": log_json,
    }
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Failure(f"settings: {wrong}") from None
    run(settings)


def run(settings: Any) -> None:
    """Builds and serves. Raises Failure with a sentence when it cannot start."""
    import uvloop

    from inhouse.app import Inhouse
    from inhouse.cli.logging import configure
    from inhouse.core.errors import SettingError
    from inhouse.store import StoreInUse

    configure(settings)
    try:
        server = Inhouse(settings)
    except (StoreInUse, SettingError) as error:
        raise Failure(str(error)) from None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve())
