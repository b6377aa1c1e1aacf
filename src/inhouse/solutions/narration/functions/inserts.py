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

LARGEST = 100 * 1024 * 1024
LONGEST_SECONDS = 1800.0


def fragment(s3: Any, bucket: Bucket, insert: Insert, config: Config) -> tuple[str, str]:
    """The fragment's name and key. Raises Refused when the object cannot be inserted."""
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
    name = fragments.named([where, head["ETag"], config.sample_rate], 0)
    if landed := found(bucket, name):
        return name, landed
    body = s3.get_object(Bucket=insert.bucket, Key=insert.key)["Body"].read()
    try:
        fitted = mp3.converted(body, config.sample_rate, LONGEST_SECONDS)
    except mp3.Unjoinable as error:
        raise Refused(f"The insert {where} cannot be joined: {error}.") from None
    key = f"{fragments.key_prefix(name)}.insert.mp3"
    with contextlib.suppress(Raced):  # Somebody else has just fitted the same object.
        bucket.replace(key, fitted, None, ContentType="audio/mpeg")
    return name, key
