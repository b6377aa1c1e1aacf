"""Speech synthesis tasks: long texts, spoken later into a bucket.

https://docs.aws.amazon.com/polly/latest/dg/asynchronous.html
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import exponential, job, reads, works
from inhouse.engines.speech import TASK
from inhouse.services.polly import outputs, rows, upstream
from inhouse.services.polly.memory import pack
from inhouse.services.polly.speaking import as_request, lexicon_arns, lexicon_contents, prepare
from inhouse.services.polly.utterance import Utterance
from inhouse.work import Bury, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.polly.studio import Studio

PATIENCE = 3600.0
"""Seconds for which a task waits for an upstream that is away."""
_TASK_ID = re.compile(r"[a-zA-Z0-9_-]{1,100}").fullmatch
_STATUSES = ("scheduled", "inProgress", "completed", "failed")


class Tasks:
    """Start, get and list tasks, and the jobs that do them."""

    studio: Studio

    @works("polly:StartSpeechSynthesisTask", lexicon_arns)
    async def start_speech_synthesis_task(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        lexicons, billed = self._checked(call, req)
        task_id = call.house.ids.uuid()
        key = outputs.key_for(req, task_id)
        await outputs.check(call, req, key)
        await call.write(_schedule, req, lexicons, billed, task_id, key)
        row = rows.task(call, task_id)
        assert row is not None
        return {"SynthesisTask": _shown(call, row)}

    @reads("polly:GetSpeechSynthesisTask")
    def get_speech_synthesis_task(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        task_id = req["TaskId"]
        if not _TASK_ID(task_id):
            raise ServiceError(
                "InvalidTaskIdException",
                f"TaskId {task_id[:100]!r}: use 1 to 100 letters, digits, _ and -.",
            )
        row = rows.task(call, task_id)
        if row is None:
            raise ServiceError(
                "SynthesisTaskNotFoundException",
                f"There is no task {task_id!r} of the last 72 hours here.",
            )
        return {"SynthesisTask": _shown(call, row)}

    @reads("polly:ListSpeechSynthesisTasks")
    def list_speech_synthesis_tasks(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        status, most = req.get("Status"), req.get("MaxResults", 100)
        if not 1 <= most <= 100:
            raise ServiceError("ValidationException", f"MaxResults {most}: use 1 to 100.")
        if status is not None and status not in _STATUSES:
            raise ServiceError(
                "ValidationException", f"Status {status[:20]!r}: use {', '.join(_STATUSES)}."
            )
        until, last = _resume(req.get("NextToken"))
        found = rows.tasks_before(call, until, last, status, most + 1)
        answer: dict[str, Any] = {"SynthesisTasks": [_shown(call, row) for row in found[:most]]}
        if len(found) > most:
            token = orjson.dumps([found[most - 1]["created"], found[most - 1]["id"]])
            answer["NextToken"] = base64.urlsafe_b64encode(token).decode()
        return answer

    def _checked(self, call: Call, req: Mapping[str, Any]) -> tuple[tuple[str, ...], int]:
        """The contents of a request's lexicons and the characters billed. Raises Polly's errors."""
        if self.studio.upstream.speaks(req):
            return lexicon_contents(call, req), upstream.check(req)
        request, billed = prepare(call, req, self.studio.voices, TASK)
        return request.lexicons, billed

    @job("polly.Synthesize", attempts=4, backoff=exponential(1, 60), concurrency=32)
    async def synthesize(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Speaks a task's text into its object. Done once: what is stored is never made again."""
        row = rows.any_task(call, payload["TaskId"])
        if row is None or row["status"] in ("completed", "failed"):
            return
        if row["status"] == "inProgress" and await outputs.is_stored(call, row):
            await call.write(_settle, row["id"], "completed", None)
            return
        await call.write(_settle, row["id"], "inProgress", None)
        try:
            await self._speak(call, row)
        except upstream.Away as error:
            raise _patiently(call, row, error) from error
        except ServiceError as error:
            if (error.status or 400) < 500:
                raise Bury(str(error)) from error
            raise

    async def synthesize_dead(self, call: Call, payload: Mapping[str, Any], reason: str) -> None:
        """The task failed for good: its status says why, and its topic is told."""
        await call.write(_settle, payload["TaskId"], "failed", reason)

    async def _speak(self, call: Call, row: Row) -> None:
        """Speaks a task's text, stores the sound and completes the task."""
        req, lexicons = orjson.loads(row["request"]), tuple(orjson.loads(row["lexicons"]))
        if self.studio.upstream.speaks(req):
            self.studio.answers["upstream"] += 1
            answer = await self.studio.upstream.answer(req, lexicons)
            await _finish(call, row, req, [piece async for piece in answer.pieces])
            return
        utterance = Utterance(call, as_request(req, lexicons), self.studio)
        pieces = [piece async for piece in utterance.pieces()]
        if utterance.new_marks is None:
            await _finish(call, row, req, pieces)
            return
        memory, (key, marks) = self.studio.memory, utterance.new_marks
        packed = await asyncio.to_thread(pack, marks)
        with memory.announced(key, packed):
            await _finish(call, row, req, pieces, lambda call: memory.keep(call, key, packed))

    @job("polly.Notify", attempts=8, backoff=exponential(1, 300))
    async def notify(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Tells the task's topic how it ended."""
        await call.client("sns").publish(TopicArn=payload["Topic"], Message=payload["Message"])


def _schedule(
    call: Call,
    req: Mapping[str, Any],
    lexicons: tuple[str, ...],
    billed: int,
    task_id: str,
    key: str,
) -> None:
    rows.add_task(
        call,
        id=task_id,
        status="scheduled",
        request=orjson.dumps(req).decode(),
        lexicons=orjson.dumps(lexicons).decode(),
        output_bucket=req["OutputS3BucketName"],
        output_key=key,
        characters=billed,
        created=call.now.timestamp(),
    )
    call.defer("polly.Synthesize", {"TaskId": task_id})


async def _finish(
    call: Call,
    row: Row,
    req: Mapping[str, Any],
    pieces: list[bytes],
    besides: Callable[[Call], None] = lambda _: None,
) -> None:
    """Stores the sound, then completes the task; `besides` shares the transaction."""

    def complete(call: Call) -> None:
        _settle(call, row["id"], "completed", None)
        besides(call)

    await outputs.store(call, row, req, pieces)
    await call.write(complete)


def _settle(call: Call, task_id: str, status: str, reason: str | None) -> None:
    """Sets a task's status; one that ended with a topic queues the message to it."""
    rows.set_task(call, task_id, status=status, reason=reason)
    row = rows.any_task(call, task_id)
    topic = orjson.loads(row["request"]).get("SnsTopicArn") if row is not None else None
    if row is None or topic is None or status not in ("completed", "failed"):
        return
    message = orjson.dumps(_told(_shown(call, row))).decode()
    call.defer("polly.Notify", {"Topic": topic, "Message": message})


def _told(shown: Mapping[str, Any]) -> dict[str, Any]:
    """A SynthesisTask as topics are told of it: names begin small, and lists are never left out.

    https://docs.aws.amazon.com/polly/latest/dg/asynchronous.html
    """
    told = {"SpeechMarkTypes": [], "TextType": "text", **shown}
    created = shown["CreationTime"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {name[0].lower() + name[1:]: value for name, value in told.items()} | {
        "creationTime": created
    }


def _patiently(call: Call, row: Row, error: upstream.Away) -> Retry | Bury:
    """Upstream is asked again, each time after half as long again, until the task is an hour old."""
    age = max(0.0, call.now.timestamp() - row["created"])
    if age > PATIENCE:
        return Bury(str(error))
    return Retry(min(60.0, max(1.0, age / 2)), str(error))


def _shown(call: Call, row: Row) -> dict[str, Any]:
    """A row as a SynthesisTask."""
    req = orjson.loads(row["request"])
    uri = f"{call.house.endpoint}/{row['output_bucket']}/{row['output_key']}"
    shown = {
        "TaskId": row["id"],
        "TaskStatus": row["status"],
        "TaskStatusReason": row["reason"],
        "OutputUri": uri,
        "CreationTime": datetime.fromtimestamp(row["created"], UTC),
        "RequestCharacters": row["characters"],
        **{
            name: req.get(name)
            for name in (
                "Engine",
                "SnsTopicArn",
                "LexiconNames",
                "OutputFormat",
                "SampleRate",
                "SpeechMarkTypes",
                "TextType",
                "VoiceId",
                "LanguageCode",
            )
        },
    }
    return {name: value for name, value in shown.items() if value is not None}


def _resume(token: str | None) -> tuple[float, str]:
    """Where a listing goes on: created time, and the id after which."""
    if not token:
        return math.inf, ""  # not now: the clock may have been set back since a task was made
    try:
        created, last = orjson.loads(base64.urlsafe_b64decode(token.encode()))
        return float(created), str(last)
    except (binascii.Error, ValueError, TypeError):
        raise ServiceError(
            "InvalidNextTokenException", "NextToken is not one that this operation gave."
        ) from None
