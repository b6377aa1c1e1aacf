"""Which version of an article HLS plays: the newest whose fragments are all there, merged or not."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.solutions.narration.edge.fresh import Fresh
from inhouse.solutions.narration.edge.source import Absent
from inhouse.solutions.narration.functions import fragments, ledger, manifest, plan
from inhouse.solutions.narration.functions.mp3 import Unjoinable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.solutions.narration.edge.articles import Articles
    from inhouse.solutions.narration.edge.segments import Fragments
    from inhouse.solutions.narration.edge.source import Listed, Source
    from inhouse.solutions.narration.functions.plan import Part, Plan
    from inhouse.solutions.narration.names import Names

FRESH_SECONDS = 0.5
MOST_VERSIONS = 20
"""Versions that are looked at, the newest first."""
MOST_ARTICLES = 2_000
MOST_PLANS = 500
MOST_LANDED = 50_000
SLOWEST = 8.0
"""Characters a second of the slowest speech, to guess how long a fragment gets that is not there."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A fragment in its place; `start` and `seconds` in seconds."""

    name: str
    key: str
    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What HLS plays of one version; the teaser is empty for free ones.

    `complete` is false while a first version still grows. `longest` is what no piece will exceed.
    """

    version: int
    premium: bool
    complete: bool
    parts: tuple[Piece, ...]
    teaser: tuple[Piece, ...]
    longest: float

    def pieces(self, *, teaser: bool) -> tuple[Piece, ...]:
        return self.teaser if teaser else self.parts


class Versions:
    """Versions that can be heard, at most FRESH_SECONDS old. Raises Absent where there is none."""

    def __init__(self, source: Source, names: Names, articles: Articles, sounds: Fragments) -> None:
        self._source = source
        self._bucket = names.fragments_bucket
        self._articles = articles
        self._sounds = sounds
        self._landed: OrderedDict[str, str] = OrderedDict()
        self._plans: OrderedDict[tuple[str, str], Plan] = OrderedDict()
        self._fresh: Fresh[str, Heard] = Fresh(
            self._load, seconds=FRESH_SECONDS, most=MOST_ARTICLES
        )

    async def get(self, article_id: str) -> Heard:
        return await self._fresh.get(article_id)

    async def earlier(
        self, article_id: str, name: str, *, premium: bool
    ) -> tuple[str, bool] | None:
        """The key of a fragment of some recent version, and whether everybody might hear it.

        Players that loaded the playlist of that version still ask for it. What was free does not
        stay free once the article is `premium`.
        """
        for entry in await self._listed(article_id):
            made = await self._plan(entry)
            if made is None or name not in made.names:
                continue
            free = {part.fragment for part in made.teaser} if made.premium else set(made.names)
            is_open = name in free and (made.premium or not premium)
            key = made.known.get(name) or await self._look(name)
            return (key, is_open) if key else None
        return None

    async def _load(self, article_id: str, _: object) -> Heard:
        listed, out = await asyncio.gather(self._listed(article_id), self._published(article_id))
        version = out["version"] if out else 0
        newer = [one for one in listed if plan.version_of(one.key) > version]
        failed = await self._failed(article_id) if newer else set()
        hopeful = [one for one in newer if plan.version_of(one.key) not in failed]
        lengths = manifest.lengths(out) if out else {}
        for entry in hopeful:
            made = await self._plan(entry)
            if made and (heard := await self._whole(made, lengths)):
                return heard
        if out:
            return _of_manifest(out)
        made = await self._plan(hopeful[0]) if hopeful else None
        if made is None:
            raise Absent(article_id)
        return await self._growing(made)

    async def _listed(self, article_id: str) -> list[Listed]:
        return await self._source.entries(self._bucket, plan.prefix(article_id), MOST_VERSIONS)

    async def _published(self, article_id: str) -> dict[str, Any] | None:
        try:
            return (await self._articles.get(article_id)).manifest
        except Absent:
            return None

    async def _failed(self, article_id: str) -> set[int]:
        prefix = f"{ledger.FAILED}{article_id}/"
        return {
            ledger.failed(one.key)[1] for one in await self._source.entries(self._bucket, prefix)
        }

    async def _plan(self, entry: Listed) -> Plan | None:
        at = entry.key, entry.etag
        if at in self._plans:
            self._plans.move_to_end(at)
            return self._plans[at]
        try:
            data, _ = await self._source.get(self._bucket, entry.key)
        except Absent:
            return None
        made = self._plans[at] = plan.Plan.from_fields(json.loads(data))
        if len(self._plans) > MOST_PLANS:
            self._plans.popitem(last=False)
        return made

    async def _whole(self, made: Plan, lengths: Mapping[str, float]) -> Heard | None:
        """The version, if it lacks no fragment."""
        keys = dict(made.known)
        lacking = [name for name in made.names if name not in keys]
        # The one that was started last mostly lands last.
        if lacking and await self._look(lacking[-1]) is None:
            return None
        found = await asyncio.gather(*(self._look(name) for name in lacking))
        keys |= {name: key for name, key in zip(lacking, found, strict=True) if key}
        if len(keys) < len(made.names):
            return None
        try:
            return await self._heard(made, keys, lengths, complete=True)
        except (Absent, Unjoinable):
            return None

    async def _growing(self, made: Plan) -> Heard:
        """As much from the beginning as is there."""
        keys = dict(made.known)
        for name in made.names:
            key = keys.get(name) or await self._look(name)
            if key is None:
                break
            keys[name] = key
        return await self._heard(made, keys, {}, complete=False)

    async def _heard(
        self, made: Plan, keys: Mapping[str, str], lengths: Mapping[str, float], *, complete: bool
    ) -> Heard:
        names = [name for name in made.names if name in keys]
        unknown = [name for name in names if name not in lengths]
        found = await asyncio.gather(*(self._sounds.seconds(keys[name]) for name in unknown))
        every = {**lengths, **dict(zip(unknown, found, strict=True))}
        longest = max((every[name] for name in names), default=0.0)
        if not complete:
            guessed = max(part.characters for part in (*made.parts, *made.extra)) / SLOWEST
            longest = max(longest, guessed)
        parts, teaser = (_placed(some, keys, every) for some in (made.parts, made.teaser))
        return Heard(made.version, made.premium, complete, parts, teaser, longest)

    async def _look(self, name: str) -> str | None:
        """The key of a fragment that has landed."""
        if name in self._landed:
            self._landed.move_to_end(name)
            return self._landed[name]
        prefix = f"{fragments.key_prefix(name)}."
        found = await self._source.entries(self._bucket, prefix, 1)
        if not found:
            return None
        self._landed[name] = found[0].key
        if len(self._landed) > MOST_LANDED:
            self._landed.popitem(last=False)
        return found[0].key


def _placed(
    parts: Sequence[Part], keys: Mapping[str, str], lengths: Mapping[str, float]
) -> tuple[Piece, ...]:
    """The pieces up to the first that is not there."""
    pieces: list[Piece] = []
    start = 0.0
    for part in parts:
        if part.fragment not in keys:
            break
        name = part.fragment
        pieces.append(Piece(name, keys[name], start, lengths[name]))
        start += lengths[name]
    return tuple(pieces)


def _of_manifest(fields: dict[str, Any]) -> Heard:
    parts, teaser = (
        tuple(
            Piece(part["name"], part["fragment"], part["start"], part["seconds"])
            for part in (some or {"parts": ()})["parts"]
        )
        for some in (fields, fields["teaser"])
    )
    longest = max(piece.seconds for piece in (*parts, *teaser))
    return Heard(fields["version"], bool(fields["premium"]), True, parts, teaser, longest)
