"""Lifecycle configurations of buckets, and the job that does what they say.

The job begins when a configuration is put, and again at every midnight, UTC. It stops when the
configuration it began with is no longer there.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import exponential, job, reads, writes
from inhouse.services.s3 import (
    contents,
    events,
    expiration,
    history,
    lifecycle_rules,
    places,
    rows,
    tags,
    version_scan,
)
from inhouse.services.s3.authority import the_bucket
from inhouse.services.s3.scan import after_prefix
from inhouse.services.s3.transitions import ALWAYS_128K, DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx

BATCH = 500
"""Rows removed in one transaction, so that no writer waits long."""
CAUSE = "LifecycleExpiration"
_ACTION = "s3:PutLifecycleConfiguration"
_BEYOND = "\U0010ffff" * 257


class Lifecycle:
    """Expiration of objects, versions, delete markers and uploads nobody completes; transitions
    of objects and versions to other storage classes, which are told and change nothing else."""

    @writes(_ACTION, the_bucket)
    def put_bucket_lifecycle_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Replaces the rules; what they expire already is removed at once."""
        rules = (req.get("LifecycleConfiguration") or {}).get("Rules") or []
        lifecycle_rules.check(rules)
        minimum = req.get("TransitionDefaultMinimumObjectSize") or ALWAYS_128K
        lifecycle_rules.check_minimum_size(minimum)
        named = [{**rule, "ID": rule.get("ID") or call.house.ids.token(24)} for rule in rules]
        _begin(call, req["Bucket"], {"Rules": named, "MinimumSize": minimum}, delay=0)
        return {"TransitionDefaultMinimumObjectSize": minimum}

    @reads("s3:GetLifecycleConfiguration", the_bucket)
    def get_bucket_lifecycle_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        text = rows.bucket(call.tx, req["Bucket"])["lifecycle"]
        if text is None:
            raise ServiceError(
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
                status=404,
                BucketName=req["Bucket"],
            )
        stored = orjson.loads(text)
        for rule in stored["Rules"]:
            for dated in (rule.get("Expiration") or {}, *rule.get("Transitions", ())):
                if dated.get("Date") is not None:
                    dated["Date"] = datetime.fromisoformat(dated["Date"])
        return {
            "Rules": stored["Rules"],
            "TransitionDefaultMinimumObjectSize": stored.get("MinimumSize", ALWAYS_128K),
        }

    @writes(_ACTION, the_bucket)
    def delete_bucket_lifecycle(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.change_bucket(call.tx, req["Bucket"], lifecycle=None)

    @job("s3.Lifecycle", attempts=1_000_000, backoff=exponential(1, 3600), concurrency=1)
    async def run_lifecycle(self, call: Call, payload: Mapping[str, str]) -> None:
        """Removes what the rules of one bucket expire and moves what they move, then queues the
        next day's run."""
        if _in_force(call.tx, payload) is None:
            return
        now = call.now.timestamp()
        position, held = version_scan.BEGIN, []
        while True:
            batch = version_scan.behind(call.tx, payload["bucket"], position, BATCH)
            if batch:
                position = batch[-1]["key"], batch[-1]["rank"]
            held += batch
            whole, held = _whole_keys(held, more=len(batch) == BATCH)
            if whole:
                await call.write(_expire, payload, whole, now)
            if len(batch) < BATCH:
                break
        while await call.write(_abort, payload, now):
            pass
        await call.write(_again, payload, now)


def told(bucket: Row, key: str, size: int, modified: float, tagged: str | None) -> dict[str, str]:
    """The `Expiration` member of answers about a current version."""
    configuration = bucket["lifecycle"]
    if configuration is None:
        return {}
    found = expiration.told(configuration, key, size, modified, lambda: tags.from_row(tagged))
    return {} if found is None else {"Expiration": found}


def _begin(call: Call, bucket: str, configuration: Mapping[str, Any], *, delay: float) -> None:
    """Keeps the rules under a new token, and queues the job that goes by it, and no other."""
    token = call.house.ids.token(12)
    stored = orjson.dumps({**configuration, "Token": token}).decode()
    rows.change_bucket(call.tx, bucket, lifecycle=stored)
    as_ = events.deliverer(bucket, rows.bucket(call.tx, bucket)["account"])
    call.defer("s3.Lifecycle", {"bucket": bucket, "token": token}, delay=delay, as_=as_)


def _in_force(tx: Tx, payload: Mapping[str, str]) -> Row | None:
    """The bucket, if its configuration is still that of the job."""
    bucket = rows.find_bucket(tx, payload["bucket"])
    if bucket is None or bucket["lifecycle"] is None:
        return None
    same = orjson.loads(bucket["lifecycle"])["Token"] == payload["token"]
    return bucket if same else None


def _whole_keys(held: list[Row], *, more: bool) -> tuple[list[list[Row]], list[Row]]:
    """The rows of each key, and those of the last one if more of them may follow."""
    groups = [list(group) for _, group in groupby(held, key=lambda row: row["key"])]
    if more and groups:
        return groups[:-1], groups[-1]
    return groups, []


def _expire(call: Call, payload: Mapping[str, str], keys: list[list[Row]], now: float) -> None:
    bucket = _in_force(call.tx, payload)
    if bucket is None:
        return
    for versions in keys:
        ending = list(_expired(call, bucket, versions, now))
        _move(call, bucket, versions, now, ending)
        for row in ending:
            if row["current"]:
                places.delete(call, bucket, row["key"], cause=CAUSE)
            else:
                version = history.id_of(row)
                places.delete_version(call, bucket, row["key"], version, cause=CAUSE)


def _expired(call: Call, bucket: Row, versions: list[Row], now: float) -> Iterator[Row]:
    """Those of a key's versions that have expired, if they are still as they were read."""
    tags_of = partial(_tags_of, call)
    for row in expiration.expired(bucket["lifecycle"], versions, now, tags_of):
        if _unchanged(call, row) is not None:
            yield row


def _move(call: Call, bucket: Row, versions: list[Row], now: float, ending: list[Row]) -> None:
    """Moves those of a key's versions whose time has come and that stay."""
    tags_of = partial(_tags_of, call)
    for row, storage_class in expiration.moved(bucket["lifecycle"], versions, now, tags_of):
        found = None if row in ending else _unchanged(call, row)
        if found is not None:
            rows.change_object(call.tx, found["id"], storage_class=storage_class)


def _there(call: Call, row: Row) -> Row | None:
    return history.find(call.tx, row["bucket"], row["key"], history.id_of(row))


def _unchanged(call: Call, row: Row) -> Row | None:
    """The version as it is now, if it is still what was read."""
    found = _there(call, row)
    if found is not None and all(found[n] == row[n] for n in ("modified", "etag", "current")):
        return found
    return None


def _tags_of(call: Call, row: Row) -> dict[str, str]:
    found = _there(call, row)
    return tags.from_row(None if found is None else found["tags"])


def _abort(call: Call, payload: Mapping[str, str], now: float) -> bool:
    """Ends uploads that were begun too long ago; answers whether there may be more."""
    bucket = _in_force(call.tx, payload)
    if bucket is None:
        return False
    ended = 0
    for rule in expiration.rules(bucket["lifecycle"]):
        if rule.abort_days is None:
            continue
        high = after_prefix(rule.prefix) or _BEYOND
        latest = (now // DAY - rule.abort_days) * DAY
        for upload in contents.stale_uploads(
            call.tx, bucket["name"], rule.prefix, high, latest, BATCH
        ):
            contents.delete_upload(call.tx, upload)
            places.discard_content(call, upload)
            ended += 1
    return ended > 0


def _again(call: Call, payload: Mapping[str, str], now: float) -> None:
    bucket = _in_force(call.tx, payload)
    if bucket is not None:
        configuration = orjson.loads(bucket["lifecycle"])
        _begin(call, bucket["name"], configuration, delay=DAY - now % DAY)
