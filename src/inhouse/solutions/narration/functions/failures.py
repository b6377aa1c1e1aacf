"""What becomes of fragments that fail: another attempt at once, or the version's failure is told.

A version that cannot be heard is marked by `failed/<article id>/<version>.json`, and the topic for
failures is told why. Its plan stays, the last good audio stays, and any save of the article, also
the same one again, asks anew for what failed.
docs/decisions/0007-narration.md argues why no failure is missed.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from . import fragments, index, ledger, manifest, metrics, plan
from .bucket import Bucket, Raced, Stored, encoded
from .claims import Claims, Failed, discard
from .claims import key as claim_key

if TYPE_CHECKING:
    from .plan import Part, Plan
    from .runtime import Runtime

log = logging.getLogger(__name__)
EXCERPT = 200
"""Characters of a fragment's text in a message."""


class Failures:
    """Failures seen by one invocation."""

    def __init__(self, house: Runtime, claims: Claims) -> None:
        self._house = house
        self._bucket: Bucket = house.fragments
        self._claims = claims

    def heard(self, message: str) -> None:
        """Takes Polly's message about a task that failed."""
        told = json.loads(message)
        if str(told.get("taskStatus")).casefold() != "failed":
            return
        _, slash, key = told.get("outputUri", "").partition(f"/{self._bucket.name}/")
        name = fragments.name_of(key) if slash else None
        if name is None:
            log.warning("task %s is none of this narration", told.get("taskId"))
            return
        self._attempt(name, told["taskId"], told.get("taskStatusReason") or "no reason was given")

    def unreadable(self, key: str, reason: str) -> None:
        """Takes a fragment that landed and cannot be joined: it counts as an attempt that failed."""
        name = fragments.name_of(key)
        if name is None:
            return
        discard(self._bucket, [key])
        why = f"{key} cannot be joined: {reason}"
        if self._bucket.head(claim_key(name)):
            self._attempt(name, key.split(".")[1], why)
        else:  # It is not speech; the next save makes it again.
            self.mark(name, why)

    def mark(self, fragment: str, reason: str) -> None:
        """Marks every article's newest version that needs the fragment, and tells of it."""
        for article_id in index.articles(self._bucket, fragment):
            marked: Plan | None = None
            # A save that came meanwhile may rely on the version before it, unless that is marked.
            while (made := self._needing(article_id, fragment)) and made != marked:
                self._mark(made, fragment, reason)
                marked = made

    def mark_version(self, article_id: str, version: int, reason: str) -> None:
        """Marks a version that fails though each of its fragments is good."""
        if made := _plan(self._bucket.json(plan.key(article_id, version))):
            self._mark(made, None, reason)

    def forget(self, article_id: str, version: int) -> None:
        """A version is tried again: should it fail once more, that is told once more."""
        self._bucket.delete([ledger.failed_key(article_id, version)])

    def is_marked(self, article_id: str, version: int) -> bool:
        return self._bucket.head(ledger.failed_key(article_id, version)) is not None

    def _attempt(self, name: str, task: str, reason: str) -> None:
        log.warning("task %s of %s failed: %s", task, name, reason)
        recipe = self._recipe(name)
        end = self._claims.failed(name, task, reason, recipe)
        if end is None:
            return
        if recipe is None and (recipe := self._recipe(name)):
            try:  # A save came meanwhile, and may have taken the task to be under way.
                self._claims.ensure(recipe)
            except Failed as failed:
                end = str(failed)
        if self._claims.has_ended(name):
            self.mark(name, end)

    def _recipe(self, name: str) -> fragments.Recipe | None:
        """How to make the fragment; None where nobody needs it, or it is not speech."""
        for article_id in index.articles(self._bucket, name):
            made = self._needing(article_id, name)
            part = made.spoken.get(name) if made else None
            if made is None or part is None:
                continue
            recipe = made.recipe(part, self._house.config.sample_rate)
            if recipe.name == name:  # another where the deployment was changed
                return recipe
        return None

    def _needing(self, article_id: str, name: str) -> Plan | None:
        """The article's newest plan, if it lacks this fragment."""
        newest = next(self._bucket.keys(plan.prefix(article_id), most=1), None)
        made = _plan(self._bucket.json(newest)) if newest else None
        if made is None or name not in made.names:
            return None
        current = self._house.audio.json(manifest.key(article_id))
        return None if current and current.fields["version"] >= made.version else made

    def _mark(self, made: Plan, fragment: str | None, reason: str) -> None:
        part = _part(made, fragment) if fragment else None
        body = {
            "article_id": made.article_id,
            "version": made.version,
            "reason": reason,
            "fragment": fragment,
            "kind": part.kind if part else None,
            "paragraph": part.paragraph if part else None,
            "text": part.text[:EXCERPT] if part else None,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        key = ledger.failed_key(made.article_id, made.version)
        spoken = sorted(made.spoken)
        try:
            self._bucket.replace(key, encoded({**body, "fragments": spoken}), None)
        except Raced:
            held = self._bucket.json(key)
            if held and held.fields["fragment"] != fragment:
                return  # It failed already, and one message is enough.
        self._tell(body)
        log.error("%s version %s failed: %s", made.article_id, made.version, reason)
        metrics.put(self._house.cloudwatch, self._house.config.name, Failures=1)

    def _tell(self, body: dict[str, Any]) -> None:
        topic = self._house.config.failures_topic
        if not topic:
            return
        message = json.dumps(body, ensure_ascii=False)
        try:
            self._house.client("sns").publish(TopicArn=topic, Message=message)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NotFound", "NotFoundException"):
                raise
            log.exception("the topic %s is not there any more; deploy again", topic)


def _plan(held: Stored | None) -> Plan | None:
    return plan.Plan.from_fields(held.fields) if held else None


def _part(made: Plan, name: str) -> Part | None:
    return next((one for one in (*made.parts, *made.extra) if one.fragment == name), None)
