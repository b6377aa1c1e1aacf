"""Receiving messages, and saying that they are dealt with."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import works, writes
from inhouse.services.sqs import attributes, batches, content, digests, resources, rows
from inhouse.services.sqs.resources import bad_value, found
from inhouse.services.sqs.sending import sequence_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.sqs.arrivals import Arrivals

MAX_MESSAGES = 10
_SHORTEST_NAP = 0.01


class Receiving:
    """Operations of consumers. Names and keys are those of boto3's `sqs` client."""

    _arrivals: Arrivals

    @works("sqs:ReceiveMessage", resources.of_url)
    async def receive_message(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Waits for messages up to WaitTimeSeconds, the queue's setting when not given."""
        arn = resources.of_url(call, req)
        clock = call.house.clock
        wait = _check_receive(req, orjson.loads(found(call.tx, arn)["attributes"]))
        deadline = clock.time() + wait
        while True:
            with self._arrivals.watch(arn) as arrival:
                box, now = found(call.tx, arn)["box"], clock.time()
                if rows.any_visible(call.tx, box, now):
                    messages = await call.write(self._take, arn, req)
                    if messages:
                        return {"Messages": messages}
                if now >= deadline:
                    return {}
                due = rows.next_visible(call.tx, box, now) or deadline
                nap = max(_SHORTEST_NAP, min(due, deadline) - now)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(arrival.wait(), nap)

    @writes("sqs:DeleteMessage", resources.of_url)
    def delete_message(self, call: Call, req: Mapping[str, Any]) -> None:
        self._delete(call, found(call.tx, resources.of_url(call, req)), req)

    @writes("sqs:DeleteMessage", resources.of_url)
    def delete_message_batch(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        queue = found(call.tx, resources.of_url(call, req))
        return batches.each(req["Entries"], lambda entry: self._delete(call, queue, entry))

    @writes("sqs:ChangeMessageVisibility", resources.of_url)
    def change_message_visibility(self, call: Call, req: Mapping[str, Any]) -> None:
        self._hide(call, found(call.tx, resources.of_url(call, req)), req)

    @writes("sqs:ChangeMessageVisibility", resources.of_url)
    def change_message_visibility_batch(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        queue = found(call.tx, resources.of_url(call, req))
        return batches.each(req["Entries"], lambda entry: self._hide(call, queue, entry))

    def _take(self, call: Call, arn: str, req: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Hides messages from others and answers them; moves those received too often."""
        queue = found(call.tx, arn)
        given = orjson.loads(queue["attributes"])
        now = call.house.clock.time()
        rows.expire(call.tx, queue["box"], now)
        hidden = req.get("VisibilityTimeout")
        until = now + (attributes.number(given, "VisibilityTimeout") if hidden is None else hidden)
        most = req.get("MaxNumberOfMessages") or 1
        taken: list[dict[str, Any]] = []
        worn = True
        while worn and len(taken) < most:
            worn = False
            room, in_order = most - len(taken), arn.endswith(".fifo")
            for row in rows.receivable(call.tx, queue["box"], now, room, in_order=in_order):
                if self._retire(call, arn, given, row, now):
                    worn = True
                else:
                    taken.append(_receive(call, row, req, now, until))
            # A message taken with a visibility timeout of 0 would be found again at once.
            worn = worn and until > now
        return taken

    def _retire(self, call: Call, arn: str, given: Mapping[str, str], row: Row, now: float) -> bool:
        """Moves a message received too often to the dead-letter queue, if there is one."""
        redrive = attributes.redrive(given)
        if redrive is None or row["received"] < redrive[1]:
            return False
        target = rows.queue(call.tx, redrive[0])
        if target is None:
            return False
        retention = attributes.number(orjson.loads(target["attributes"]), "MessageRetentionPeriod")
        rows.change_message(
            call.tx,
            row["id"],
            box=target["box"],
            visible=now,
            receipt=None,
            came_from=arn,
            expires=row["sent"] + retention,
        )
        self._arrivals.ring(call.tx, redrive[0])
        return True

    def _delete(self, call: Call, queue: Row, entry: Mapping[str, Any]) -> None:
        """Succeeds as well when the message is gone or somebody else has received it since."""
        row_id, receipt = _parse_handle(entry["ReceiptHandle"])
        rows.delete_message(call.tx, queue["box"], row_id, receipt)
        if queue["arn"].endswith(".fifo"):  # the next of its group may be received now
            self._arrivals.ring(call.tx, queue["arn"])

    def _hide(self, call: Call, queue: Row, entry: Mapping[str, Any]) -> None:
        row_id, receipt = _parse_handle(entry["ReceiptHandle"])
        seconds = entry.get("VisibilityTimeout")
        if seconds is None:
            raise content.missing("VisibilityTimeout")
        attributes.check_range("VisibilityTimeout", seconds)
        now = call.house.clock.time()
        row = rows.message(call.tx, queue["box"], row_id)
        if row is None or row["receipt"] != receipt:
            raise bad_value(
                "ReceiptHandle: the message does not exist any more, or was received again since"
            )
        if row["visible"] <= now:
            raise ServiceError(
                "MessageNotInflight", "The message is not in flight; receive it again first."
            )
        rows.change_message(call.tx, row_id, visible=now + seconds)
        self._arrivals.ring(call.tx, queue["arn"])


def _check_receive(req: Mapping[str, Any], given: Mapping[str, str]) -> int:
    """Raises unless the numbers of a request are in range. Answers the seconds to wait."""
    most = req.get("MaxNumberOfMessages")
    if most is not None and not 1 <= most <= MAX_MESSAGES:
        raise bad_value(
            f"Value {most} for parameter MaxNumberOfMessages is invalid. "
            f"Reason: Must be between 1 and {MAX_MESSAGES}, if provided"
        )
    if req.get("VisibilityTimeout") is not None:
        attributes.check_range("VisibilityTimeout", req["VisibilityTimeout"])
    wait = req.get("WaitTimeSeconds")
    if wait is None:
        return attributes.number(given, "ReceiveMessageWaitTimeSeconds")
    return attributes.check_range("ReceiveMessageWaitTimeSeconds", wait, "WaitTimeSeconds")


def _receive(
    call: Call, row: Row, req: Mapping[str, Any], now: float, until: float
) -> dict[str, Any]:
    receipt = call.house.ids.token(24)
    first = row["first_received"] or now
    rows.change_message(
        call.tx,
        row["id"],
        visible=until,
        received=row["received"] + 1,
        first_received=first,
        receipt=receipt,
    )
    message: dict[str, Any] = {
        "MessageId": row["message"],
        "ReceiptHandle": _handle(row["id"], receipt),
        "MD5OfBody": digests.of_body(row["body"]),
        "Body": row["body"],
    }
    facts = _wanted_facts(row, req, first)
    if facts:
        message["Attributes"] = facts
    given = _wanted(content.from_json(row["attributes"]), req.get("MessageAttributeNames") or ())
    if given:
        message["MessageAttributes"] = given
        message["MD5OfMessageAttributes"] = digests.of_attributes(given)
    return message


def _wanted_facts(row: Row, req: Mapping[str, Any], first: float) -> dict[str, str]:
    """The message's system attributes that are asked for, by the old member name or the new."""
    names = {*(req.get("AttributeNames") or ()), *(req.get("MessageSystemAttributeNames") or ())}
    if not names:
        return {}
    facts = {
        "SenderId": row["sender"],
        "SentTimestamp": str(int(row["sent"] * 1000)),
        "ApproximateReceiveCount": str(row["received"] + 1),
        "ApproximateFirstReceiveTimestamp": str(int(first * 1000)),
        "AWSTraceHeader": row["trace"],
        "MessageGroupId": row["group"],
        "MessageDeduplicationId": row["deduplication"],
        "SequenceNumber": sequence_number(row["id"]) if row["deduplication"] else None,
        "DeadLetterQueueSourceArn": row["came_from"],
    }
    return {
        name: value
        for name, value in facts.items()
        if value is not None and ("All" in names or name in names)
    }


def _wanted(given: Mapping[str, dict[str, Any]], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Message attributes by name, `prefix.*`, `.*` or `All`."""
    wanted = set(names)
    if wanted & {"All", ".*"}:
        return dict(given)
    prefixes = tuple(name[:-1] for name in wanted if name.endswith(".*"))
    return {
        name: value
        for name, value in given.items()
        if name in wanted or (prefixes and name.startswith(prefixes))
    }


def _handle(row_id: int, receipt: str) -> str:
    return base64.urlsafe_b64encode(f"{row_id}.{receipt}".encode()).decode()


def _parse_handle(handle: str) -> tuple[int, str]:
    try:
        text = base64.b64decode(handle, altchars=b"-_", validate=True).decode("ascii")
        number, _, receipt = text.partition(".")
        row_id = int(number)
    except (binascii.Error, ValueError):
        row_id, receipt = 0, ""
    if not receipt or not 0 < row_id < 1 << 62:
        raise ServiceError(
            "ReceiptHandleIsInvalid",
            f"The input receipt handle {handle[:100]!r} is not a valid receipt handle.",
        )
    return row_id, receipt
