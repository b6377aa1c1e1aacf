"""`inhouse voices list`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from inhouse.cli.env import Data
from inhouse.cli.voices.commands import SHELF, HubOption, voice_table
from inhouse.cli.voices.hub import HUB, Hub
from inhouse.engines.speech.shelf import contents

_COLUMNS = (
    "id",
    "language",
    "gender",
    "quality",
    "hertz",
    "size",
    "source",
    "licence",
    "speaks for",
)


def list_voices(
    everything: Annotated[
        bool, typer.Option("--all", help="Polly's voices too, with who speaks for each.")
    ] = False,
    of_hub: Annotated[bool, typer.Option("--of-hub", help="What the hub has.")] = False,
    language: Annotated[str | None, typer.Option(help="Only a language, as de or de-DE.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    hub: HubOption = HUB,
    data: Data = Path("inhouse-data"),
) -> None:
    """List the neural voices that are here, or that the hub has."""
    rows = _hub(Hub(hub)) if of_hub else _here(data, everything)
    wanted = (language or "").lower()
    rows = [row for row in rows if _speaks(str(row["language"]), wanted)]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    shown = [column for column in _COLUMNS if any(row.get(column) for row in rows)]
    table = Table(*shown, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in shown))
    Console(soft_wrap=True).print(table) if rows else typer.echo("No voices.")


def _here(data: Path, everything: bool) -> list[dict[str, Any]]:
    shelf = data / SHELF
    table = voice_table(shelf)
    rows: list[dict[str, Any]] = []
    for folder, voice in contents(shelf):
        if voice is None:
            rows.append({"id": folder.name, "language": "", "source": "damaged: remove it"})
            continue
        cast = [c.voice.id for c in table.castings() if c.model == voice.model]
        rows.append(
            {
                "id": voice.id,
                "language": voice.language,
                "gender": voice.gender,
                "quality": voice.quality,
                "hertz": voice.sample_rate,
                "size": voice.bytes,
                "source": voice.key,
                "from": voice.source,
                "licence": voice.licence,
                "speaks for": [one for one in cast if one != voice.id],
            }
        )
    listed = (*table.installed(), *(table.polly() if everything else ()))
    for one in listed:
        ours = everything or one.engines == ("neural",)
        if ours and one.id not in {row["id"] for row in rows}:
            rows.append(
                {
                    "id": one.id,
                    "language": one.language_code,
                    "gender": one.gender,
                    "source": one.source,
                }
            )
    return rows


def _hub(hub: Hub) -> list[dict[str, Any]]:
    return [
        {
            "id": voice.key,
            "language": voice.language,
            "quality": voice.quality,
            "size": voice.bytes,
            "speakers": voice.speakers,
            "source": hub.address,
        }
        for voice in hub.voices().values()
    ]


def _speaks(language: str, wanted: str) -> bool:
    return not wanted or f"{language.lower()}-".startswith(f"{wanted}-") or not language


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, int) and value > 1 << 20:
        return f"{value / 1e6:.0f} MB"
    return str(value or "")
