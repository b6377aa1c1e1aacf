"""The hub of Piper's voices: a catalogue, `voices.json`, and the files that it names.

The layout is that of rhasspy/piper-voices: under each voice's key its language, quality, speakers
and, by path, the size and MD5 of its files. Nothing that a catalogue says becomes a path here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from inhouse.cli.failures import Failure
from inhouse.engines.speech.shelf import CARD, CONFIG, MODEL

HUB = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
KEY = re.compile(r"(?P<language>[a-z]{2,3}_[A-Z0-9]{2,3})-(?P<name>\w+)-(?P<quality>[a-z_]+)")
_PATH = re.compile(r"(\w[\w.+-]*/)*\w[\w.+-]*")
_MOST_CATALOGUE, _MOST_MODEL = 16 << 20, 1 << 30
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_ENDINGS = {MODEL: ".onnx", CONFIG: ".onnx.json", CARD: "/MODEL_CARD"}


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of the hub: its path there, its size in bytes and its MD5 in hexadecimal."""

    path: str
    size: int
    md5: str


@dataclass(frozen=True, slots=True)
class HubVoice:
    """One voice of the catalogue; `files` by the names that they get on the shelf."""

    key: str
    language: str
    language_name: str
    quality: str
    speakers: int
    files: dict[str, HubFile]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files.values())


class Hub:
    """A hub at an address. Every failure is a sentence that names the address."""

    def __init__(self, address: str) -> None:
        if not re.match(r"https?://[^/]", address):
            raise Failure(f"--hub {address!r}: use the http or https address of a hub of voices")
        self.address = address.rstrip("/")

    def voices(self) -> dict[str, HubVoice]:
        """The catalogue by key; entries that make no sense are left out."""
        body = b"".join(self._read("voices.json", _MOST_CATALOGUE))
        try:
            document = json.loads(body)
            entries = [(str(key), dict(entry)) for key, entry in document.items()]
        except (ValueError, AttributeError, TypeError):
            raise Failure(f"{self.address}/voices.json is no catalogue of voices") from None
        found = (_voice(key, entry) for key, entry in entries)
        return {voice.key: voice for voice in found if voice is not None}

    def find(self, key: str) -> HubVoice:
        """The voice of that key. Raises Failure with the keys that are alike."""
        voices = self.voices()
        if key in voices:
            return voices[key]
        language = key.split("-")[0].split("_")[0]
        alike = sorted(k for k in voices if k.startswith(f"{language}_")) or sorted(voices)
        more = " …" if len(alike) > 12 else ""
        raise Failure(
            f"{self.address} has no voice {key!r}; it has {', '.join(alike[:12]) or 'none'}{more}"
        )

    def fetch(self, file: HubFile, target: Path, progress: Callable[[int], None]) -> None:
        """Downloads a file; `progress` is told each piece's bytes. What is not as the catalogue
        says raises Failure."""
        digest = hashlib.md5(usedforsecurity=False)
        size = 0
        with target.open("wb") as out:
            for piece in self._read(file.path, file.size):
                out.write(piece)
                digest.update(piece)
                size += len(piece)
                progress(len(piece))
        if size != file.size or digest.hexdigest() != file.md5.lower():
            raise Failure(
                f"{self.address}/{file.path} came damaged: {size} bytes with MD5 "
                f"{digest.hexdigest()}, where the catalogue says {file.size} and {file.md5}"
            )

    def _read(self, path: str, most: int) -> Iterator[bytes]:
        address = f"{self.address}/{quote(path)}"
        try:
            with httpx.stream("GET", address, follow_redirects=True, timeout=_TIMEOUT) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise Failure(f"{address} answers {answer.status_code}")
                size = 0
                for piece in answer.iter_bytes(1 << 18):
                    size += len(piece)
                    if size > most:
                        raise Failure(f"{address} has more than the {most} bytes that it should")
                    yield piece
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Failure(
                f"the hub of voices can't be reached at {self.address} ({error or 'no answer'}); "
                "add a voice from local files: inhouse voices add ./NAME.onnx"
            ) from None


def _voice(key: str, entry: dict[str, Any]) -> HubVoice | None:
    if KEY.fullmatch(key) is None:
        return None
    try:
        files = {}
        for path, facts in entry["files"].items():
            for name, ending in _ENDINGS.items():
                if path.endswith(ending) and _PATH.fullmatch(path):
                    files[name] = HubFile(path, int(facts["size_bytes"]), str(facts["md5_digest"]))
        if not {MODEL, CONFIG} <= files.keys() or files[MODEL].size > _MOST_MODEL:
            return None
        language = entry["language"]
        return HubVoice(
            key,
            str(language["code"]).replace("_", "-"),
            str(language["name_english"]),
            str(entry["quality"]),
            int(entry["num_speakers"]),
            files,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
