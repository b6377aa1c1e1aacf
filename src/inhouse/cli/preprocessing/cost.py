"""`inhouse preprocessing cost`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.solutions import preprocessing
from inhouse.solutions.preprocessing import cost as costing

if TYPE_CHECKING:
    from collections.abc import Mapping


def cost(
    days: Annotated[
        float | None, typer.Option(help="Count so many days. [default: all that is in the logs]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = Path("inhouse-data"),
) -> None:
    """Tell what functions took, and what AWS charges for it or for a GPU instance instead."""
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    found = preprocessing.costs(aws_session(data), since)
    if as_json:
        typer.echo(costing.to_json(found))
        return
    prices = preprocessing.PRICES
    instance = prices["instance"]["name"]
    table = Table("name", "events", "ms each", "MiB", "GiB s", "x86", "ARM", instance, "saved")
    for one in found:
        each = f"{one.milliseconds / one.invocations:,.1f}" if one.invocations else "–"
        saved = "–" if one.percent_saved is None else f"{one.percent_saved:.1f} %"
        money = (f"${each:.6f}" for each in (one.lambda_x86, one.lambda_arm, one.instance))
        memory = f"{one.memory_used_mib} of {one.memory_mib}" if one.invocations else "–"
        table.add_row(
            one.name, f"{one.invocations:,}", each, memory, f"{one.gib_seconds:,.3f}", *money, saved
        )
    console = Console()
    console.print(table)
    console.print("\n".join(_prices(prices)), style="dim")


def _prices(prices: Mapping[str, Any]) -> list[str]:
    lambda_, instance = prices["lambda"], prices["instance"]
    x86, arm = (f"${lambda_['gib_second'][one]:.10f}" for one in ("x86_64", "arm64"))
    return [
        f"${1_000_000 * lambda_['request']:.2f} a million events, {x86} (x86) or {arm} (ARM) a GiB "
        f"second: {lambda_['page']}, seen {lambda_['seen']}",
        f"${instance['hour']} an hour of {instance['name']}: {instance['page']}, seen "
        f"{instance['seen']}",
        f"in US dollars, {prices['region']}",
    ]
