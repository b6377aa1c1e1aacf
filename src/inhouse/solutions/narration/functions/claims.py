"""Who synthesizes a fragment: a claim is an object that only one can create.

A claim holds by which invocation it was made, which attempt it is, the task that was started, and the
tasks that failed before. It is taken over, by replacing exactly the object that was read, when its
task failed or its maker is gone; before that Polly's own list is searched, so that a task whose id
was never written down is found again. After MOST_ATTEMPTS the claim says why, until somebody
asks for the fragment once more. What the collector notes there is told in collect.py.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from . import ledger
from .bucket import Bucket, Raced, Stored, encoded
from .fragments import OUTPUT_FORMAT, Recipe, key_prefix
from .save import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .config import Config

STALE_SECONDS = 360.0
"""Longer than a function may run: the maker of an older claim without a task is gone."""
TRUSTED_SECONDS = 30.0
"""A task this young is not asked for."""
MOST_ATTEMPTS = 3
MOST_PAST = 12
"""Failed tasks that a claim remembers, since their messages may be repeated."""
CONDEMNED, ASKED, GONE = "condemned", "asked", "gone"
"""The collector's note, and its values: it may be collected, and it is being deleted."""
_WRONG_INPUT = frozenset(
    {"InvalidSsmlException", "TextLengthExceededException", "LexiconNotFoundException",
     "EngineNotSupportedException", "LanguageNotSupportedException", "InvalidSampleRateException",
     "ValidationException", "SsmlMarksNotSupportedForTextTypeException"}
)  # fmt: skip


class Failed(Refused):
    """A fragment that Polly will not make; the text says why."""


def key(name: str) -> str:
    return f"claims/{name}"


def found(bucket: Bucket, name: str) -> str | None:
    """The key of a fragment that has landed."""
    return next(bucket.keys(f"{key_prefix(name)}.", most=1), None)


def discard(bucket: Bucket, keys: Sequence[str]) -> None:
    """Deletes sounds that were paid for, which stay on the account."""
    for one in keys:
        bucket.put(ledger.collected_key(one), b"")
    if keys:
        bucket.delete(keys)


def is_young(age: float, seconds: float) -> bool:
    """Whether so little time has passed. What bears a later date is old: that clock was wrong."""
    return abs(age) < seconds


class Claims:
    """Claims of one invocation, `by` its request id.

    Tasks younger than `trusted` seconds are taken to be in the making without asking Polly.
    """

    def __init__(
        self, bucket: Bucket, polly: Any, config: Config, by: str, trusted: float | None = None
    ) -> None:
        self._bucket = bucket
        self._polly = polly
        self._config = config
        self._by = by
        self._trusted = TRUSTED_SECONDS if trusted is None else trusted
        self.sure = True
        """Whether a task is known for everything asked for; another's claim may yet come to nothing."""

    def ensure(self, recipe: Recipe) -> str | None:
        """The fragment's key if it has landed; else sees to it that one task is making it.

        Raises Failed when Polly will not say it.
        """
        name = recipe.name
        while True:
            try:
                self._begin(recipe, 1, (), None)
                return None
            except Raced:
                pass
            landed = found(self._bucket, name)
            held = self._bucket.json(key(name))
            if held is None:
                continue
            try:
                note = held.fields.get(CONDEMNED)
                if note == ASKED:
                    self._spare(name, held)
                elif note == GONE:
                    self._begin(recipe, 1, (), held.etag, self._keys(name))
                    return None
                else:
                    return landed or self._inherit(recipe, held)
            except Raced:
                continue

    def keep(self, name: str) -> str | None:
        """The key of a fragment that Polly did not make, safe from collection; None: it is gone."""
        while True:
            landed = found(self._bucket, name)
            held = self._bucket.json(key(name))
            if held is None:
                return landed
            note, old = held.fields.get(CONDEMNED), held.fields.get("old", [])
            try:
                if note == GONE:
                    self._put(key(name), {"old": self._keys(name)}, held.etag)
                elif note == ASKED:
                    self._spare(name, held)
                elif old:
                    discard(self._bucket, old)
                    self._put(key(name), {}, held.etag)
                else:
                    return landed
            except Raced:
                continue

    def failed(self, name: str, task: str, reason: str, recipe: Recipe | None) -> str | None:
        """Sees to a fragment whose task failed; why it will not be made, None while it may be.

        Without a `recipe` nobody needs it. A message that is repeated or late changes nothing.
        """
        while True:
            held = self._bucket.json(key(name))
            if held is None or CONDEMNED in held.fields:
                return None
            try:
                return self._after(held, name, task, reason, recipe)
            except Raced:
                continue
            except Failed as end:
                return str(end)

    def has_ended(self, name: str) -> bool:
        """Whether all attempts failed and nobody began anew."""
        held = self._bucket.json(key(name))
        return held is not None and "failed" in held.fields

    def _after(
        self, held: Stored, name: str, task: str, reason: str, recipe: Recipe | None
    ) -> str | None:
        claim = held.fields
        if "failed" in claim:
            return str(claim["failed"]) if claim.get("task") == task else None
        if task in claim.get("past", ()):
            if recipe and claim.get("task") is None:
                self._inherit(recipe, held)
            return None
        # A claim without a task is this one's too: whoever started it has not written it down yet.
        if claim.get("task") not in (None, task) or found(self._bucket, name):
            return None
        if recipe is None:
            return self._end(name, held.fields, task, reason, held.etag)
        self._again(recipe, held, task, reason)
        return None

    def _inherit(self, recipe: Recipe, held: Stored) -> str | None:
        claim = held.fields
        task: str | None = claim.get("task")
        if "failed" in claim:
            self._begin(recipe, 1, _past(claim, task), held.etag)
            return None
        if task is None:
            if claim.get("by") not in (self._by, None) and is_young(held.age, STALE_SECONDS):
                self.sure = False
                return None
            past = claim.get("past", [])
            if task := self._listed(recipe.name, past):
                self._put(key(recipe.name), {**claim, "by": self._by, "task": task}, held.etag)
            else:
                old = claim.get("old", ())
                self._begin(recipe, claim.get("attempt", 1), past, held.etag, old)
            return None
        if is_young(held.age, self._trusted) or (reason := self._failure(task)) is None:
            return None
        if landed := found(self._bucket, recipe.name):
            return landed
        self._again(recipe, held, task, reason)
        return None

    def _again(self, recipe: Recipe, held: Stored, task: str, reason: str) -> None:
        """Another attempt after one that failed. Raises Failed when it was the last."""
        attempt = held.fields.get("attempt", 1)
        wrong = any(code in reason for code in _WRONG_INPUT)
        if attempt < MOST_ATTEMPTS and not wrong:
            self._begin(recipe, attempt + 1, _past(held.fields, task), held.etag)
            return
        times = "once" if attempt == 1 else f"{attempt} times"
        why = f"Polly failed {times} on {recipe.ssml[:80]!r}: {reason}"
        raise Failed(self._end(recipe.name, held.fields, task, why, held.etag))

    def _begin(
        self,
        recipe: Recipe,
        attempt: int,
        past: Sequence[str],
        expected: str | None,
        old: Sequence[str] = (),
    ) -> None:
        """Claims the fragment in place of the claim `expected`, and starts a task.

        `old` keys, which the collector is deleting, are deleted before: nobody shall find them.
        """
        name = recipe.name
        claim = {"by": self._by, "attempt": attempt, "task": None, "past": list(past)}
        etag = self._put(key(name), {**claim, "old": list(old)} if old else claim, expected)
        discard(self._bucket, old)
        try:
            task = self._started(recipe)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _WRONG_INPUT:
                raise
            why = f"Polly refused {recipe.ssml[:80]!r}: {error.response['Error']['Message']}"
            raise Failed(self._end(name, claim, None, why, etag)) from None
        self._put(key(name), {**claim, "task": task}, etag)

    def _started(self, recipe: Recipe) -> str:
        members = {"SnsTopicArn": self._config.tasks_topic} if self._config.tasks_topic else {}
        answer = self._polly.start_speech_synthesis_task(
            Engine=recipe.engine,
            VoiceId=recipe.voice,
            Text=recipe.ssml,
            TextType="ssml",
            OutputFormat=OUTPUT_FORMAT,
            SampleRate=str(recipe.sample_rate),
            LexiconNames=sorted(recipe.lexicons),
            OutputS3BucketName=self._bucket.name,
            OutputS3KeyPrefix=key_prefix(recipe.name),
            **members,
        )
        return str(answer["SynthesisTask"]["TaskId"])

    def _put(self, at: str, claim: Mapping[str, Any], expected: str | None) -> str:
        # Two claims are never the same object: a condition on one must not fit another.
        return self._bucket.replace(at, encoded({**claim, "note": secrets.token_hex(8)}), expected)

    def _keys(self, name: str) -> list[str]:
        return list(self._bucket.keys(f"{key_prefix(name)}."))

    def _end(
        self, name: str, claim: Mapping[str, Any], task: str | None, reason: str, etag: str
    ) -> str:
        self._put(key(name), {**claim, "task": task, "failed": reason}, etag)
        return reason

    def _spare(self, name: str, held: Stored) -> None:
        claim = {field: value for field, value in held.fields.items() if field != CONDEMNED}
        self._put(key(name), claim, held.etag)

    def _failure(self, task: str) -> str | None:
        """Why the task will bring no fragment; None while it may."""
        try:
            answer = self._polly.get_speech_synthesis_task(TaskId=task)["SynthesisTask"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "SynthesisTaskNotFoundException":
                return "the task is not known any more"
            raise
        if answer["TaskStatus"] in ("scheduled", "inProgress"):
            return None
        if answer["TaskStatus"] == "failed":
            return str(answer.get("TaskStatusReason") or "no reason was given")
        return "the task completed, but its audio is gone"

    def _listed(self, name: str, past: list[str]) -> str | None:
        """A task of Polly's list that writes this fragment."""
        members: dict[str, Any] = {"MaxResults": 100}
        while True:
            answer = self._polly.list_speech_synthesis_tasks(**members)
            for task in answer["SynthesisTasks"]:
                at = f"/{self._bucket.name}/{key_prefix(name)}."
                if task["TaskId"] in past or at not in task.get("OutputUri", ""):
                    continue
                status = task["TaskStatus"]
                if status == "completed" and found(self._bucket, name) is None:
                    continue  # It was collected.
                if status != "failed":
                    return str(task["TaskId"])
            if not answer.get("NextToken"):
                return None
            members["NextToken"] = answer["NextToken"]


def _past(claim: Mapping[str, Any], task: str | None) -> list[str]:
    return [*claim.get("past", ()), *([task] if task else ())][-MOST_PAST:]
