"""A fragment: the sound of one part, named by everything that changes the sound.

The name also carries the characters Polly bills for it, so that a listing of the fragments is the
account of what was ever synthesized.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NARRATION_FORMAT = 1
"""Raise it when the same inputs shall be synthesized anew."""

OUTPUT_FORMAT = "mp3"
PREFIX = "fragments/"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is given to Polly."""

    ssml: str
    voice: str
    engine: str
    sample_rate: int
    lexicons: Mapping[str, str]
    characters: int

    @property
    def name(self) -> str:
        return named(
            [self.ssml, self.voice, self.engine, self.sample_rate, sorted(self.lexicons.items())],
            self.characters,
        )


def named(ingredients: list[object], characters: int) -> str:
    """The name of a fragment: a digest, a dash and the billed characters."""
    plain = json.dumps([NARRATION_FORMAT, OUTPUT_FORMAT, *ingredients], ensure_ascii=True)
    return f"{hashlib.sha256(plain.encode()).hexdigest()}-{characters}"


def key_prefix(name: str) -> str:
    """What Polly is told to begin the object's key with; it appends `.<task id>.mp3`."""
    return PREFIX + name


def name_of(key: str) -> str | None:
    """The fragment's name in an object's key; None for keys that are no fragment's."""
    if not key.startswith(PREFIX):
        return None
    name = key.removeprefix(PREFIX).split(".")[0]
    digest, dash, characters = name.partition("-")
    return name if len(digest) == 64 and dash and characters.isdigit() else None


def characters_of(name: str) -> int:
    """The characters billed for synthesizing the fragment once."""
    return int(name.partition("-")[2])
