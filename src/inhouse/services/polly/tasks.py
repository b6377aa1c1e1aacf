"""Speech synthesis tasks: long texts, spoken later into a bucket.

https://docs.aws.amazon.com/polly/latest/dg/asynchronous.html
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.core.operations import exponential, job, reads, works
from inhouse.core.principal import Principal
from inhouse.engines.speech import CONTENT_TYPES, EXTENSIONS, TASK, SpeechRequest
from inhouse.services.polly import rows
from inhouse.services.polly.speaking import as_request, lexicon_arns, prepare
from inhouse.services.polly.utterance import Utterance
from inhouse.work import Bury

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.polly.studio import Studio

log = structlog.get_logger()
STATUSES = ("scheduled", "inProgress", "completed", "failed")
_BUCKET = re.compile(r"[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]").fullmatch
_PREFIX = re.compile(r"[0-9a-zA-Z/!\-_.*'():;$@=+,?&]{0,800}").fullmatch


class Tasks:
    """Start, get and list tasks, and the jobs that do them."""

    studio: Studio

    @works("polly:StartSpeechSynthesisTask", lexicon_arns)
    async def start_speech_synthesis_task(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        request, billed = prepare(call, req, self.studio.voices, TASK)
        task_id = call.house.ids.uuid()
        key = _output_key(req, task_id)
        await _check_output(call, req, key)
        await call.write(self._schedule, req, request, billed, task_id, key)
        row = rows.task(call, task_id)
        assert row is not None
        return {"SynthesisTask": _shown(call, row)}

    @reads("polly:GetSpeechSynthesisTask")
    def get_speech_synthesis_task(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = rows.task(call, req["TaskId"])
        if row is None:
            raise ServiceError(
                "SynthesisTaskNotFoundException",
                f"There is no task {req['TaskId'][:100]!r} of the last 72 hours here.",
            )
        return {"SynthesisTask": _shown(call, row)}

    @reads("polly:ListSpeechSynthesisTasks")
    def list_speech_synthesis_tasks(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        status, most = req.get("Status"), req.get("MaxResults", 100)
        if not 1 <= most <= 100:
            raise ServiceError("ValidationException", f"MaxResults {most}: use 1 to 100.")
        until, last = _resume(req.get("NextToken"), call.now.timestamp())
        found = [
            row
            for row in rows.tasks_until(call, until)
            if (row["created"] < until or row["id"] > last) and status in (None, row["status"])
        ]
        answer: dict[str, Any] = {"SynthesisTasks": [_shown(call, row) for row in found[:most]]}
        if len(found) > most:
            token = orjson.dumps([found[most - 1]["created"], found[most - 1]["id"]])
            answer["NextToken"] = base64.urlsafe_b64encode(token).decode()
        return answer

    def _schedule(
        self,
        call: Call,
        req: Mapping[str, Any],
        request: SpeechRequest,
        billed: int,
        task_id: str,
        key: str,
    ) -> None:
        rows.add_task(
            call,
            id=task_id,
            status="scheduled",
            request=orjson.dumps(req).decode(),
            lexicons=orjson.dumps(request.lexicons).decode(),
            output_bucket=req["OutputS3BucketName"],
            output_key=key,
            characters=billed,
            created=call.now.timestamp(),
        )
        call.defer("polly.Synthesize", {"TaskId": task_id})

    @job("polly.Synthesize", attempts=4, backoff=exponential(1, 60), concurrency=32)
    async def synthesize(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Speaks a task's text into its object. Done once: what is stored is never made again."""
        row = rows.task(call, payload["TaskId"])
        if row is None or row["status"] in ("completed", "failed"):
            return
        if row["status"] == "inProgress" and await _stored(call, row):
            await call.write(_settle, row["id"], "completed", None)
            return
        await call.write(_settle, row["id"], "inProgress", None)
        try:
            marks = await self._speak(call, row)
        except ServiceError as error:
            if (error.status or 400) < 500:
                raise Bury(str(error)) from error
            raise
        await call.write(self._complete, row["id"], marks)

    async def synthesize_dead(self, call: Call, payload: Mapping[str, Any], reason: str) -> None:
        """The task failed for good: its status says why, and its topic is told."""
        await call.write(_settle, payload["TaskId"], "failed", reason)

    async def _speak(self, call: Call, row: Row) -> tuple[str, bytes] | None:
        """Stores a task's sound; answers its marks and their key, if they are to be remembered."""
        req = orjson.loads(row["request"])
        request = as_request(req, tuple(orjson.loads(row["lexicons"])))
        utterance = Utterance(call, request, self.studio)
        audio = b"".join([piece async for piece in utterance.pieces()])
        await call.client("s3").put_object(
            Bucket=row["output_bucket"],
            Key=row["output_key"],
            Body=audio,
            ContentType=CONTENT_TYPES[request.format],
        )
        return await utterance.new_marks()

    def _complete(self, call: Call, task_id: str, marks: tuple[str, bytes] | None) -> None:
        _settle(call, task_id, "completed", None)
        if marks is not None:
            self.studio.memory.keep(call, *marks)

    @job("polly.Notify", attempts=8, backoff=exponential(1, 300))
    async def notify(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Tells the task's topic how it ended."""
        await call.client("sns").publish(TopicArn=payload["Topic"], Message=payload["Message"])


def _settle(call: Call, task_id: str, status: str, reason: str | None) -> None:
    """Sets a task's status; one that ended with a topic queues the message to it."""
    rows.set_task(call, task_id, status=status, reason=reason)
    row = rows.task(call, task_id)
    topic = orjson.loads(row["request"]).get("SnsTopicArn") if row is not None else None
    if row is None or topic is None or status not in ("completed", "failed"):
        return
    shown = _shown(call, row)
    message = {name[0].lower() + name[1:]: value for name, value in shown.items()}
    message["creationTime"] = shown["CreationTime"].isoformat()
    call.defer("polly.Notify", {"Topic": topic, "Message": orjson.dumps(message).decode()})


async def _stored(call: Call, row: Row) -> bool:
    """Whether a run that was cut short had stored its sound already.

    Asked as the account itself, for the caller may be allowed to write objects and not to read
    them; the key holds the task's id, which nobody else can have chosen.
    """
    owner = f"arn:aws:iam::{call.account}:root"
    root = Principal("root", call.account, owner, owner)
    try:
        await call.client("s3", as_=root).head_object(
            Bucket=row["output_bucket"], Key=row["output_key"]
        )
    except ServiceError:
        return False
    return True


def _output_key(req: Mapping[str, Any], task_id: str) -> str:
    prefix = req.get("OutputS3KeyPrefix", "")
    if not _PREFIX(prefix):
        raise ServiceError(
            "InvalidS3KeyException",
            f"OutputS3KeyPrefix {prefix[:80]!r}: use at most 800 of the characters that are safe "
            "in object keys.",
        )
    extension = EXTENSIONS[req["OutputFormat"]]
    return f"{prefix}.{task_id}.{extension}" if prefix else f"{task_id}.{extension}"


async def _check_output(call: Call, req: Mapping[str, Any], key: str) -> None:
    """The bucket must be there and the caller allowed to write; the topic must be one of ours."""
    bucket, topic = req["OutputS3BucketName"], req.get("SnsTopicArn")
    if not _BUCKET(bucket):
        raise ServiceError(
            "InvalidS3BucketException", f"OutputS3BucketName {bucket[:80]!r} is no bucket's name."
        )
    owner = f"arn:aws:iam::{call.account}:root"
    try:
        await call.client("s3", as_=Principal("root", call.account, owner, owner)).head_bucket(
            Bucket=bucket
        )
    except ServiceError as error:
        raise ServiceError(
            "InvalidS3BucketException",
            f"OutputS3BucketName {bucket!r}: there is no such bucket of this account.",
        ) from error
    call.require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
    if topic is None:
        return
    try:
        Arn.parse(topic)
        await call.client("sns").get_topic_attributes(TopicArn=topic)
    except (ValueError, ServiceError) as error:
        raise ServiceError(
            "InvalidSnsTopicArnException", f"SnsTopicArn {topic[:120]!r}: {error}."
        ) from error


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


def _resume(token: str | None, now: float) -> tuple[float, str]:
    """Where a listing goes on: created time, and the id after which."""
    if not token:
        return now, ""
    try:
        created, last = orjson.loads(base64.urlsafe_b64decode(token.encode()))
        return float(created), str(last)
    except (binascii.Error, ValueError, TypeError):
        raise ServiceError(
            "InvalidNextTokenException", "NextToken is not one that this operation gave."
        ) from None
