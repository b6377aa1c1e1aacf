"""What is said when, of the audio that a reader gets."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from inhouse.solutions.narration.edge.fresh import Fresh
from inhouse.solutions.narration.edge.source import Absent
from inhouse.solutions.narration.functions import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.solutions.narration.edge.articles import Article
    from inhouse.solutions.narration.edge.source import Source
    from inhouse.solutions.narration.names import Names

Word = tuple[float, int, int]
"""Seconds from the start of the fragment, first character and the one after the last."""
MOST_FRAGMENTS = 5_000
MOST_TRANSCRIPTS = 200
AGAIN_SECONDS = 10.0
"""After so long, words that were not there are looked for again."""


class Words:
    """When each word of a fragment is said; None where nobody knows yet."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._bucket = names.fragments_bucket
        self._known: OrderedDict[str, tuple[Word, ...]] = OrderedDict()
        self._fresh: Fresh[str, tuple[Word, ...] | None] = Fresh(
            self._load, seconds=AGAIN_SECONDS, most=MOST_FRAGMENTS
        )

    async def of(self, name: str) -> tuple[Word, ...] | None:
        """Words that are known stay as they are."""
        if (known := self._known.get(name)) is not None:
            self._known.move_to_end(name)
            return known
        return await self._fresh.get(name)

    async def _load(self, name: str, _: object) -> tuple[Word, ...] | None:
        try:
            data, _etag = await self._source.get(self._bucket, words.key(name))
        except Absent:
            return None
        found = tuple((float(at), int(first), int(end)) for at, first, end in json.loads(data))
        self._known[name] = found
        if len(self._known) > MOST_FRAGMENTS:
            self._known.popitem(last=False)
        return found


class Transcripts:
    """Transcripts as JSON. `full` or teaser is the caller's decision."""

    def __init__(self, source: Source, names: Names, subscribe: str | None) -> None:
        self._words = Words(source, names)
        self._subscribe = subscribe
        self._made: OrderedDict[tuple[str, str, bool], bytes] = OrderedDict()

    async def of(self, article: Article, *, teaser: bool) -> bytes:
        """The transcript of the full audio or of the teaser.

        It is kept while the manifest stays, unless words were missing.
        """
        key = article.manifest["article_id"], article.etag, teaser
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        parts = parts_of(article.manifest, teaser=teaser)
        spoken = [part["name"] for part in parts if part["characters"]]
        found = await asyncio.gather(*(self._words.of(name) for name in spoken))
        said = dict(zip(spoken, found, strict=True))
        made = _encoded(article, parts, said, teaser, self._subscribe)
        if None not in said.values():
            self._made[key] = made
            if len(self._made) > MOST_TRANSCRIPTS:
                self._made.popitem(last=False)
        return made


def parts_of(manifest: dict[str, Any], *, teaser: bool) -> list[dict[str, Any]]:
    """The parts of the audio in order."""
    parts: list[dict[str, Any]] = (manifest["teaser"] if teaser else manifest)["parts"]
    return parts


def _encoded(
    article: Article,
    parts: Sequence[dict[str, Any]],
    said: dict[str, tuple[Word, ...] | None],
    teaser: bool,
    subscribe: str | None,
) -> bytes:
    fields = article.manifest
    article_id = fields["article_id"]
    told = {
        "id": article_id,
        "version": fields["version"],
        "title": fields["title"],
        "language": fields["language"],
        "premium": article.premium,
        "teaser": teaser,
        "seconds": fields["teaser" if teaser else "full"]["seconds"],
        "audio": f"/audio/{article_id}.mp3",
        "hls": f"/audio/{article_id}.m3u8",
        "subscribe": subscribe,
        "publisher": fields["publisher"],
        "parts": [_part(part, said.get(part["name"]) or ()) for part in parts],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _part(part: dict[str, Any], said: Sequence[Word]) -> dict[str, Any]:
    start, lead, length = part["start"], part.get("lead", 0), len(part["text"])
    return {
        "kind": part["kind"],
        "paragraph": part["paragraph"],
        "sentence": part.get("sentence"),
        "start": start,
        "end": part["end"],
        # An insert's text names the bucket it came from, which is nobody's business.
        "text": "" if part["kind"] == "insert" else part["text"],
        "words": [
            [round(start + at, 3), lead + first, lead + end]
            for at, first, end in said
            if 0 <= first < end <= length - lead
        ],
    }
