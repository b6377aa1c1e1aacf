"""Audio of somebody else's as a fragment of its own, fitted to the others once."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from . import fragments, mp3
from .bucket import Bucket, Raced
from .claims import found
from .save import Insert, Refused

if TYPE_CHECKING:
    from .config import Config

FORMAT = 2
"""The first were not indexed, so nobody knows which articles use them: they are never collected."""
LARGEST = 100 * 1024 * 1024
LONGEST_SECONDS = 1800.0


def fragment(s3: Any, bucket: Bucket, insert: Insert, config: Config) -> str:
    """The fragment's name. Raises Refused when the object cannot be inserted."""
    name = _named(s3, insert, config)
    if found(bucket, name) is None:
        _fit(s3, bucket, insert, f"{fragments.key_prefix(name)}.insert.mp3", config)
    return name


def again(s3: Any, bucket: Bucket, where: str, name: str, config: Config, request: str) -> None:
    """Makes a fragment that was collected anew, from the object at `where` (s3://bucket/key).

    Its key is another than before, for the collector may be about to delete that one. Raises
    Refused when there is no such object any more.
    """
    source, _, key = where.removeprefix("s3://").partition("/")
    insert = Insert(0, source, key)
    now = _named(s3, insert, config)
    if now != name:
        raise Refused(f"The insert {where} has changed since it was inserted. Save again.")
    prefix = fragments.key_prefix(name)
    _fit(s3, bucket, insert, f"{prefix}.insert-{request}.mp3", config)


def _named(s3: Any, insert: Insert, config: Config) -> str:
    where = f"s3://{insert.bucket}/{insert.key}"
    try:
        head = s3.head_object(Bucket=insert.bucket, Key=insert.key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("403", "AccessDenied"):
            reason = "may not be read by this deployment; name its bucket in insert_buckets"
        elif code in ("404", "NoSuchKey", "NoSuchBucket"):
            reason = "does not exist"
        else:
            raise
        raise Refused(f"The insert {where} {reason}.") from None
    if head["ContentLength"] > LARGEST:
        raise Refused(
            f"The insert {where} has {head['ContentLength']} bytes; at most {LARGEST} are inserted."
        )
    return fragments.named([FORMAT, where, head["ETag"], config.sample_rate], 0)


def _fit(s3: Any, bucket: Bucket, insert: Insert, key: str, config: Config) -> None:
    where = f"s3://{insert.bucket}/{insert.key}"
    body = s3.get_object(Bucket=insert.bucket, Key=insert.key)["Body"].read()
    try:
        fitted = mp3.converted(body, config.sample_rate, LONGEST_SECONDS)
    except mp3.Unjoinable as error:
        raise Refused(f"The insert {where} cannot be joined: {error}.") from None
    with contextlib.suppress(Raced):  # Somebody else has just fitted the same object.
        bucket.replace(key, fitted, None, ContentType="audio/mpeg")
