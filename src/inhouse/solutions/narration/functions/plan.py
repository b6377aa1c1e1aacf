"""The plan of one version: which fragments, in which order, make up its audio.

Keys count versions backwards, so that the first key of a listing is the newest version: no pointer
object has to be kept right while saves race.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .fragments import Recipe
from .save import LARGEST_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["title", "teaser", "paragraph", "insert", "separator", "note"]


@dataclass(frozen=True, slots=True)
class Part:
    """`paragraph` and `sentence` count from 1; `ssml` is empty for what is not spoken.

    What is spoken begins at the text's character `lead`. `characters` are billed. `lexicons` are
    those with words of the text, as in `fragments.Recipe`.
    """

    kind: Kind
    fragment: str
    characters: int
    text: str = ""
    ssml: str = ""
    paragraph: int | None = None
    sentence: int | None = None
    lead: int = 0
    lexicons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """`received` is the SNS timestamp of the save; `known` are keys of fragments already there,
    `wordless` the names of those among them whose words have no times yet."""

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
    wordless: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """What synthesizing this save whole would bill: sentences with the spaces in between."""
        spoken = [part for part in self.parts if part.ssml]
        return sum(len(part.text) + ((part.sentence or 1) > 1) for part in spoken)

    @property
    def teaser(self) -> tuple[Part, ...]:
        """What the teaser is made of; nothing for free articles."""
        return (*self._first_paragraph(), *self.extra) if self.premium else ()

    def _first_paragraph(self) -> Iterator[Part]:
        """Its parts, and the pause that ends it."""
        number: int | None = None
        for part in self.parts:
            if part.kind == "paragraph" and number in (None, part.paragraph):
                number = part.paragraph
                yield part
            elif number is not None:
                if part.kind == "separator":
                    yield part
                return

    @property
    def spoken(self) -> dict[str, Part]:
        """A part for each fragment that is speech."""
        return {part.fragment: part for part in (*self.parts, *self.extra) if part.ssml}

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

    def recipe(self, part: Part, sample_rate: int) -> Recipe:
        """What to ask Polly for."""
        return Recipe(
            part.ssml, self.voice, self.engine, sample_rate, part.lexicons, part.characters
        )

    def to_fields(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Plan:
        parts = tuple(Part(**part) for part in fields.pop("parts"))
        extra = tuple(Part(**part) for part in fields.pop("extra"))
        wordless = tuple(fields.pop("wordless", ()))
        return cls(**fields, parts=parts, extra=extra, wordless=wordless)


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
