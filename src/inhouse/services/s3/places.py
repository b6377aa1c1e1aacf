"""Objects taking and leaving their places, inside a write: conditions, versions, events.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from inhouse.services.s3 import events, history, rows
from inhouse.services.s3.conditions import check_write, failed, matches
from inhouse.services.s3.names import no_such_key
from inhouse.services.s3.tables import ENABLED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

GRACE = 10.0
"""Seconds that readers who just found an object have to begin reading its parts."""
ASKED = "ObjectRemoved"
"""The kind of the events that tell of deletes which somebody asked for."""
_MARKER = {
    "current": 0,
    "marker": 1,
    "size": 0,
    "etag": "",
    "storage_class": "STANDARD",
    "algorithm": "",
    "checksum": "",
    "checksum_type": "",
    "headers": "{}",
}


class Kept(NamedTuple):
    """An object in its place: since when, in seconds, and the id of its version if it has one."""

    modified: float
    version: str | None


class Removed(NamedTuple):
    """What a delete did: the version that it made or removed, and whether that is a marker."""

    version: str | None = None
    marker: bool = False

    @property
    def answer(self) -> dict[str, Any]:
        """DeleteObject's."""
        answer: dict[str, Any] = {} if self.version is None else {"VersionId": self.version}
        return {**answer, "DeleteMarker": True} if self.marker else answer


def put(call: Call, req: Mapping[str, Any], event: str, values: Mapping[str, Any]) -> Kept:
    """Puts an object in its place if the request's conditions hold.

    `values` are the columns but bucket, key, modified and those of versions.
    """
    bucket, key = rows.bucket(call.tx, req["Bucket"]), req["Key"]
    current = rows.head(call.tx, req["Bucket"], key)
    check_write(current, req)
    modified, version = float(int(call.now.timestamp())), None
    if bucket["versioning"] != ENABLED and current is not None and current["version"] is None:
        rows.change_object(call.tx, current["id"], modified=modified, **values)
        discard_content(call, current["content"])
    elif bucket["versioning"] is None:
        rows.add_object(call.tx, bucket=req["Bucket"], key=key, modified=modified, **values)
    else:
        added = _make_room(call, bucket, key, current)
        version = added["version"]
        rows.add_object(call.tx, **added, modified=modified, **values)
    size, etag = values["size"], values["etag"]
    events.announce(call, bucket, event, key, size=size, etag=etag, version=version)
    return Kept(modified, version)


def delete(
    call: Call, bucket: Row, key: str, if_match: str | None = None, *, cause: str = ASKED
) -> Removed:
    """Removes an object, in a versioned bucket by putting a delete marker in its place.

    Where there are no versions, an object that is not there is removed already.
    """
    current = rows.head(call.tx, bucket["name"], key)
    _check_delete(key, current, if_match)
    if bucket["versioning"] is not None:
        return _mark(call, bucket, key, current, cause)
    if current is not None:
        _drop(call, current)
        events.announce(call, bucket, f"{cause}:Delete", key)
    return Removed()


def delete_version(
    call: Call,
    bucket: Row,
    key: str,
    version: str,
    if_match: str | None = None,
    *,
    cause: str = ASKED,
) -> Removed:
    """Removes a version for good; if it was the current one, the one before takes its place."""
    if if_match is not None:
        _check_delete(key, rows.head(call.tx, bucket["name"], key), if_match)
    row = history.find(call.tx, bucket["name"], key, version)
    if row is None:
        return Removed(version)
    _drop(call, row)
    if rows.head(call.tx, bucket["name"], key) is None:
        heir = history.newest(call.tx, bucket["name"], key)
        if heir is not None and not heir["marker"]:
            rows.change_object(call.tx, heir["id"], current=1)
    events.announce(call, bucket, f"{cause}:Delete", key, version=row["version"])
    told = None if bucket["versioning"] is None else version
    return Removed(told, marker=bool(row["marker"]))


def _check_delete(key: str, current: Row | None, if_match: str | None) -> None:
    if if_match is None:
        return
    if current is None:
        raise no_such_key(key)
    if not matches(if_match, current["etag"]):
        raise failed("If-Match")


def _mark(call: Call, bucket: Row, key: str, current: Row | None, cause: str) -> Removed:
    """Puts a delete marker on top of a key's versions."""
    added = _make_room(call, bucket, key, current)
    modified = float(int(call.now.timestamp()))
    rows.add_object(call.tx, **_MARKER, **added, modified=modified)
    version = added["version"]
    events.announce(call, bucket, f"{cause}:DeleteMarkerCreated", key, version=version)
    return Removed(version or history.NULL_ID, marker=True)


def _make_room(call: Call, bucket: Row, key: str, current: Row | None) -> dict[str, Any]:
    """Takes down what a new version or marker displaces; answers the columns that place it.

    Where versioning is on, nothing is lost. Where it is suspended, the new one is the null
    version, and takes the place of the null version there was.
    """
    rank = history.next_rank(call, bucket["name"], key)
    version = history.new_id(call, rank) if bucket["versioning"] == ENABLED else None
    if version is None:
        replaced = history.find(call.tx, bucket["name"], key, history.NULL_ID)
        if replaced is not None:
            _drop(call, replaced)
    if current is not None:
        rows.change_object(call.tx, current["id"], current=0)
    return {"bucket": bucket["name"], "key": key, "version": version, "rank": rank}


def _drop(call: Call, row: Row) -> None:
    rows.delete_object(call.tx, row["id"])
    discard_content(call, row["content"])


def discard_content(call: Call, content: str | None) -> None:
    """Later removes the parts of a content that no object has any more."""
    if content is not None:
        call.defer("s3.DiscardContent", {"content": content}, delay=GRACE)


def discard_blobs(call: Call, blobs: list[str]) -> None:
    """Later removes blobs that no row names any more."""
    if blobs:
        call.defer("s3.DiscardBlobs", {"blobs": blobs}, delay=GRACE)
