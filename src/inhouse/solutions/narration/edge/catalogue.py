"""What is published, by section: a listing of the audio bucket, and manifests that are new in it."""

from __future__ import annotations

import asyncio
import json
import re
import time
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from inhouse.solutions.narration.edge import texts
from inhouse.solutions.narration.edge.fresh import Fresh
from inhouse.solutions.narration.edge.source import Absent
from inhouse.solutions.narration.functions import ledger, manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.solutions.narration.edge.source import Listed, Source
    from inhouse.solutions.narration.names import Names

log = structlog.get_logger()
FRESH_SECONDS = 5.0
REST = 10.0
"""A scan that took a second is not repeated before so many more."""
MANIFESTS_AT_ONCE = 8
ALL = "all"
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A free article. `size` in bytes, `seconds` of audio; `first` and `published` since 1970."""

    article_id: str
    version: int
    title: str
    description: str
    language: str
    publisher: str
    section: str
    seconds: float
    size: int
    first: float
    published: float


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Free articles, the newest first, in all and by the slug of their section."""

    entries: tuple[Entry, ...]
    sections: dict[str, tuple[Entry, ...]]
    known: dict[str, tuple[str, Entry | None]] = field(repr=False)
    """By article: its manifest's ETag and the entry, None for premium ones."""

    def section(self, slug: str) -> tuple[Entry, ...] | None:
        return self.entries if slug == ALL else self.sections.get(slug)


class Scanner:
    """Catalogues, at most some seconds old."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._audio = names.audio_bucket
        self._fragments = names.fragments_bucket
        self._rests_until = 0.0
        self._reading = asyncio.Semaphore(MANIFESTS_AT_ONCE)
        self._fresh: Fresh[None, Catalogue] = Fresh(self._scan, seconds=FRESH_SECONDS, most=1)

    async def catalogue(self) -> Catalogue:
        return await self._fresh.get(None)

    async def _scan(self, _: None, held: Catalogue | None) -> Catalogue:
        if held and time.monotonic() < self._rests_until:
            return held
        begun = time.monotonic()
        listed = {one.key: one for one in await self._source.entries(self._audio, "")}
        manifests = [one for one in listed.values() if one.key.endswith("/manifest.json")]
        known = held.known if held else {}
        read = (self._known(one, known.get(_article_id(one)), listed) for one in manifests)
        found = await asyncio.gather(*read)
        now = time.monotonic()
        self._rests_until = now + REST * (now - begun)
        return _gathered(dict(one for one in found if one))

    async def _known(
        self, one: Listed, known: tuple[str, Entry | None] | None, listed: Mapping[str, Listed]
    ) -> tuple[str, tuple[str, Entry | None]] | None:
        article_id = _article_id(one)
        full = listed.get(manifest.audio_key(article_id, "full"))
        entry = known[1] if known else None
        if known and known[0] == one.etag and (entry is None or (full and full.size == entry.size)):
            return article_id, known
        if full is None:
            return None
        async with self._reading:
            try:
                data, etag = await self._source.get(self._audio, one.key)
            except Absent:
                return None
            first = entry.first if entry else await self._first(article_id, one.modified)
        try:
            return article_id, (etag, _entry(json.loads(data), full.size, first))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("edge.odd_manifest", key=one.key, error=type(error).__name__)
            return None

    async def _first(self, article_id: str, otherwise: float) -> float:
        """When the article was saved first, which stays whatever is edited later."""
        prefix = f"{ledger.SAVES}{article_id}/"
        saves = await self._source.entries(self._fragments, prefix)
        return min((one.modified for one in saves), default=otherwise)


def slug(section: str) -> str:
    """A section's name as it stands in addresses: equal for spellings that differ in case."""
    plain = unicodedata.normalize("NFKC", section).casefold()
    return _BETWEEN.sub("-", plain).strip("-")


def _article_id(one: Listed) -> str:
    return one.key.rpartition("/")[0]


def _entry(fields: dict[str, Any], size: int, first: float) -> Entry | None:
    """None for premium articles."""
    if fields["premium"]:
        return None
    section = fields["metadata"].get("section")
    return Entry(
        article_id=fields["article_id"],
        version=fields["version"],
        title=fields["title"] or fields["article_id"],
        description=texts.description(fields),
        language=fields["language"],
        publisher=fields["publisher"],
        section=section.strip() if isinstance(section, str) else "",
        seconds=fields["full"]["seconds"],
        size=size,
        first=first,
        published=datetime.fromisoformat(fields["published"]).timestamp(),
    )


def _gathered(known: dict[str, tuple[str, Entry | None]]) -> Catalogue:
    free = [entry for _, entry in known.values() if entry]
    entries = tuple(_newest_first(free))
    sections: dict[str, list[Entry]] = {}
    for entry in entries:
        if (name := slug(entry.section)) and name != ALL:
            sections.setdefault(name, []).append(entry)
    ordered = {name: tuple(sections[name]) for name in sorted(sections)}
    return Catalogue(entries, ordered, known)


def _newest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda one: (-one.first, one.article_id))
