"""`inhouse preprocessing`: objects transformed while they are read, on Inhouse or on AWS itself."""

from __future__ import annotations

import typer

from inhouse.cli.preprocessing.add import add
from inhouse.cli.preprocessing.cost import cost
from inhouse.cli.preprocessing.listing import list_, remove

app = typer.Typer(
    help="Transform objects while they are read: images, personal data, archives, tables.",
    no_args_is_help=True,
)
app.command()(add)
app.command("list")(list_)
app.command()(remove)
app.command()(cost)
