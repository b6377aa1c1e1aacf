"""The second function: on each fragment that lands, publishes every article now complete."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from . import fragments, metrics, plan, waiting
from .claims import found
from .publish import Publisher
from .runtime import THREADS, Runtime, runtime

if TYPE_CHECKING:
    from .plan import Plan

log = logging.getLogger(__name__)
MOST_REMEMBERED = 50_000


def handler(event: dict[str, Any], context: Any) -> None:
    """Takes S3's events about fragments, and `publish` requests of the first function."""
    merger = Merger(runtime())
    for article in event.get("publish", ()):
        merger.publish(article["article_id"], article["version"])
    for record in event.get("Records", ()):
        name = fragments.name_of(unquote_plus(record["s3"]["object"]["key"]))
        if name is not None:
            merger.land(name)


class Merger:
    """Fragments that have landed are remembered while the function is warm: they stay."""

    _landed: dict[str, str] = {}  # noqa: RUF012  (shared by the invocations of one warm function)

    def __init__(self, house: Runtime) -> None:
        self._house = house
        self._bucket = house.fragments
        self._publisher = Publisher(house.fragments, house.audio, house.config.sample_rate)

    def land(self, name: str) -> None:
        """Publishes the newest complete version of each article that waits for a fragment.

        A mark is removed only after that: what is still incomplete lacks another fragment, whose
        landing brings us back.
        """
        marks = waiting.listed(self._bucket, name)
        articles: dict[str, list[int]] = {}
        for mark in marks.values():
            articles.setdefault(mark.article_id, []).append(mark.version)
        for article_id, versions in articles.items():
            for version in sorted(versions, reverse=True):
                if self.publish(article_id, version):
                    break
        self._bucket.delete(marks)

    def publish(self, article_id: str, version: int) -> bool:
        """Publishes a version if all its fragments are there; whether they were."""
        held = self._bucket.json(plan.key(article_id, version))
        if held is None:
            return False
        made = plan.Plan.from_fields(held.fields)
        keys = self._complete(made)
        if keys is None:
            return False
        seconds = self._publisher.publish(made, keys)
        log.info("%s version %s is out", article_id, version)
        if seconds is not None:
            config = self._house.config
            metrics.put(self._house.cloudwatch, config.name, Merges=1, SecondsToAudio=seconds)
        return True

    def _complete(self, made: Plan) -> dict[str, str] | None:
        """The key of every fragment, or None. The one started last is looked for first."""
        keys = dict(made.known)
        lacking = [name for name in reversed(made.names) if name not in keys]
        if lacking and self._look(lacking[0]) is None:
            return None
        with ThreadPoolExecutor(THREADS) as pool:
            for name, key in zip(lacking, pool.map(self._look, lacking), strict=True):
                if key is None:
                    return None
                keys[name] = key
        return keys

    def _look(self, name: str) -> str | None:
        key = self._landed.get(name)
        if key is None and (key := found(self._bucket, name)):
            if len(self._landed) >= MOST_REMEMBERED:
                self._landed.clear()
            self._landed[name] = key
        return key
