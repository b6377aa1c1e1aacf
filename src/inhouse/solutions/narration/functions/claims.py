"""Who synthesizes a fragment: a claim is an object that only one can create.

A claim holds when it was made, by which invocation, and the task that was started. It is taken over,
by replacing exactly the object that was read, when its task failed or its maker is gone; before
that Polly's own list is searched, so that a task whose id was never written down is found again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from .bucket import Bucket, Raced, Stored, encoded
from .fragments import OUTPUT_FORMAT, Recipe, key_prefix
from .save import Refused

if TYPE_CHECKING:
    from .config import Config

STALE_SECONDS = 360.0
"""Longer than a function may run: the maker of an older claim without a task is gone."""
TRUSTED_SECONDS = 30.0
"""A task this young is not asked for."""
MOST_ATTEMPTS = 3
_WRONG_INPUT = frozenset(
    {"InvalidSsmlException", "TextLengthExceededException", "LexiconNotFoundException",
     "EngineNotSupportedException", "LanguageNotSupportedException", "InvalidSampleRateException",
     "ValidationException", "SsmlMarksNotSupportedForTextTypeException"}
)  # fmt: skip


def found(bucket: Bucket, name: str) -> str | None:
    """The key of a fragment that has landed."""
    return next(bucket.keys(f"{key_prefix(name)}.", most=1), None)


class Claims:
    """Claims of one invocation, `by` its request id."""

    def __init__(self, bucket: Bucket, polly: Any, config: Config, by: str) -> None:
        self._bucket = bucket
        self._polly = polly
        self._config = config
        self._by = by
        self.sure = True
        """Whether a task is known for everything asked for; another's claim may yet come to nothing."""

    def ensure(self, recipe: Recipe) -> str | None:
        """The fragment's key if it has landed; else sees to it that one task is making it.

        Raises Refused when Polly will not say it.
        """
        name = recipe.name
        while True:
            try:
                etag = self._bucket.replace(_key(name), self._claim(attempt=1), None)
                self._start(recipe, 1, etag)
                return None
            except Raced:
                pass
            if landed := found(self._bucket, name):
                return landed
            held = self._bucket.json(_key(name))
            if held is None:
                continue
            try:
                return self._inherit(recipe, held)
            except Raced:
                continue

    def _inherit(self, recipe: Recipe, held: Stored) -> str | None:
        claim = held.fields
        age = time.time() - claim["at"]
        if claim["task"] is None:
            if claim["by"] != self._by and age < STALE_SECONDS:
                self.sure = False
                return None
            if task := self._listed(recipe.name):
                self._bucket.replace(
                    _key(recipe.name), self._claim(claim["attempt"], task), held.etag
                )
                return None
        elif age < TRUSTED_SECONDS or (reason := self._failure(claim["task"])) is None:
            return None
        elif landed := found(self._bucket, recipe.name):
            return landed
        elif claim["attempt"] >= MOST_ATTEMPTS:
            raise Refused(f"Polly failed {MOST_ATTEMPTS} times on {recipe.ssml[:80]!r}: {reason}")
        attempt = claim["attempt"] + 1
        etag = self._bucket.replace(_key(recipe.name), self._claim(attempt), held.etag)
        self._start(recipe, attempt, etag)
        return None

    def _start(self, recipe: Recipe, attempt: int, etag: str) -> None:
        try:
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
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _WRONG_INPUT:
                raise
            self._bucket.delete([_key(recipe.name)])
            raise Refused(
                f"Polly refused {recipe.ssml[:80]!r}: {error.response['Error']['Message']}"
            ) from None
        task = answer["SynthesisTask"]["TaskId"]
        self._bucket.replace(_key(recipe.name), self._claim(attempt, task), etag)

    def _claim(self, attempt: int, task: str | None = None) -> bytes:
        return encoded({"at": time.time(), "by": self._by, "attempt": attempt, "task": task})

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

    def _listed(self, name: str) -> str | None:
        """A task of Polly's list that writes this fragment."""
        members: dict[str, Any] = {"MaxResults": 100}
        while True:
            answer = self._polly.list_speech_synthesis_tasks(**members)
            for task in answer["SynthesisTasks"]:
                at = f"/{self._bucket.name}/{key_prefix(name)}."
                if at in task.get("OutputUri", "") and task["TaskStatus"] != "failed":
                    return str(task["TaskId"])
            if not answer.get("NextToken"):
                return None
            members["NextToken"] = answer["NextToken"]


def _key(name: str) -> str:
    return f"claims/{name}"
