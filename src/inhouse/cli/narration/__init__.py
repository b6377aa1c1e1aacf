"""`inhouse narration`: articles to audio, on Inhouse or on AWS itself."""

from __future__ import annotations

import typer

from inhouse.cli.narration.collect import collect
from inhouse.cli.narration.deploy import deploy, destroy
from inhouse.cli.narration.edge import edge
from inhouse.cli.narration.replay import replay
from inhouse.cli.narration.report import report

app = typer.Typer(
    help="Narrate articles: deploy the system, feed it, see what it saves.", no_args_is_help=True
)
for command in (deploy, destroy, collect, edge, replay, report):
    app.command()(command)
