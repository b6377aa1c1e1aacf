"""Sending messages."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import writes
from inhouse.services.sqs import attributes, batches, content, digests, resources, rows
from inhouse.services.sqs.resources import bad_value, found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.sqs.arrivals import Arrivals

DEDUPLICATION_SECONDS = 300


class Sending:
    """Operations that send. Names and keys are those of boto3's `sqs` client."""

    _arrivals: Arrivals

    @writes("sqs:SendMessage", resources.of_url)
    def send_message(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        queue = found(call.tx, resources.of_url(call, req))
        return self._send(call, queue, req)

    @writes("sqs:SendMessage", resources.of_url)
    def send_message_batch(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        queue, entries = found(call.tx, resources.of_url(call, req)), req["Entries"]
        batches.check(entries)
        size = sum(len(entry["MessageBody"].encode("utf-8", "replace")) for entry in entries)
        if size > attributes.MAX_MESSAGE:
            raise ServiceError(
                "BatchRequestTooLong",
                f"The messages have {size} bytes together; {attributes.MAX_MESSAGE} is the most.",
            )
        return batches.each(entries, lambda entry: self._send(call, queue, entry))

    def _send(self, call: Call, queue: Row, entry: Mapping[str, Any]) -> dict[str, Any]:
        given = orjson.loads(queue["attributes"])
        content.check(entry, attributes.number(given, "MaximumMessageSize"))
        fifo = queue["arn"].endswith(".fifo")
        group, deduplication = _order(entry, given, fifo=fifo)
        delay = _delay(entry, given, fifo=fifo)
        box, now = queue["box"], call.house.clock.time()
        rows.expire(call.tx, box, now)
        before = rows.sent_before(call.tx, box, deduplication, now) if deduplication else None
        if before is not None:
            return _receipt(entry, before["message"], before["sequence"])
        message_id = call.house.ids.uuid()
        trace = (entry.get("MessageSystemAttributes") or {}).get("AWSTraceHeader") or {}
        row_id = rows.add_message(
            call.tx,
            box=box,
            message=message_id,
            body=entry["MessageBody"],
            attributes=content.to_json(entry.get("MessageAttributes") or {}),
            sender=call.principal.unique_id or call.principal.arn,
            trace=trace.get("StringValue"),
            sent=now,
            visible=now + delay,
            expires=now + attributes.number(given, "MessageRetentionPeriod"),
            received=0,
            group=group,
            deduplication=deduplication,
        )
        sequence = sequence_number(row_id) if fifo else ""
        if deduplication:
            until = now + DEDUPLICATION_SECONDS
            rows.remember_sent(call.tx, box, deduplication, message_id, sequence, until)
        self._arrivals.ring(call.tx, queue["arn"])
        return _receipt(entry, message_id, sequence)


def sequence_number(row_id: int) -> str:
    """Twenty digits, rising within a queue."""
    return str(10**19 + row_id)


def _order(
    entry: Mapping[str, Any], given: Mapping[str, str], *, fifo: bool
) -> tuple[str | None, str | None]:
    """The group and the deduplication id of a message."""
    group, deduplication = entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")
    if group is not None:
        content.check_token("MessageGroupId", group)
    if not fifo:
        if deduplication is not None:
            raise bad_value("MessageDeduplicationId is for FIFO queues, and this one is not")
        return group, None
    if group is None:
        raise content.missing("MessageGroupId")
    if deduplication is not None:
        return group, content.check_token("MessageDeduplicationId", deduplication)
    if given.get("ContentBasedDeduplication") != "true":
        raise bad_value(
            "MessageDeduplicationId is missing, and the queue has no ContentBasedDeduplication"
        )
    return group, sha256(entry["MessageBody"].encode()).hexdigest()


def _delay(entry: Mapping[str, Any], given: Mapping[str, str], *, fifo: bool) -> int:
    delay = entry.get("DelaySeconds")
    if delay is None:
        return attributes.number(given, "DelaySeconds")
    if fifo and delay:
        raise bad_value("DelaySeconds: messages of FIFO queues are delayed by their queue only")
    return attributes.check_range("DelaySeconds", delay)


def _receipt(entry: Mapping[str, Any], message_id: str, sequence: str) -> dict[str, Any]:
    receipt = {"MessageId": message_id, "MD5OfMessageBody": digests.of_body(entry["MessageBody"])}
    if entry.get("MessageAttributes"):
        receipt["MD5OfMessageAttributes"] = digests.of_attributes(entry["MessageAttributes"])
    if entry.get("MessageSystemAttributes"):
        given = entry["MessageSystemAttributes"]
        receipt["MD5OfMessageSystemAttributes"] = digests.of_attributes(given)
    if sequence:
        receipt["SequenceNumber"] = sequence
    return receipt
