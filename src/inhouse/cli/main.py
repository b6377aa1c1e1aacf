"""All commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

import inhouse
from inhouse.cli import (
    access,
    demo,
    doctor,
    env,
    keys,
    logs,
    narration,
    preprocessing,
    serve,
    voices,
)

app = typer.Typer(
    name="inhouse",
    help="Runs AWS's managed AI services on your own machines, for real.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(inhouse.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Runs AWS's managed AI services on your own machines, for real."""


app.command("serve")(serve.serve)
app.command("env")(env.env)
app.command("doctor")(doctor.doctor)
app.command("logs")(logs.logs)
app.command("demo")(demo.demo)
app.add_typer(access.app, name="access")
app.add_typer(keys.app, name="keys")
app.add_typer(narration.app, name="narration")
app.add_typer(preprocessing.app, name="preprocessing")
app.add_typer(voices.app, name="voices")
