"""What is published of an article now: its manifest, and the audio the manifest describes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.solutions.narration.edge.blocks import Body
from inhouse.solutions.narration.edge.fresh import Fresh
from inhouse.solutions.narration.edge.source import Absent, Unchanged
from inhouse.solutions.narration.functions import manifest, plan

if TYPE_CHECKING:
    from inhouse.solutions.narration.edge.source import Head, Source
    from inhouse.solutions.narration.names import Names

FRESH_SECONDS = 1.0
MOST_ARTICLES = 2_000
ROUNDS = 8
PAUSE_SECONDS = 0.1
"""A publication writes audio before its manifest; so long they are waited for to agree again."""


@dataclass(frozen=True, slots=True)
class Audio:
    body: Body
    sound: str
    version: int


@dataclass(frozen=True, slots=True)
class Article:
    """`premium` says whether the full audio needs a token; `agreed`, whether the manifest describes it.

    They disagree for the moment in which a new version is being published. Then `premium` is true
    if either version is.
    """

    manifest: dict[str, Any]
    etag: str
    premium: bool
    agreed: bool
    full: Audio | None
    teaser: Audio | None


class Articles:
    """Published articles, at most FRESH_SECONDS old. Raises Absent for those that are not there."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names
        self._fresh: Fresh[str, Article] = Fresh(
            self._load, seconds=FRESH_SECONDS, most=MOST_ARTICLES
        )

    async def get(self, article_id: str) -> Article:
        return await self._fresh.get(article_id)

    async def renew(self, article_id: str, known: Article) -> Article:
        """The article as it is now, `known` being found out of date."""
        self._fresh.forget(article_id, known)
        return await self._fresh.get(article_id)

    async def _load(self, article_id: str, held: Article | None) -> Article:
        found = await self._look(article_id, held)
        # What was waited for in vain once does not keep listeners waiting again.
        rounds = 0 if held and not held.agreed else ROUNDS
        while rounds and not found.agreed:
            rounds -= 1
            await asyncio.sleep(PAUSE_SECONDS)
            found = await self._look(article_id, None)
        return found if found.agreed else await self._gated(found)

    async def _look(self, article_id: str, held: Article | None) -> Article:
        bucket = self._names.audio_bucket
        known = held.etag if held and held.agreed else None
        try:
            data, etag = await self._source.get(bucket, manifest.key(article_id), other_than=known)
        except Unchanged:
            assert held
            return held
        fields = json.loads(data)
        full, teaser = await asyncio.gather(
            self._audio(fields["full"]), self._audio(fields["teaser"])
        )
        agreed = all(
            _sound(audio) == (fields[which] and fields[which]["sound"])
            for which, audio in (("full", full), ("teaser", teaser))
        )
        return Article(fields, etag, bool(fields["premium"]), agreed, full, teaser)

    async def _audio(self, described: dict[str, Any] | None) -> Audio | None:
        if described is None:
            return None
        bucket, key = self._names.audio_bucket, described["key"]
        try:
            head: Head = await self._source.head(bucket, key)
        except Absent:
            return None
        body = Body(bucket, key, head.etag, head.size)
        return Audio(body, head.metadata.get("sound", ""), int(head.metadata.get("version", 0)))

    async def _gated(self, found: Article) -> Article:
        """Audio without its manifest, whose writer may have died: its plan says if it is premium."""
        premium = found.premium
        if found.full and not premium:
            premium = True
            key = plan.key(found.manifest["article_id"], found.full.version)
            with contextlib.suppress(Absent):
                data, _ = await self._source.get(self._names.fragments_bucket, key)
                premium = bool(json.loads(data)["premium"])
        return Article(found.manifest, found.etag, premium, False, found.full, found.teaser)


def _sound(audio: Audio | None) -> str | None:
    return audio.sound if audio else None
