"""Event notifications: which rules an event fits, and the message they send.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import threading
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import orjson

from inhouse.core.canonical_ids import canonical_id
from inhouse.core.principal import service_principal
from inhouse.services.s3.names import bucket_arn

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.core.principal import Principal


_OLDEST = ("ObjectCreated", "ObjectRemoved")
"""Kinds of events that have version 2.1 of the message's structure; later ones have 2.3."""
_UNORDERED = ("ObjectTagging", "ObjectAcl")
"""Kinds that tell neither a size nor a sequencer: the object stays what it is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Sends the events it names, of keys that fit, to `target`, an ARN."""

    id: str
    target: str
    events: tuple[str, ...]
    """`s3:ObjectCreated:Put` and the like; the last part may be `*`."""
    prefix: str = ""
    suffix: str = ""

    def fits(self, event: str, key: str) -> bool:
        """`event` without its `s3:`."""
        if not (key.startswith(self.prefix) and key.endswith(self.suffix)):
            return False
        kind = event.partition(":")[0]
        return f"s3:{event}" in self.events or f"s3:{kind}:*" in self.events


@lru_cache(maxsize=1024)
def rules(configuration: str) -> tuple[Rule, ...]:
    """The rules of a configuration as `notifications.py` stores it."""
    return tuple(
        Rule(one["Id"], one["Target"], tuple(one["Events"]), one["Prefix"], one["Suffix"])
        for one in orjson.loads(configuration)
    )


def deliverer(bucket: str, account: str) -> Principal:
    """Amazon S3 acting for a bucket."""
    return service_principal(
        "s3.amazonaws.com", source_arn=bucket_arn(bucket), source_account=account
    )


def announce(call: Call, bucket: Row, event: str, key: str, **thing: Any) -> None:
    """Queues a delivery for each rule that `event` fits, on the transaction of the change."""
    configuration = bucket["notifications"]
    if configuration is None:
        return
    for rule in rules(configuration):
        if rule.fits(event, key):
            payload = {
                "target": rule.target,
                "message": message(call, bucket, rule.id, event, key, **thing),
            }
            call.defer("s3.Notify", payload, as_=deliverer(bucket["name"], bucket["account"]))


def message(
    call: Call,
    bucket: Row,
    rule_id: str,
    event: str,
    key: str,
    *,
    size: int | None = None,
    etag: str | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """The message of one event."""
    kind = event.partition(":")[0]
    thing: dict[str, Any] = {"key": quote_plus(key, safe="/")}
    if size is not None and kind not in _UNORDERED:
        thing["size"] = size
    if etag is not None:
        thing["eTag"] = etag
    if version is not None:
        thing["versionId"] = version
    if kind not in _UNORDERED:
        thing["sequencer"] = _sequencer.next(call.house.clock.time())
    record = {
        "eventVersion": "2.1" if kind in _OLDEST else "2.3",
        "eventSource": "aws:s3",
        "awsRegion": bucket["region"],
        "eventTime": call.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": event,
        "userIdentity": {"principalId": _who(call.principal)},
        "requestParameters": {"sourceIPAddress": call.origin.source_ip or "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": call.request_id,
            "x-amz-id-2": host_id(call.request_id),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": rule_id,
            "bucket": {
                "name": bucket["name"],
                "ownerIdentity": {"principalId": canonical_id(bucket["account"])},
                "arn": bucket_arn(bucket["name"]),
            },
            "object": thing,
        },
    }
    return {"Records": [record]}


def host_id(request_id: str) -> str:
    """What S3 calls the extended request id."""
    return b64encode(sha256(request_id.encode()).digest()).decode()


def _who(principal: Principal) -> str:
    if principal.kind == "anonymous":
        return "Anonymous"
    return f"AWS:{principal.unique_id or principal.account or principal.arn}"


class _Sequencer:
    """Hexadecimal numbers that rise, also from one start of the server to the next."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self, now: float) -> str:
        with self._lock:
            self._last = max(self._last + 1, int(now * 1_000_000))
            return f"{self._last:018X}"


_sequencer = _Sequencer()
