"""The plan of one version: which fragments, in which order, make up its audio.

Keys count versions backwards, so that the first key of a listing is the newest version: no pointer
object has to be kept right while saves race.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from . import document
from .fragments import Recipe
from .save import LARGEST_VERSION, Refused, Save

Kind = Literal["title", "teaser", "paragraph", "insert", "separator", "note"]
LONGEST_PART = 100_000
"""Characters Polly takes in one speech synthesis task."""


@dataclass(frozen=True, slots=True)
class Part:
    """`paragraph` counts from 1; `ssml` is empty for what is not spoken."""

    kind: Kind
    fragment: str
    characters: int
    text: str = ""
    ssml: str = ""
    paragraph: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`received` is the SNS timestamp of the save; `known` are keys of fragments already there."""

    article_id: str
    version: int
    language: str
    title: str
    premium: bool
    metadata: dict[str, Any]
    voice: str
    engine: str
    publisher: str
    received: str
    digest: str
    parts: tuple[Part, ...]
    extra: tuple[Part, ...]
    known: dict[str, str] = field(default_factory=dict)

    @property
    def characters(self) -> int:
        """What synthesizing this save whole would bill."""
        return sum(part.characters for part in self.parts)

    @property
    def teaser(self) -> tuple[Part, ...]:
        """What the teaser is made of; nothing for free articles."""
        if not self.premium:
            return ()
        first = next((part for part in self.parts if part.kind == "paragraph"), None)
        return (*((first,) if first else ()), *self.extra)

    @property
    def names(self) -> list[str]:
        """Each fragment once, in the order they are wanted."""
        return list(dict.fromkeys(part.fragment for part in (*self.parts, *self.extra)))

    @property
    def says(self) -> str:
        """Equal for versions that publish the same."""
        return digest(
            [self.title, self.language, self.premium, self.metadata, self.publisher]
            + [[part.kind, part.fragment, part.text] for part in (*self.parts, *self.extra)]
        )

    def recipe(self, part: Part, sample_rate: int, lexicons: dict[str, str]) -> Recipe:
        """What to ask Polly for."""
        return Recipe(part.ssml, self.voice, self.engine, sample_rate, lexicons, part.characters)

    def to_fields(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Plan:
        parts = tuple(Part(**part) for part in fields.pop("parts"))
        extra = tuple(Part(**part) for part in fields.pop("extra"))
        return cls(**fields, parts=parts, extra=extra)


def digest(values: list[Any]) -> str:
    """A hash of plain values."""
    plain = json.dumps(values, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def prefix(article_id: str) -> str:
    """Before the keys of all plans of an article, the newest first."""
    return f"plans/{article_id}/"


def key(article_id: str, version: int) -> str:
    return f"{prefix(article_id)}{LARGEST_VERSION - version:019d}.json"


def version_of(plan_key: str) -> int:
    """The version in a plan's key."""
    return LARGEST_VERSION - int(plan_key.rpartition("/")[2].removesuffix(".json"))


def documents(save: Save) -> list[tuple[Kind, int | None, document.Document]]:
    """One document for each part that says something, with the paragraph's number.

    Raises Refused when a part is longer than Polly takes or nothing is said at all.
    """
    sources: list[tuple[Kind, int | None, str]] = [
        ("title", None, save.title),
        ("teaser", None, save.teaser),
        *(("paragraph", number, text) for number, text in enumerate(save.paragraphs, 1)),
    ]
    found: list[tuple[Kind, int | None, document.Document]] = []
    for kind, number, source in sources:
        made = document.document(source, save.language)
        where = kind if number is None else f"{kind} {number}"
        if made.characters > LONGEST_PART or len(made.ssml) > 2 * LONGEST_PART:
            raise Refused(
                f"The {where} has {made.characters} characters; Polly takes at most {LONGEST_PART}"
                " at once. Cut it into several paragraphs."
            )
        if made.text:
            found.append((kind, number, made))
    if not found:
        raise Refused("Nothing to say: title, teaser and paragraphs hold no word.")
    return found
