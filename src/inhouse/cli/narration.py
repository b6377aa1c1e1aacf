"""`inhouse narration`: articles to audio, on Inhouse or on AWS itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.solutions import narration

app = typer.Typer(
    help="Narrate articles: deploy the system, feed it, see what it saves.", no_args_is_help=True
)
Name = Annotated[str, typer.Option(help="Name of the deployment; several can live side by side.")]
NAME, FOLDER = "narration", Path("inhouse-data")


@app.command()
def deploy(
    name: Name = NAME,
    voice: Annotated[
        str | None, typer.Option(help="Polly voice of articles that name none. [default: Joanna]")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of articles that name none. [default: en-US]")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="Engine of the voice, as `neural` or `standard`.")
    ] = None,
    data: Data = FOLDER,
) -> None:
    """Make topic, buckets, roles, functions and what connects them; print their names as JSON.

    Run again, it changes only what differs, and says what that was.
    """
    try:
        made = narration.deploy(
            aws_session(data), name, voice=voice, language=language, engine=engine
        )
    except ValueError as error:
        raise Failure(str(error)) from None
    typer.echo(made.to_json())


@app.command()
def destroy(name: Name = NAME, data: Data = FOLDER) -> None:
    """Remove the deployment with everything it has narrated."""
    for done in narration.destroy(aws_session(data), name):
        typer.echo(done)


@app.command()
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


@app.command()
def report(
    name: Name = NAME,
    price: Annotated[
        float, typer.Option(help="Dollars for a million characters, for the money saved.")
    ] = narration.PRICES_PER_MILLION["neural"],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = FOLDER,
) -> None:
    """Tell what was saved, and how soon articles are heard."""
    found = narration.report(aws_session(data), name, price_per_million=price)
    if as_json:
        typer.echo(found.to_json())
        return
    rows = {
        "saves": f"{found.saves:,} of {found.articles:,} articles, {found.refused:,} refused",
        "characters": f"{found.characters_received:,} received, "
        f"{found.characters_synthesized:,} synthesized",
        "saved": f"{found.percent_saved:.1f} %, ${found.money_saved:,.2f} "
        f"at ${found.price_per_million:g} a million",
        "fragments": f"{found.fragments:,} synthesized, {found.merges:,} merges",
        "save to audio": f"{_seconds(found.seconds_to_audio_median)} median, "
        f"{_seconds(found.seconds_to_audio_p95)} p95",
    }
    table = Table(box=None, show_header=False)
    for what, value in rows.items():
        table.add_row(what, value)
    Console().print(table)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
