"""Piper voices that were added to a server: folders in its data directory.

Each has the model and its configuration as Piper has them, and `voice.json`, which says what
became of it. A folder appears and vanishes by being renamed, so what can be seen is whole; names
with a dot in front are work in progress.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inhouse.engines.speech.requests import Gender

MODEL, CONFIG, CARD, FACTS = "model.onnx", "model.onnx.json", "MODEL_CARD", "voice.json"
_FEMALE_FROM_MALE = 1.16


@dataclass(frozen=True, slots=True)
class AddedVoice:
    """A voice that was added. `bytes` is the size of its model, `sample_rate` in Hz.

    `key` is Piper's name for it, such as `de_DE-thorsten-medium`; `speaker` is the one chosen of a
    model that has several; `speaks_for` names voices of Polly beyond those of its language that
    nobody neural speaks for.
    """

    id: str
    key: str
    language: str
    language_name: str
    gender: Gender
    quality: str
    sample_rate: int
    bytes: int
    source: str
    licence: str = ""
    speaker: int | None = None
    speaker_name: str = ""
    speaks_for: tuple[str, ...] = ()
    added: str = ""
    folder: Path = Path()

    @property
    def model(self) -> Path:
        return self.folder / MODEL

    def pitch_as(self, gender: Gender) -> float:
        """The factor at which it passes for a voice of the other gender."""
        if gender == self.gender:
            return 1.0
        return _FEMALE_FROM_MALE if gender == "Female" else 1 / _FEMALE_FROM_MALE


def edition(shelf: Path | None) -> tuple[Any, ...]:
    """Changes whenever a voice is added or removed; costs a look at one folder."""
    if shelf is None:
        return ()
    try:
        with os.scandir(shelf) as entries:
            seen = sorted((e.name, e.inode()) for e in entries if not e.name.startswith("."))
        return (shelf.stat().st_mtime_ns if seen else 0, *seen)
    except OSError:
        return ()


def added_voices(shelf: Path | None) -> Iterator[AddedVoice]:
    """The voices on a shelf, first added first; folders that hold none are passed over."""
    found = [voice for _, voice in contents(shelf) if voice is not None]
    yield from sorted(found, key=lambda voice: (voice.added, voice.id))


def contents(shelf: Path | None) -> Iterator[tuple[Path, AddedVoice | None]]:
    """Every folder of a shelf, with None for one that is damaged."""
    try:
        folders = sorted(shelf.iterdir()) if shelf is not None else []
    except OSError:
        return
    for folder in folders:
        if not folder.name.startswith(".") and folder.is_dir():
            yield folder, _read(folder)


def _read(folder: Path) -> AddedVoice | None:
    try:
        facts = json.loads((folder / FACTS).read_bytes())
        facts["speaks_for"] = tuple(facts.get("speaks_for", ()))
        voice = replace(AddedVoice(**facts), folder=folder)
    except (OSError, ValueError, TypeError):
        return None
    whole = voice.id == folder.name and voice.model.is_file() and (folder / CONFIG).is_file()
    return voice if whole else None
