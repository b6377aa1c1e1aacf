"""Where a task's sound goes: what may be asked for, and how it is stored once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.core.principal import Principal
from inhouse.engines.speech import CONTENT_TYPES, EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

_BUCKET = re.compile(r"[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]").fullmatch
_PREFIX = re.compile(r"[0-9a-zA-Z/!\-_.*'():;$@=+,?&]{0,800}").fullmatch
_ABSENT = ("404", "NoSuchBucket", "NoSuchKey", "NotFound")


def key_for(req: Mapping[str, Any], task_id: str) -> str:
    """The object's key, as Polly makes it."""
    prefix = req.get("OutputS3KeyPrefix", "")
    if not _PREFIX(prefix):
        raise ServiceError(
            "InvalidS3KeyException",
            f"OutputS3KeyPrefix {prefix[:80]!r}: use at most 800 of the characters that are safe "
            "in object keys.",
        )
    extension = EXTENSIONS[req["OutputFormat"]]
    return f"{prefix}.{task_id}.{extension}" if prefix else f"{task_id}.{extension}"


async def check(call: Call, req: Mapping[str, Any], key: str) -> None:
    """The bucket and the topic must be there, and the caller allowed to write and to publish."""
    bucket, topic = req["OutputS3BucketName"], req.get("SnsTopicArn")
    if not _BUCKET(bucket):
        raise ServiceError(
            "InvalidS3BucketException", f"OutputS3BucketName {bucket[:80]!r} is no bucket's name."
        )
    try:
        await call.client("s3", as_=_root(call)).head_bucket(Bucket=bucket)
    except ServiceError as error:
        raise ServiceError(
            "InvalidS3BucketException",
            f"OutputS3BucketName {bucket!r}: there is no such bucket of this account.",
        ) from error
    call.require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
    if topic is not None:
        await _check_topic(call, topic)


async def _check_topic(call: Call, topic: str) -> None:
    try:
        arn = Arn.parse(topic)
    except ValueError as error:
        raise _no_topic(topic, str(error)) from None
    if (arn.service, arn.region) != ("sns", call.region):
        raise _no_topic(topic, f"it is no topic of the region {call.region}")
    if arn.account == call.account:
        try:
            await call.client("sns", as_=_root(call)).get_topic_attributes(TopicArn=topic)
        except ServiceError as error:
            raise _no_topic(topic, error.message.rstrip(".")) from error
    call.require("sns:Publish", topic)


def _no_topic(topic: str, reason: str) -> ServiceError:
    return ServiceError("InvalidSnsTopicArnException", f"SnsTopicArn {topic[:120]!r}: {reason}.")


async def store(call: Call, row: Row, req: Mapping[str, Any], pieces: list[bytes]) -> None:
    """Writes a task's sound as its caller."""
    await call.client("s3").put_object(
        Bucket=row["output_bucket"],
        Key=row["output_key"],
        Body=b"".join(pieces),
        ContentType=CONTENT_TYPES[req["OutputFormat"]],
    )


async def is_stored(call: Call, row: Row) -> bool:
    """Whether a run that was cut short had stored its sound already.

    Asked as the account itself, for the caller may be allowed to write objects and not to read
    them; the key holds the task's id, which nobody else can have chosen.
    """
    try:
        await call.client("s3", as_=_root(call)).head_object(
            Bucket=row["output_bucket"], Key=row["output_key"]
        )
    except ServiceError as error:
        if error.code not in _ABSENT:
            raise
        return False
    return True


def _root(call: Call) -> Principal:
    arn = f"arn:aws:iam::{call.account}:root"
    return Principal("root", call.account, arn, arn)
