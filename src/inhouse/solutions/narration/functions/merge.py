"""The second function: on each fragment that lands, publishes every article now complete."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from . import fragments, index, metrics, plan
from .bucket import Raced
from .claims import found
from .publish import Publisher, State
from .runtime import THREADS, Runtime, runtime

if TYPE_CHECKING:
    from .plan import Plan

log = logging.getLogger(__name__)
MOST_REMEMBERED = 50_000
MOST_PLANS = 1_000
WAIT_SECONDS = 20.0
PAUSE_SECONDS = 0.25
MOST_VERSIONS = 20
"""Versions of an article that are looked at, the newest first, until one is complete."""


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
    """Fragments that have landed and plans stay as they are: a warm function remembers them."""

    _landed: dict[str, str] = {}  # noqa: RUF012  (shared by the invocations of one warm function)
    _plans: dict[str, Plan] = {}  # noqa: RUF012

    def __init__(self, house: Runtime) -> None:
        self._house = house
        self._bucket = house.fragments
        self._publisher = Publisher(house.fragments, house.audio, house.config.sample_rate)
        self._absent: set[str] = set()

    def land(self, name: str) -> None:
        """Publishes the newest complete version of each article that uses a fragment."""
        for article_id in index.articles(self._bucket, name):
            for key in self._bucket.keys(plan.prefix(article_id), most=MOST_VERSIONS):
                made = self._plan(key)
                if made and name in made.names and self._publish(made):
                    break

    def publish(self, article_id: str, version: int) -> None:
        """Publishes a version if all its fragments are there."""
        if made := self._plan(plan.key(article_id, version)):
            self._publish(made)

    def _plan(self, key: str) -> Plan | None:
        if key not in self._plans:
            held = self._bucket.json(key)
            if held is None:
                return None
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            self._plans[key] = plan.Plan.from_fields(held.fields)
        return self._plans[key]

    def _publish(self, made: Plan) -> bool:
        """Whether the version or a newer one is out now."""
        if self._lacks_last(made):
            return False
        state = self._publisher.state(made)
        keys: dict[str, str] = {}
        if state == "due":
            complete = self._complete(made)
            if complete is None:
                return False
            keys, state = complete, self._turn(made)
        if state == "settled":
            return True
        seconds = self._publisher.publish(made, keys)
        log.info("%s version %s is out", made.article_id, made.version)
        if seconds is not None:
            config = self._house.config
            metrics.put(self._house.cloudwatch, config.name, Merges=1, SecondsToAudio=seconds)
        return True

    def _turn(self, made: Plan) -> State:
        """The version's state once it is ours to publish, or no longer due.

        Fragments that land together bring many invocations here, and one is enough. The others wait
        for it, and in the end go on themselves: it may be gone.
        """
        try:
            self._bucket.replace(f"merging/{made.article_id}/{made.version}", b"", None)
        except Raced:
            until = time.monotonic() + WAIT_SECONDS
            while time.monotonic() < until:
                time.sleep(PAUSE_SECONDS)
                if (state := self._publisher.state(made)) != "due":
                    return state
        return "due"

    def _lacks_last(self, made: Plan) -> bool:
        """Whether a fragment is missing, looked for where it mostly is: the one started last."""
        lacking = [name for name in made.names if name not in made.known]
        if not self._absent.isdisjoint(lacking):
            return True
        return bool(lacking) and self._look(lacking[-1]) is None

    def _complete(self, made: Plan) -> dict[str, str] | None:
        """The key of every fragment, or None."""
        keys = dict(made.known)
        lacking = [name for name in made.names if name not in keys]
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
        if key is None:
            self._absent.add(name)
        return key
