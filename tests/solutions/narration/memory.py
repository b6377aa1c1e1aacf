"""S3 and Polly in memory, with a place to let something else happen before any call.

Only for interleavings: what happens between two calls of one invocation cannot be chosen on a server.
"""

from __future__ import annotations

import functools
import io
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from botocore.exceptions import ClientError

from inhouse.solutions.narration.functions import fragments, mp3
from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.functions.config import Config
from inhouse.solutions.narration.functions.merge import Merger
from inhouse.solutions.narration.functions.split import Splitter

RATE = 8000
SEPARATOR = fragments.named(["separator"], 0)


class Crash(Exception):
    """The function died here."""


@functools.cache
def sound(number: int) -> bytes:
    return mp3.tone(RATE, [(300 + 20 * (number % 40), 0.1)])


def problem(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "operation")


def heard(state: dict[str, Any]) -> str:
    """Polly's message about a task."""
    return json.dumps({name[0].lower() + name[1:]: value for name, value in state.items()})


class S3:
    """Objects by bucket and key; `before` is called ahead of every operation."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], tuple[bytes, str, dict[str, str]]] = {}
        self.modified: dict[tuple[str, str], datetime] = {}
        self.ahead = timedelta()
        """By how much its clock is set ahead now."""
        self.before: Callable[[], None] = lambda: None
        self._etags = itertools.count()

    def put_object(self, **members: Any) -> dict[str, Any]:
        self.before()
        at = members["Bucket"], members["Key"]
        held = self.objects.get(at)
        if members.get("IfNoneMatch") == "*" and held:
            raise problem("PreconditionFailed")
        if "IfMatch" in members and not held:
            raise problem("NoSuchKey")
        if "IfMatch" in members and held and held[1] != members["IfMatch"]:
            raise problem("PreconditionFailed")
        etag = f'"{next(self._etags)}"'
        self.objects[at] = bytes(members["Body"]), etag, members.get("Metadata", {})
        self.modified[at] = self._now()
        return {"ETag": etag}

    def get_object(self, **members: Any) -> dict[str, Any]:
        self.before()
        body, etag, _ = self._held(members, "NoSuchKey")
        at = members["Bucket"], members["Key"]
        return {
            "Body": io.BytesIO(body),
            "ETag": etag,
            "LastModified": self.modified[at],
            **self._dated(),
        }

    def head_object(self, **members: Any) -> dict[str, Any]:
        self.before()
        body, etag, metadata = self._held(members, "404")
        return {"ETag": etag, "Metadata": metadata, "ContentLength": len(body)}

    def delete_objects(self, **members: Any) -> dict[str, Any]:
        self.before()
        for one in members["Delete"]["Objects"]:
            self.objects.pop((members["Bucket"], one["Key"]), None)
        return {}

    def delete_object(self, **members: Any) -> dict[str, Any]:
        self.before()
        _, etag, _ = self._held(members, "PreconditionFailed")
        if etag != members["IfMatch"]:
            raise problem("PreconditionFailed")
        del self.objects[members["Bucket"], members["Key"]]
        return {}

    def get_paginator(self, _: str) -> S3:
        return self

    def paginate(self, **members: Any) -> Iterator[dict[str, Any]]:
        self.before()
        found = sorted(
            key
            for bucket, key in self.objects
            if bucket == members["Bucket"]
            and key.startswith(members["Prefix"])
            and key > members.get("StartAfter", "")
        )[: members.get("MaxKeys", 1000)]
        places = [(members["Bucket"], key) for key in found]
        contents = [
            {"Key": at[1], "ETag": self.objects[at][1], "LastModified": self.modified[at]}
            for at in places
        ]
        yield {"Contents": contents, **self._dated()}

    def _now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def _dated(self) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(self._now())}}}

    def _held(self, members: Any, code: str) -> tuple[bytes, str, dict[str, str]]:
        try:
            return self.objects[members["Bucket"], members["Key"]]
        except KeyError:
            raise problem(code) from None


class Newsroom:
    """Both functions over the memory; `pending` are calls that Lambda, S3 or Polly still owe."""

    def __init__(self) -> None:
        self.s3 = S3()
        self.tasks: dict[str, dict[str, Any]] = {}
        self.pending: list[Callable[[], None]] = []
        self.letters: list[str] = []
        self.told: list[dict[str, Any]] = []
        """What the topic for failures was told."""
        self.failing: bool | int = False
        """Whether Polly's tasks fail, or how many of the next do."""
        self.spoiled = 0
        """How many of the next fragments to land are no MP3."""
        self.metrics: dict[str, float] = {}
        self._requests = itertools.count()
        self.config = Config(
            "n",
            "f",
            "a",
            "queue",
            "merge",
            "en",
            "Tone",
            "standard",
            RATE,
            SEPARATOR,
            tasks_topic="tasks",
            failures_topic="failures",
            split_function="split",
            words=False,
        )
        self.fragments, self.audio = Bucket(self.s3, "f"), Bucket(self.s3, "a")
        self.cloudwatch = self
        key = f"{fragments.key_prefix(SEPARATOR)}.separator.mp3"
        self.fragments.put(key, sound(7))

    def client(self, _: str) -> Newsroom:
        return self

    def put_metric_data(self, **members: Any) -> None:
        for one in members["MetricData"]:
            name = one["MetricName"]
            self.metrics[name] = self.metrics.get(name, 0) + one["Value"]

    def publish(self, **members: Any) -> None:
        self.s3.before()
        assert members["TopicArn"] == "failures"
        self.told.append(json.loads(members["Message"]))

    def send_message(self, **members: Any) -> None:
        self.letters.append(json.loads(members["MessageBody"])["reason"])

    def invoke(self, **members: Any) -> None:
        self.s3.before()
        event = json.loads(members["Payload"])
        for article in event.get("publish", ()):
            self.later(lambda article=article: self._merger().publish(**article))
        for request in event.get("requests", ()):
            assert members["FunctionName"] == "split"
            name = f"r{next(self._requests)}"
            self.later(lambda one=request, by=name: self.splitter(by, trusted=0.0).mend(one))

    def splitter(self, request: str, **more: Any) -> Splitter:
        return Splitter(self, request, **more)  # type: ignore[arg-type]

    def start_speech_synthesis_task(self, **members: Any) -> dict[str, Any]:
        self.s3.before()
        task = f"task-{len(self.tasks)}"
        key = f"{members['OutputS3KeyPrefix']}.{task}.mp3"
        state = {"TaskId": task, "TaskStatus": "inProgress", "OutputUri": f"http://s3/f/{key}"}
        self.tasks[task] = state
        if self.failing:
            if self.failing is not True:
                self.failing -= 1
            state |= {"TaskStatus": "failed", "TaskStatusReason": "no voice today"}
            request = f"r{next(self._requests)}"
            self.later(lambda: self.splitter(request).failures.heard(heard(state)))
        else:
            self.pending.append(lambda: self._land(state, key, members["Text"]))
        return {"SynthesisTask": state}

    def get_speech_synthesis_task(self, **members: str) -> dict[str, Any]:
        return {"SynthesisTask": self.tasks[members["TaskId"]]}

    def list_speech_synthesis_tasks(self, **_: Any) -> dict[str, Any]:
        return {"SynthesisTasks": list(self.tasks.values())}

    def save(self, version: int, *paragraphs: str, **more: Any) -> Callable[[], None]:
        """An invocation of the first function; the same one again is a retry."""
        fields = {
            "article_id": "x",
            "version": version,
            "title": "",
            "paragraphs": paragraphs,
            **more,
        }
        message = {
            "MessageId": f"m{version}",
            "Message": json.dumps(fields),
            "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        request = f"r{next(self._requests)}"
        return lambda: Splitter(self, request).take(message)  # type: ignore[arg-type]

    def later(self, act: Callable[[], None]) -> None:
        """Lambda's promise: again until it succeeds."""

        def once() -> None:
            try:
                act()
            except Crash:
                self.pending.insert(0, once)

        self.pending.append(once)

    def settle(self) -> None:
        while self.pending:
            self.pending.pop(0)()

    def manifest(self) -> dict[str, Any]:
        return json.loads(self.audio.read("x/manifest.json"))

    def spoken(self) -> list[str]:
        """Fragment keys without those of the separator."""
        return [key for key in self.fragments.keys("fragments/") if "separator" not in key]

    def _merger(self) -> Merger:
        merger = Merger(self)  # type: ignore[arg-type]
        merger._landed, merger._plans = {}, {}
        return merger

    def _land(self, state: dict[str, Any], key: str, text: str) -> None:
        before, self.s3.before = self.s3.before, lambda: None
        self.fragments.put(key, b"noise" if self.spoiled else sound(sum(text.encode())))
        self.spoiled = max(0, self.spoiled - 1)
        self.s3.before = before
        state["TaskStatus"] = "completed"
        name = fragments.name_of(key)
        assert name
        self.later(lambda: self._merger().land(name))
