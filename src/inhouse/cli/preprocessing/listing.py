"""`inhouse preprocessing list` and `remove`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from inhouse.cli.clients import aws_session
from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.solutions import preprocessing


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: Data = Path("inhouse-data"),
) -> None:
    """Tell which preprocessings there are."""
    found = list(preprocessing.preprocessings(aws_session(data)))
    if as_json:
        fields = [{k: v for k, v in asdict(one).items() if k != "changes"} for one in found]
        typer.echo(json.dumps(fields, indent=2))
        return
    table = Table("name", "bucket", "transform", "options", "alias")
    for one in found:
        options = " ".join(f"{name}={value}" for name, value in one.options.items())
        table.add_row(one.name, one.bucket, one.transform, options, one.alias)
    Console().print(table)


def remove(
    name: Annotated[str, typer.Argument(help="Name of the preprocessing.")],
    data: Data = Path("inhouse-data"),
) -> None:
    """Remove a preprocessing; the bucket and its objects stay."""
    try:
        done = preprocessing.remove(aws_session(data), name)
    except ValueError as error:
        raise Failure(str(error)) from None
    for one in done:
        typer.echo(one)
