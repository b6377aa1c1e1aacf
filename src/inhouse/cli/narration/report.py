"""`inhouse narration report`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.narration.options import FOLDER, NAME, Name
from inhouse.solutions import narration


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
        "saves": f"{found.saves:,} of {found.articles:,} articles, {found.refused:,} refused, "
        f"{found.failed:,} failed",
        "characters": f"{found.characters_received:,} received, "
        f"{found.characters_synthesized:,} synthesized",
        "saved": f"{found.percent_saved:.1f} %, ${found.money_saved:,.2f} "
        f"at ${found.price_per_million:g} a million",
        "word times": f"{found.characters_for_words:,} characters more, "
        f"${found.money_for_words:,.2f} where they are billed",
        "fragments": f"{found.fragments:,} synthesized, {found.fragments_collected:,} collected, "
        f"{found.merges:,} merges",
        "save to audio": f"{_seconds(found.seconds_to_audio_median)} median, "
        f"{_seconds(found.seconds_to_audio_p95)} p95",
        "listening": f"{found.plays:,} plays, {found.completions:,} to the end, "
        f"{found.teaser_subscriptions:,} from a teaser to subscribing",
    }
    table = Table(box=None, show_header=False)
    for what, value in rows.items():
        table.add_row(what, value)
    Console().print(table)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
