"""Removes fragments that no article needs any more, with all that was kept for them.

What is unused is told by plans: one of a version older than the published one is dead once a newer
version has been out for the time to keep. A fragment that only dead plans of its article name, and
that no other article is indexed for, goes; then the dead plan goes. It takes three conditional
writes to the fragment's claim, so that a save which wants the fragment meanwhile either spares it or
has it made anew. docs/decisions/0007-narration.md argues why none is lost.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from . import fragments, index, ledger, manifest, plan
from .bucket import Bucket, Listed, Raced, Stored, encoded
from .claims import ASKED, CONDEMNED, GONE, discard, is_young
from .claims import key as claim_key
from .runtime import THREADS, Runtime, runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .plan import Plan

log = logging.getLogger(__name__)
DAY_SECONDS = 86_400.0
SHORTEST_SECONDS = 900.0
"""A plan dead for less may yet be the ground on which a save that is under way builds its own."""
LAST_SECONDS = 45.0
"""With less time left an invocation hands over to the next."""
DAYS = "collecting/"
_begun: set[str] = set()


def handler(event: dict[str, Any], context: Any) -> None:
    """Collects from the article behind `after` on; what is left when time is short, another does."""
    house = runtime()
    days = house.config.keep_fragments_days
    if days is None:
        return
    collector = Collector(house.fragments, house.audio, days * DAY_SECONDS)
    left = collector.run(
        event.get("after", ""),
        lambda: context.get_remaining_time_in_millis() < LAST_SECONDS * 1000,
    )
    log.info("collected %s", collector.done)
    if left is not None:
        _invoke(house, {**event, "after": left})


def begin(house: Runtime) -> None:
    """Has the day's collection started by whoever first comes here on that day."""
    today = datetime.now(UTC).date().isoformat()
    if not house.config.keep_fragments_days or today in _begun:
        return
    _begun.add(today)
    try:
        house.fragments.replace(f"{DAYS}{today}", b"", None)
        _invoke(house, {"day": today})
    except Raced:
        pass  # Another function was first.
    except ClientError:
        log.exception("the collector was not started; deploy again if it is missing")


def _invoke(house: Runtime, event: Mapping[str, str]) -> None:
    house.client("lambda").invoke(
        FunctionName=house.config.collect_function,
        InvocationType="Event",
        Payload=json.dumps(event),
    )


@dataclass(slots=True)
class Done:
    """What was collected, or would be. Characters are those once billed for the fragments."""

    articles: int = 0
    versions: int = 0
    fragments: int = 0
    characters: int = 0


class Collector:
    """Collects what was unused for `keep` seconds. Any number may run at once, and die anywhere."""

    def __init__(
        self,
        bucket: Bucket,
        audio: Bucket,
        keep: float,
        *,
        dry_run: bool = False,
        progress: Callable[[Done], object] = lambda _: None,
    ) -> None:
        self._bucket = bucket
        self._audio = audio
        self._keep = max(keep, SHORTEST_SECONDS)
        self._dry_run = dry_run
        self._progress = progress
        self.done = Done()

    def run(self, after: str = "", tired: Callable[[], bool] = lambda: False) -> str | None:
        """Goes through articles, from behind `after` on; where it stopped if it got `tired`."""
        failed = self._failed()
        plans = self._bucket.entries("plans/", after=f"{plan.prefix(after)}~" if after else "")
        for article_id, entries in groupby(plans, lambda entry: entry.key.split("/")[1]):
            self._article(article_id, list(entries), failed.get(article_id, []))
            self.done.articles += 1
            self._progress(self.done)
            if tired():
                return str(article_id)
        self._orphans()
        self._progress(self.done)
        days = [one.key for one in self._bucket.entries(DAYS) if one.age > 7 * DAY_SECONDS]
        if not self._dry_run:
            self._bucket.delete(days)
        return None

    def _failed(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for key in self._bucket.keys(ledger.FAILED):
            article_id, version = ledger.failed(key)
            found.setdefault(article_id, []).append(version)
        return found

    def _article(self, article_id: str, plans: list[Listed], failed: list[int]) -> None:
        if not failed and all(one.age < self._keep for one in plans[1:]):
            return
        dead, names = self._dead(article_id, plans, failed)
        if not dead:
            return
        with ThreadPoolExecutor(THREADS) as pool:
            listed = pool.map(lambda name: index.entries(self._bucket, name), names)
            uses = dict(zip(names, listed, strict=True))
        # An entry that a save of this article wrote by now is known only with its plan.
        if {one.key for one in plans} != set(self._bucket.keys(plan.prefix(article_id))):
            return
        left = [name for name, used in uses.items() if not self._drop(name, article_id, used)]
        if not left:
            self._forget(article_id, dead)

    def _dead(
        self, article_id: str, plans: list[Listed], failed: list[int]
    ) -> tuple[list[int], list[str]]:
        """Versions that nobody needs any more, and the fragments that they alone name."""
        current = self._audio.json(manifest.key(article_id))
        if current is None:
            return [], []
        out = {
            int(one.key.split("/")[2]): one.age
            for one in self._bucket.entries(f"{ledger.PUBLISHED}{article_id}/")
        }
        stored = {plan.version_of(one.key): one.key for one in plans}
        used = set(manifest.known(current.fields))
        unused: set[str] = set()
        dead = []
        for version in {*stored, *failed}:
            since = [age for newer, age in out.items() if newer > version] or [current.age]
            if min(current.fields["version"], max(stored)) > version and max(since) >= self._keep:
                dead.append(version)
                unused |= self._named(article_id, version)
            else:
                used |= self._named(article_id, version)
        return dead, sorted(unused - used)

    def _named(self, article_id: str, version: int) -> set[str]:
        """Fragments in the plan of a version, or in what is told of its failure."""
        if held := self._bucket.json(plan.key(article_id, version)):
            return own_fragments(plan.Plan.from_fields(held.fields))
        mark = self._bucket.json(ledger.failed_key(article_id, version))
        return set(mark.fields["fragments"]) if mark else set()

    def _drop(self, name: str, article_id: str, used: Mapping[str, Listed]) -> bool:
        """Takes an article off a fragment's index, and collects what is in nobody's then."""
        mine = used.get(article_id)
        if set(used) <= {article_id}:
            return self._collect(name, mine)
        if mine and not self._dry_run:
            with contextlib.suppress(Raced):
                self._bucket.delete_if(mine.key, mine.etag)
        return True

    def _collect(self, name: str, entry: Listed | None) -> bool:
        """Collects a fragment unless somebody wants it, or it is in the making."""
        held = self._bucket.json(claim_key(name))
        keys = list(self._bucket.keys(f"{fragments.key_prefix(name)}."))
        if held and CONDEMNED not in held.fields and not keys and is_young(held.age, DAY_SECONDS):
            return False
        if not self._dry_run:
            try:
                if keys or held:
                    self._delete(name, keys, held, entry)
                if entry:
                    self._bucket.delete_if(entry.key, entry.etag)
            except Raced:
                return False
        if keys:
            self.done.fragments += 1
            self.done.characters += fragments.characters_of(name) * len(keys)
        return True

    def _delete(
        self, name: str, keys: list[str], held: Stored | None, entry: Listed | None
    ) -> None:
        """Raises Raced when somebody wants the fragment."""
        claim = held.fields if held else {}
        etag = held.etag if held else None
        if claim.get(CONDEMNED) != GONE:
            etag = self._note(name, claim, ASKED, etag)
            if not _same(index.entries(self._bucket, name).values(), entry):
                self._spare(name, claim if held else None, etag)
                raise Raced(name)
        etag = self._note(name, claim, GONE, etag)
        discard(self._bucket, keys)
        words = f"{ledger.WORDS}{name}.json"
        if self._bucket.head(words):
            self._bucket.put(f"{ledger.TIMED}{name}.json", b"")
            self._bucket.delete([words])
        with contextlib.suppress(Raced):
            self._bucket.delete_if(claim_key(name), etag)

    def _note(self, name: str, claim: Mapping[str, Any], note: str, etag: str | None) -> str:
        # Two notes are never the same object: a condition on one must not fit another.
        fields = {**claim, CONDEMNED: note, "note": secrets.token_hex(8)}
        return self._bucket.replace(claim_key(name), encoded(fields), etag)

    def _spare(self, name: str, claim: Mapping[str, Any] | None, etag: str) -> None:
        if claim is None:
            self._bucket.delete_if(claim_key(name), etag)
        else:
            fields = {field: value for field, value in claim.items() if field != CONDEMNED}
            self._bucket.replace(claim_key(name), encoded(fields), etag)

    def _forget(self, article_id: str, dead: list[int]) -> None:
        """Removes versions, plans last: an end before that is made up for next time."""
        self.done.versions += len(dead)
        if self._dry_run:
            return
        for version in dead:
            self._bucket.delete(
                [
                    index.finished_key(article_id, version),
                    f"merging/{article_id}/{version}",
                    ledger.failed_key(article_id, version),
                ]
            )
        self._bucket.delete([plan.key(article_id, version) for version in dead])

    def _orphans(self) -> None:
        """Collects speech that is in no index, left by an end in the midst of something."""
        indexed = (key.split("/")[1] for key in self._bucket.keys(index.PREFIX))
        at = next(indexed, None)
        for one in self._bucket.entries(fragments.PREFIX):
            name = fragments.name_of(one.key)
            while at is not None and name is not None and at < name:
                at = next(indexed, None)
            if name and name != at and fragments.characters_of(name) and one.age >= self._keep:
                self._collect(name, None)


def own_fragments(made: Plan) -> set[str]:
    """Names of a plan's fragments but for the sounds that belong to the deployment."""
    return {part.fragment for part in (*made.parts, *made.extra) if part.kind != "separator"}


def _same(entries: Iterable[Listed], entry: Listed | None) -> bool:
    return [(one.key, one.etag) for one in entries] == ([entry[:2]] if entry else [])
