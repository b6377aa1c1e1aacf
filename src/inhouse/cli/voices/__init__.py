"""`inhouse voices`: Piper voices beyond the one that Inhouse brings."""

from __future__ import annotations

import typer

from inhouse.cli.voices.commands import add, remove
from inhouse.cli.voices.listing import list_voices

app = typer.Typer(
    help="List, add and remove voices; a running server notices at once.", no_args_is_help=True
)
app.command("list")(list_voices)
app.command("add")(add)
app.command("remove")(remove)
