"""`inhouse narration collect`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.cli.narration.options import FOLDER, NAME, Name
from inhouse.solutions import narration


def collect(
    name: Name = NAME,
    older_than: Annotated[
        float | None,
        typer.Option(help="Days for which an unused fragment is kept. [default: the deployment's]"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be removed.")
    ] = False,
    data: Data = FOLDER,
) -> None:
    """Remove fragments that no article needs any more; print how many as JSON.

    A deployment with --keep-fragments does so by itself once a day.
    """
    console = Console(stderr=True)
    with console.status("reading") as status:

        def show(now: narration.Collected) -> None:
            status.update(f"{now.articles:,} articles, {now.fragments:,} fragments unused")

        try:
            done = narration.collect(
                aws_session(data), name, older_than_days=older_than, dry_run=dry_run, progress=show
            )
        except ValueError as error:
            raise Failure(str(error)) from None
    typer.echo(json.dumps(asdict(done), indent=2))
