"""`inhouse narration replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.cli.narration.options import FOLDER, NAME, Name
from inhouse.solutions import narration


def replay(
    file: Annotated[Path, typer.Argument(help="Saves, one JSON object a line; .gz is read too.")],
    name: Name = NAME,
    limit: Annotated[int | None, typer.Option(help="Publish only the first so many saves.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until every save is heard.")] = True,
    data: Data = FOLDER,
) -> None:
    """Publish the saves of a file in order, and wait until all of them are heard.

    Interrupted, it goes on where it was when it is run again.
    """
    if not file.exists():
        raise Failure(f"there is no file {file}")
    columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        sent, heard = bars.add_task("saves"), bars.add_task("articles")

        def show(now: narration.Progress) -> None:
            bars.update(sent, completed=now.accepted + now.refused, total=now.saves)
            bars.update(heard, completed=now.settled, total=now.articles)

        try:
            narration.replay(aws_session(data), name, file, progress=show, limit=limit, wait=wait)
        except (ValueError, narration.Unfinished) as error:
            raise Failure(str(error)) from None
