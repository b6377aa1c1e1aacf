"""CloudWatch Logs. Names and keys are those of boto3's `logs` client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import writes
from inhouse.services.logs import names, rows
from inhouse.services.logs.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row

EVENTS, BYTES, OVERHEAD = 10_000, 1 << 20, 26
"""What one PutLogEvents may bring; each event counts for its bytes and 26 more."""
DAY = 86_400_000
OLD, NEW, SPAN = 14 * DAY, 2 * 3_600_000, DAY
"""Milliseconds an event may be old, ahead, and away from the first of its batch."""
KEPT = 64 << 20
"""Characters a group keeps; the oldest events make room for new ones."""


class LogsService(Reading):
    """Log groups that keep their newest 64 MiB."""

    name = "logs"

    def __init__(self, house: House) -> None:
        pass

    @writes("logs:CreateLogGroup", names.of_group)
    def create_log_group(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.group(call, req)
        if rows.group(call.tx, chosen) is not None:
            raise _exists("group")
        rows.add_group(call.tx, chosen, _now(call))
        return {}

    @writes("logs:DeleteLogGroup", names.of_group)
    def delete_log_group(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        rows.drop_group(call.tx, _group(call, req)["id"])
        return {}

    @writes("logs:CreateLogStream", names.of_group)
    def create_log_stream(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        group, name = _group(call, req), names.stream(req)
        if rows.stream(call.tx, group["id"], name) is not None:
            raise _exists("stream")
        rows.add_stream(call.tx, group["id"], name, _now(call))
        return {}

    @writes("logs:DeleteLogStream", names.of_stream)
    def delete_log_stream(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        group = _group(call, req)
        rows.drop_stream(call.tx, group["id"], _stream(call, group, req)["id"])
        return {}

    @writes("logs:PutLogEvents", names.of_stream)
    def put_log_events(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        group = _group(call, req)
        stream = _stream(call, group, req)
        events = req["logEvents"]
        _check(events)
        now = _now(call)
        accepted = [e for e in events if now - OLD <= e["timestamp"] <= now + NEW]
        if accepted:
            size = rows.add_events(call.tx, stream, accepted, now)
            if group["size"] + size > KEPT:
                rows.drop_oldest(call.tx, group["id"], 2 * len(accepted))
        answer: dict[str, Any] = {"nextSequenceToken": str(now)}
        if len(accepted) < len(events):
            answer["rejectedLogEventsInfo"] = _rejected(events, now)
        return answer


def _check(events: list[Mapping[str, Any]]) -> None:
    if not 1 <= len(events) <= EVENTS:
        raise names.invalid(f"logEvents: {len(events)} events; 1 to {EVENTS} can be put at once.")
    size = sum(len(event["message"].encode()) + OVERHEAD for event in events)
    if size > BYTES:
        raise names.invalid(f"Upload too large: {size} bytes exceeds limit of {BYTES}")
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        raise names.invalid(
            "Log events in a single PutLogEvents request must be in chronological order."
        )
    if times[-1] - times[0] > SPAN:
        raise names.invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 "
            "hours."
        )
    if not all(event["message"] for event in events):
        raise names.invalid("logEvents: a message must have at least one character.")


def _rejected(events: list[Mapping[str, Any]], now: int) -> dict[str, int]:
    old = sum(1 for event in events if event["timestamp"] < now - OLD)
    new = [n for n, event in enumerate(events) if event["timestamp"] > now + NEW]
    found = {"tooOldLogEventEndIndex": old} if old else {}
    if new:
        found["tooNewLogEventStartIndex"] = new[0]
    return found


def _group(call: Call, req: Mapping[str, Any]) -> Row:
    row = rows.group(call.tx, names.group(call, req))
    if row is None:
        raise names.missing("group")
    return row


def _stream(call: Call, group: Row, req: Mapping[str, Any]) -> Row:
    row = rows.stream(call.tx, group["id"], names.stream(req))
    if row is None:
        raise names.missing("stream")
    return row


def _exists(what: str) -> ServiceError:
    return ServiceError(
        "ResourceAlreadyExistsException", f"The specified log {what} already exists", status=400
    )


def _now(call: Call) -> int:
    return int(call.house.clock.time() * 1000)
