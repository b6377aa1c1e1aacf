"""A voice made ready in a folder of its own, and put on the shelf whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from inhouse.cli.failures import Failure
from inhouse.engines.speech.shelf import CARD, CONFIG, FACTS, MODEL, AddedVoice

_WORKING, _LEAVING, _LOCK = ".adding-", ".leaving-", ".lock"
_PATIENCE = 180.0
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
_FEMALE_HERTZ = 160.0
"""Between the usual ranges of men and women (Titze, Principles of Voice Production, 1994)."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What Piper's JSON beside a model says of it."""

    espeak: str
    language: str
    language_name: str
    quality: str
    sample_rate: int
    speakers: dict[str, int]
    several: bool

    @classmethod
    def read(cls, path: Path, key_language: str) -> Configuration:
        """Raises Failure naming the field that is missing or wrong."""
        try:
            told = json.loads(path.read_bytes())
        except (ValueError, OSError):
            raise Failure(f"the voice's configuration {CONFIG} is no JSON file") from None
        if not isinstance(told, dict):
            raise Failure(f"the voice's configuration {CONFIG} must be a JSON object")
        kind = told.get("phoneme_type", "espeak")
        if kind != "espeak":
            raise Failure(
                f"phoneme_type is {kind!r}: only voices that read espeak phonemes can be added"
            )
        ids = told.get("phoneme_id_map")
        if not isinstance(ids, dict) or not {"_", "^", "$", " ", "."} <= ids.keys():
            raise Failure("phoneme_id_map must map the phonemes, and _ ^ $ . and the space, to ids")
        espeak = _field(told, "espeak", "voice", str)
        rate = _field(told, "audio", "sample_rate", int)
        if not 8000 <= rate <= 48_000:
            raise Failure(f"audio.sample_rate is {rate}; it must be 8000 to 48000")
        language = told.get("language") or {}
        speakers = told.get("speaker_id_map") or {}
        return cls(
            espeak,
            str(language.get("code") or key_language or espeak).replace("_", "-"),
            str(language.get("name_english", "")),
            str(told["audio"].get("quality", "")),
            rate,
            {str(name): int(number) for name, number in speakers.items()},
            int(told.get("num_speakers", 1)) > 1,
        )

    def speaker(self, wanted: str | None) -> tuple[int | None, str]:
        """Number and name of a speaker asked for by either; the first of several by default."""
        names = {number: name for name, number in self.speakers.items()}
        if wanted is None:
            return (0, names.get(0, "")) if self.several else (None, "")
        if not self.several:
            raise Failure(f"--speaker {wanted}: this voice has only one speaker")
        if wanted in self.speakers:
            return self.speakers[wanted], wanted
        if wanted.isdigit() and (int(wanted) in names or not names):
            return int(wanted), names.get(int(wanted), "")
        some = ", ".join(list(self.speakers)[:12])
        raise Failure(f"--speaker {wanted}: the voice has the speakers {some or '0, 1, …'}")


def _field(told: dict[str, Any], group: str, name: str, kind: type) -> Any:
    value = (told.get(group) or {}).get(name) if isinstance(told.get(group), dict) else None
    if not isinstance(value, kind):
        raise Failure(f"{group}.{name} is missing in the voice's configuration")
    return value


@contextmanager
def workplace(shelf: Path) -> Iterator[Path]:
    """A folder on the shelf that readers don't see, gone after the block unless it was renamed.

    What earlier commands left when they were killed goes too: the lock of each dies with it.
    """
    shelf.mkdir(parents=True, exist_ok=True)
    sweep(shelf)
    folder = shelf / f"{_WORKING}{secrets.token_hex(8)}"
    lock = Path(f"{folder}{_LOCK}")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def sweep(shelf: Path) -> None:
    """Removes what is left of commands that were killed."""
    left = [path for mark in (_WORKING, _LEAVING) for path in shelf.glob(f"{mark}*")]
    for folder in {path.with_name(path.name.removesuffix(_LOCK)) for path in left}:
        lock = Path(f"{folder}{_LOCK}")
        with suppress(OSError), lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def tried(folder: Path, configuration: Configuration, speaker: int | None) -> float:
    """The pitch in Hz of the voice, which has said something. Raises Failure with the reason."""
    command = [sys.executable, "-m", "inhouse.engines.speech.trial"]
    command += [str(folder / MODEL), configuration.espeak]
    command += [str(speaker)] if speaker is not None else []
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_PATIENCE, env=environment
        )
        answer = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise Failure(f"the model can't be a voice: it said nothing in {_PATIENCE:g} s") from None
    except (ValueError, IndexError):
        raise Failure(f"the model can't be a voice: {_last_line(done.stderr)}") from None
    if "error" in answer:
        raise Failure(f"the model can't be a voice: {answer['error']}")
    return float(answer["hertz"])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "trying it ended without a word"


def gender(hertz: float) -> Literal["Female", "Male"]:
    return "Female" if hertz > _FEMALE_HERTZ else "Male"


def licence(folder: Path) -> str:
    """The line of a model card that names the licence of the data it was trained on."""
    try:
        card = (folder / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(r"^\W*licen[cs]e\W*[:=]\s*(.+)$", card, re.IGNORECASE | re.MULTILINE)
    return found.group(1).strip()[:200] if found else ""


def shelve(folder: Path, voice: AddedVoice, shelf: Path) -> None:
    """Puts a finished folder on the shelf. Raises Failure when the name is taken meanwhile."""
    facts = asdict(voice)
    del facts["folder"]
    (folder / FACTS).write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")
    for path in [*folder.iterdir(), folder]:
        _to_disk(path)
    try:
        folder.rename(shelf / voice.id)
    except OSError as error:
        if (shelf / voice.id).exists():
            raise Failure(f"there is already a voice {voice.id}") from None
        raise Failure(f"{shelf}: {error}") from None
    _to_disk(shelf)


def discard(folder: Path) -> None:
    """Takes a voice off the shelf: it is gone at once, its files soon."""
    leaving = folder.with_name(f"{_LEAVING}{secrets.token_hex(8)}")
    folder.rename(leaving)
    _to_disk(leaving.parent)
    shutil.rmtree(leaving, ignore_errors=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
