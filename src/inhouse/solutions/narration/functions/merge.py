"""The second function: on each fragment that lands, publishes every article now complete."""

from __future__ import annotations

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from . import collect, fragments, index, metrics, mp3, plan
from .bucket import Raced
from .claims import found
from .publish import Publisher, State, Unreadable, Vanished
from .runtime import THREADS, Runtime, runtime
from .words import Words

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
    house = runtime()
    merger = Merger(house)
    for article in event.get("publish", ()):
        merger.publish(article["article_id"], article["version"])
    for record in event.get("Records", ()):
        name = fragments.name_of(unquote_plus(record["s3"]["object"]["key"]))
        if name is not None:
            merger.land(name)
    merger.words.finish()
    collect.begin(house)


class Merger:
    """A warm function remembers plans, and where fragments landed, which it finds out when not so."""

    _landed: dict[str, str] = {}  # noqa: RUF012  (shared by the invocations of one warm function)
    _plans: dict[tuple[str, str], Plan] = {}  # noqa: RUF012

    def __init__(self, house: Runtime) -> None:
        self._house = house
        self._bucket = house.fragments
        self._publisher = Publisher(house.fragments, house.audio, house.config.sample_rate)
        self.words = Words(house)
        self._absent: set[str] = set()

    def land(self, name: str) -> None:
        """Publishes the newest complete version of each article that uses a fragment."""
        for article_id in index.articles(self._bucket, name):
            for one in self._bucket.entries(plan.prefix(article_id), most=MOST_VERSIONS):
                made = self._plan(one.key, one.etag)
                if made and name in made.names:
                    self.words.landed(made, name)
                    if self._publish(made):
                        break

    def publish(self, article_id: str, version: int) -> None:
        """Publishes a version if all its fragments are there."""
        if held := self._bucket.json(plan.key(article_id, version)):
            self._publish(plan.Plan.from_fields(held.fields))

    def _plan(self, key: str, etag: str) -> Plan | None:
        if (key, etag) not in self._plans:
            held = self._bucket.json(key)
            if held is None:
                return None
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            self._plans[key, etag] = plan.Plan.from_fields(held.fields)
        return self._plans[key, etag]

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
        try:
            seconds = self._out(replace(made, wordless=self.words.lacking(made)), keys)
        except Unreadable as bad:
            self._ask({"unreadable": bad.key, "reason": str(bad)})
            return False
        except Vanished:
            self._ask(_named(made))
            return False
        except mp3.Unjoinable as error:
            self._ask({**_named(made), "reason": f"its fragments do not fit: {error}"})
            return False
        log.info("%s version %s is out", made.article_id, made.version)
        if seconds is not None:
            config = self._house.config
            metrics.put(self._house.cloudwatch, config.name, Merges=1, SecondsToAudio=seconds)
        return True

    def _out(self, made: Plan, keys: dict[str, str]) -> float | None:
        """Publishes, where need be after another look at what was taken to be there."""
        try:
            return self._publisher.publish(made, keys)
        except Vanished:
            for name in made.names:
                self._landed.pop(name, None)
            again = self._complete(replace(made, known={}))
            if again is None:
                raise
            return self._publisher.publish(made, again)

    def _ask(self, request: dict[str, Any]) -> None:
        """Has the first function see to what is wrong, for it alone may speak."""
        log.warning("asking for help: %s", request)
        self._house.client("lambda").invoke(
            FunctionName=self._house.config.split_function,
            InvocationType="Event",
            Payload=json.dumps({"requests": [request]}),
        )

    def _turn(self, made: Plan) -> State:
        """The version's state once it is ours to publish, or no longer due.

        Fragments that land together bring many invocations here, and one is enough. The others wait
        for it, and in the end go on themselves: it may be gone.
        """
        key = f"merging/{made.article_id}/{made.version}"
        try:
            self._bucket.replace(key, b"", None)
        except Raced:
            waited = next((one.age for one in self._bucket.entries(key, most=1)), 0.0)
            until = time.monotonic() + WAIT_SECONDS - max(0.0, waited)
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


def _named(made: Plan) -> dict[str, Any]:
    return {"article_id": made.article_id, "version": made.version}
