"""Publishing: one message, or ten, to everybody who wants them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import writes
from inhouse.services.sns import attributes, messages, resources, rows
from inhouse.services.sns.filters import attribute_values, compile_policy
from inhouse.services.sns.messages import MAX_BYTES, Message
from inhouse.services.sns.subscriptions import acting_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
MAX_ENTRIES = 10


class Publishing:
    """Operations that publish. Names and keys are those of boto3's `sns` client."""

    @writes("sns:Publish", resources.of_target)
    def publish(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        topic = resources.of_target(call, req)
        messages.check(req)
        return {"MessageId": _publish(call, resources.found_topic(call.tx, topic), [req])[0]}

    @writes("sns:Publish", resources.of_topic)
    def publish_batch(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """All entries or none: as on AWS, one that cannot be sent refuses the batch."""
        entries = req["PublishBatchRequestEntries"]
        _check_entries(entries)
        topic = resources.found_topic(call.tx, req["TopicArn"])
        size = sum(messages.check(entry) for entry in entries)
        if size > MAX_BYTES:
            raise ServiceError(
                "BatchRequestTooLong",
                f"The messages have {size} bytes together; {MAX_BYTES} is the most",
            )
        ids = _publish(call, topic, entries)
        successful = [
            {"Id": entry["Id"], "MessageId": message_id}
            for entry, message_id in zip(entries, ids, strict=True)
        ]
        return {"Successful": successful, "Failed": []}


class _Offer:
    """A message as filter policies see it, each view made when the first policy asks."""

    def __init__(self, message: Message) -> None:
        self._message = message

    @cached_property
    def _attributes(self) -> dict[str, Any]:
        return attribute_values(self._message.attributes)

    @cached_property
    def _body(self) -> Any:
        try:
            return orjson.loads(self._message.text)
        except orjson.JSONDecodeError:
            return None

    def fits(self, subscription: Row) -> bool:
        if subscription["attributes"] == "{}":
            return True
        given = orjson.loads(subscription["attributes"])
        text = given.get("FilterPolicy")
        if not text:
            return True
        policy = compile_policy(text, attributes.scope(given))
        return policy.accepts(self._body if policy.scope == "MessageBody" else self._attributes)


def _publish(call: Call, topic: Row, entries: list[Mapping[str, Any]]) -> list[str]:
    """Stores the messages and one delivery for each subscription that wants one."""
    subscribers = rows.confirmed(call.tx, topic["arn"])
    acting = acting_for(topic["arn"])
    now = call.house.clock.now()
    timestamp = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ids = []
    for entry in entries:
        message = Message(
            id=call.house.ids.uuid(),
            topic=topic["arn"],
            text=entry["Message"],
            subject=entry.get("Subject"),
            attributes=entry.get("MessageAttributes") or {},
            structured=entry.get("MessageStructure") == "json",
            timestamp=timestamp,
        )
        ids.append(message.id)
        offer = _Offer(message)
        wanting = [row for row in subscribers if offer.fits(row)]
        if wanting:
            rows.add_message(call.tx, message.id, message.topic, message.to_json(), now.timestamp())
        for row in wanting:
            rows.add_delivery(call.tx, message.id, row["arn"])
            kind = "sns.DeliverHttp" if row["protocol"] in {"http", "https"} else "sns.Deliver"
            call.defer(kind, {"Message": message.id, "Subscription": row["arn"]}, as_=acting)
    return ids


def _check_entries(entries: list[Mapping[str, Any]]) -> None:
    if not entries:
        raise ServiceError("EmptyBatchRequest", "The batch has no entries; 1 to 10 are allowed.")
    if len(entries) > MAX_ENTRIES:
        raise ServiceError(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
            Detail=f"{len(entries)} entries; {MAX_ENTRIES} is the most.",
        )
    ids = [entry["Id"] for entry in entries]
    for one in ids:
        if not _ENTRY_ID.fullmatch(one):
            raise ServiceError(
                "InvalidBatchEntryId", f"The Id {one[:80]!r} must be 1 to 80 of A-Z a-z 0-9 _ -"
            )
    if len(set(ids)) != len(ids):
        raise ServiceError(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        )
