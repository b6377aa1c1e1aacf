"""`inhouse voices add` and `remove`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from inhouse.cli.env import Data
from inhouse.cli.failures import Failure
from inhouse.cli.voices import making
from inhouse.cli.voices.hub import HUB, KEY, Hub
from inhouse.engines.speech import VoiceTable
from inhouse.engines.speech.shelf import CARD, CONFIG, MODEL, AddedVoice, contents
from inhouse.engines.speech.voices import same_language

SHELF = "voices"
HubOption = Annotated[
    str, typer.Option("--hub", envvar="INHOUSE_VOICES_HUB", help="Address of the hub of voices.")
]
_ID = re.compile(r"[A-Z][A-Za-z0-9]{1,31}")


class Gender(StrEnum):
    """Genders of Polly's voices."""

    Female = "Female"
    Male = "Male"


def add(
    source: Annotated[
        str, typer.Argument(help="A voice of the hub, as de_DE-thorsten-medium, or an .onnx file.")
    ],
    speaks_for: Annotated[
        list[str] | None,
        typer.Option("--as", help="A voice of Polly that it speaks for; may be repeated."),
    ] = None,
    voice_id: Annotated[
        str | None, typer.Option("--id", help="Its VoiceId. [default: from its name]")
    ] = None,
    gender: Annotated[
        Gender | None, typer.Option(help="Its gender. [default: heard from its pitch]")
    ] = None,
    speaker: Annotated[
        str | None, typer.Option(help="Number or name, in a model of several speakers.")
    ] = None,
    hub: HubOption = HUB,
    data: Data = Path("inhouse-data"),
) -> None:
    """Add a Piper voice, from the hub or from local files.

    It becomes a voice of its own, and speaks for Polly's voices of its language that espeak-ng
    spoke for. The files FILE.onnx and FILE.onnx.json are read from beside each other.
    """
    shelf = data / SHELF
    console = Console(stderr=True)
    with making.workplace(shelf) as folder:
        key, origin = _fetched(source, hub, folder, console)
        named = KEY.fullmatch(key)
        language = named["language"] if named else ""
        configuration = making.Configuration.read(folder / CONFIG, language)
        number, name = configuration.speaker(speaker)
        table = voice_table(shelf)
        chosen = voice_id or _free_id(key, name or speaker or "", table)
        _check_id(chosen, table)
        wanted = tuple(speaks_for or ())
        _check_replaced(wanted, configuration.language, table)
        with console.status("Trying the voice …"):
            hertz = making.tried(folder, configuration, number)
        voice = AddedVoice(
            id=chosen,
            key=key,
            language=_region(configuration.language, table),
            language_name=configuration.language_name or configuration.language,
            gender=gender.value if gender else making.gender(hertz),
            quality=configuration.quality or (named["quality"] if named else ""),
            sample_rate=configuration.sample_rate,
            bytes=(folder / MODEL).stat().st_size,
            source=origin,
            licence=making.licence(folder),
            speaker=number,
            speaker_name=name,
            speaks_for=wanted,
            added=datetime.now(UTC).isoformat(),
        )
        making.shelve(folder, voice, shelf)
    _tell(replace(voice, folder=shelf / voice.id), voice_table(shelf))


def remove(
    voice_id: Annotated[str, typer.Argument(metavar="ID", help="VoiceId, as `list` shows it.")],
    data: Data = Path("inhouse-data"),
) -> None:
    """Remove a voice that was added; those it spoke for have their old speaker again."""
    shelf = data / SHELF
    making.sweep(shelf)
    found = {folder.name: folder for folder, _ in contents(shelf)}
    if voice_id not in found:
        there = ", ".join(sorted(found)) or "none"
        raise Failure(f"no voice {voice_id!r} was added to {data}; there is {there}")
    making.discard(found[voice_id])
    typer.echo(f"Removed {voice_id}.")


def voice_table(shelf: Path) -> VoiceTable:
    """What a server with this shelf has, and with the same INHOUSE_VOICES as here."""
    override = os.environ.get("INHOUSE_VOICES")
    return VoiceTable.load(Path(override) if override else None, shelf)


def _fetched(source: str, hub: str, folder: Path, console: Console) -> tuple[str, str]:
    """Fills the folder with a voice's files; answers its key and where it came from."""
    local = Path(source)
    if source.endswith(".onnx"):
        return _copied(local, folder)
    if KEY.fullmatch(source) is None:
        raise Failure(
            f"{source!r} is neither a file that ends with .onnx nor a voice of the hub, "
            "such as de_DE-thorsten-medium"
        )
    place = Hub(hub)
    voice = place.find(source)
    with _bar(console, voice.key, voice.bytes) as advance:
        for name, file in voice.files.items():
            place.fetch(file, folder / name, advance)
    return voice.key, f"{place.address}/{voice.files[MODEL].path}"


def _copied(model: Path, folder: Path) -> tuple[str, str]:
    configuration = Path(f"{model}.json")
    for path in (model, configuration):
        if not path.is_file():
            raise Failure(
                f"{path} is missing: a voice is a file .onnx and a file .onnx.json beside it"
            )
    shutil.copyfile(model, folder / MODEL)
    shutil.copyfile(configuration, folder / CONFIG)
    if (card := model.with_name(CARD)).is_file():
        shutil.copyfile(card, folder / CARD)
    return model.stem, str(model.resolve())


@contextmanager
def _bar(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda piece: progress.update(task, advance=piece)


def _free_id(key: str, speaker: str, table: VoiceTable) -> str:
    """A VoiceId from the middle of the key, with more of it where that is taken."""
    named = KEY.fullmatch(key)
    name, quality = (named["name"], named["quality"]) if named else (key, "")
    plain, more = (_camel(part) for part in (f"{name}_{speaker}", quality or "added"))
    taken = {casting.voice.id for casting in table.castings()}
    names = [plain, f"{plain}{more}", *(f"{plain}{more}{n}" for n in range(2, 100))]
    return next((one for one in names if one not in taken), plain)


def _camel(name: str) -> str:
    parts = re.findall(r"[A-Za-z0-9]+", name.encode("ascii", "ignore").decode())
    plain = "".join(part[:1].upper() + part[1:] for part in parts)
    return (plain if plain[:1].isalpha() else f"Voice{plain}")[:24]


def _check_id(chosen: str, table: VoiceTable) -> None:
    if _ID.fullmatch(chosen) is None:
        raise Failure(f"--id {chosen!r}: use a capital and up to 31 letters or digits more")
    if any(casting.voice.id == chosen for casting in table.castings()):
        raise Failure(
            f"there is already a voice {chosen}; choose another with --id, or let this one speak "
            f"for it with --as {chosen}"
        )


def _check_replaced(wanted: tuple[str, ...], language: str, table: VoiceTable) -> None:
    ids = {voice.id: voice for voice in table.polly()}
    for one in wanted:
        if one not in ids:
            raise Failure(f"--as {one}: Polly has no such voice; see inhouse voices list --all")
        theirs = ids[one].language_code
        if not same_language(theirs, language):
            raise Failure(f"--as {one}: that voice speaks {theirs}, and this one {language}")


def _region(language: str, table: VoiceTable) -> str:
    """The language with a region, as Polly has it, where a configuration names none."""
    if "-" in language:
        return language
    codes = (voice.language_code for voice in table.polly())
    return next((code for code in codes if code.split("-")[0] == language), language)


def _tell(voice: AddedVoice, table: VoiceTable) -> None:
    others = [
        casting.voice.id
        for casting in table.castings()
        if casting.model == voice.model and casting.voice.id != voice.id
    ]
    more = f", and for {', '.join(others)}" if others else ""
    typer.echo(f"{voice.id} speaks {voice.language}{more}.")
