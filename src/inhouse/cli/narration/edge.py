"""`inhouse narration edge`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.cli.narration.options import FOLDER, NAME, Name

if TYPE_CHECKING:
    import boto3

    from inhouse.solutions.narration.edge import Options

MIB = 1024 * 1024
KeyFile = Annotated[
    Path | None,
    typer.Option(help="File with the secret (HS256) or RSA public key (RS256) of readers' tokens."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(help="Origin whose scripts may read answers; repeatable. [default: *]"),
]


def edge(
    port: Annotated[int, typer.Option(help="Port; 0 picks a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    name: Name = NAME,
    jwt_key: KeyFile = None,
    jwks: Annotated[
        Path | None, typer.Option(help="JSON Web Key Set; read again when it changes.")
    ] = None,
    jwt_issuer: Annotated[str | None, typer.Option(help="`iss` that tokens must have.")] = None,
    jwt_audience: Annotated[str | None, typer.Option(help="`aud` that tokens must have.")] = None,
    subscribe_url: Annotated[
        str | None, typer.Option(help="Where a teaser's end sends readers to subscribe.")
    ] = None,
    site_url: Annotated[
        str | None, typer.Option(help="Address of the edge for readers. [default: as asked]")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Title of pages and feeds. [default: the publisher]")
    ] = None,
    cover: Annotated[
        Path | None, typer.Option(help="Square PNG or JPEG for feeds, 1400 to 3000 pixels.")
    ] = None,
    allow_origin: Origins = None,
    max_age: Annotated[
        int, typer.Option(help="Seconds that caches may keep free audio unasked.")
    ] = 1,
    cache: Annotated[int, typer.Option(help="MiB of audio kept in memory.")] = 256,
    proxy: Annotated[
        str | None, typer.Option(help="Addresses of proxies whose X-Forwarded-For is believed.")
    ] = None,
    policy: Annotated[
        bool, typer.Option("--policy", help="Print the IAM policy that an edge needs, and end.")
    ] = False,
    data: Data = FOLDER,
) -> None:
    """Serve the audio to readers: the full article to subscribers, teasers to others.

    Also transcripts, the player, HLS, podcast feeds; logs JSON lines until it is interrupted.
    """
    from inhouse.solutions.narration.edge import Options

    try:
        options = Options(
            name=name,
            jwt_key=jwt_key,
            jwks=jwks,
            issuer=jwt_issuer,
            audience=jwt_audience,
            subscribe_url=subscribe_url,
            site_url=site_url,
            title=title,
            cover=cover,
            allow_origin=tuple(allow_origin or ("*",)),
            max_age=max_age,
            cache_bytes=cache * MIB,
            proxy=proxy,
        )
    except ValueError as error:
        raise Failure(str(error)) from None
    _run(aws_session(data), options, host, port, policy)


def _run(session: boto3.Session, options: Options, host: str, port: int, policy: bool) -> None:
    from inhouse.cli.logging import configure
    from inhouse.core.settings import Settings
    from inhouse.solutions.narration import edge as narration_edge
    from inhouse.solutions.narration import policies
    from inhouse.solutions.narration.names import Names

    try:
        names = Names.of(session, options.name)
        if policy:
            typer.echo(json.dumps(policies.edge(names), indent=2))
            return
        logged: dict[str, Any] = {"log_json": True}
        configure(Settings(**logged))
        narration_edge.serve(session, names, options, host, port)
    except (ValueError, narration_edge.Unusable) as error:
        raise Failure(str(error)) from None
