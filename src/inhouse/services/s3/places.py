"""Objects taking and leaving their places, inside a write: conditions, old contents, events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.services.s3 import events, rows
from inhouse.services.s3.conditions import check_write, failed, matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

GRACE = 10.0
"""Seconds that readers who just found an object have to begin reading its parts."""


def put(call: Call, req: Mapping[str, Any], event: str, values: Mapping[str, Any]) -> float:
    """Puts an object in its place if the request's conditions hold; answers when, in seconds.

    `values` are the columns but bucket, key and modified.
    """
    bucket = rows.bucket(call.tx, req["Bucket"])
    current = rows.head(call.tx, req["Bucket"], req["Key"])
    check_write(current, req)
    modified = float(int(call.now.timestamp()))
    if current is None:
        rows.add_object(call.tx, bucket=req["Bucket"], key=req["Key"], modified=modified, **values)
    else:
        rows.change_object(call.tx, current["id"], modified=modified, **values)
        discard_content(call, current["content"])
    events.announce(call, bucket, event, req["Key"], size=values["size"], etag=values["etag"])
    return modified


def delete(call: Call, bucket: Row, key: str, if_match: str | None = None) -> None:
    """Removes an object; one that is not there is removed already."""
    current = rows.head(call.tx, bucket["name"], key)
    if if_match is not None and (current is None or not matches(if_match, current["etag"])):
        raise failed("If-Match")
    if current is None:
        return
    rows.delete_object(call.tx, current["id"])
    discard_content(call, current["content"])
    events.announce(call, bucket, "ObjectRemoved:Delete", key)


def discard_content(call: Call, content: str | None) -> None:
    """Later removes the parts of a content that no object has any more."""
    if content is not None:
        call.defer("s3.DiscardContent", {"content": content}, delay=GRACE)


def discard_blobs(call: Call, blobs: list[str]) -> None:
    """Later removes blobs that no row names any more."""
    if blobs:
        call.defer("s3.DiscardBlobs", {"blobs": blobs}, delay=GRACE)
