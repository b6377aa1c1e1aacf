"""When a failed, throttled or old event is run again, told on, or dropped."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from inhouse.core.errors import ServiceError
from inhouse.core.settings import Settings
from inhouse.services.lambda_ import handling, rows
from inhouse.services.lambda_.instance import Outcome
from inhouse.work import Retry

NOW = 1_000_000.0
FAILED = Outcome(b'{"errorMessage":"no","errorType":"E"}', "E", 0.1, None, b"")
GOOD = Outcome(b"1", None, 0.1, None, b"")
ROW = {
    "account": "123456789012",
    "region": "us-east-1",
    "name": "f",
    "role": "arn:aws:iam::123456789012:role/r",
    "events": None,
    "concurrency": None,
    "version": "$LATEST",
    "dead_letter": "arn:aws:sns:us-east-1:123456789012:dead",
}
EVENT = {
    "id": "e1",
    "account": "123456789012",
    "region": "us-east-1",
    "name": "f",
    "qualifier": "",
    "payload": b"{}",
    "client_context": None,
    "received": NOW - 10,
    "attempts": 0,
    "throttles": 0,
}


class Subject(handling.Handling):
    def __init__(self, result: Outcome | Exception) -> None:
        clock = SimpleNamespace(time=lambda: NOW, steady=lambda: NOW)
        self.house: Any = SimpleNamespace(clock=clock, settings=Settings())
        self.result = result
        self.runs = 0

    @property
    def running(self) -> Any:
        return self

    async def run(self, *_: Any) -> Outcome:
        self.runs += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Recorder:
    """A call that remembers what was written and queued."""

    def __init__(self, subject: Subject) -> None:
        self.house = subject.house
        self.tx = None
        self.queued: list[tuple[str, dict[str, Any]]] = []

    async def write(self, function: Callable[..., Any], *args: Any) -> Any:
        return function(self, *args)

    def defer(self, kind: str, payload: dict[str, Any]) -> None:
        self.queued.append((kind, payload))


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Handles the event once; answers what was changed, dropped and queued."""

    async def once(
        result: Outcome | Exception,
        event: dict[str, Any] | None = None,
        row: dict[str, Any] | None = None,
    ) -> SimpleNamespace:
        seen = SimpleNamespace(changed={}, dropped=False, retry=None, queued=[])

        def drop(*_: Any) -> bool:
            seen.dropped = True
            return True

        monkeypatch.setattr(rows, "event", lambda *_: {**EVENT, **(event or {})})
        monkeypatch.setattr(rows, "named", lambda *_: {**ROW, **(row or {})})
        monkeypatch.setattr(rows, "drop_event", drop)
        monkeypatch.setattr(rows, "change_event", lambda _, __, **c: seen.changed.update(c))
        subject = Subject(result)
        call = Recorder(subject)
        try:
            await subject.handle(call, {"event": "e1"})
        except Retry as retry:
            seen.retry = retry.delay
        seen.queued, seen.runs = call.queued, subject.runs
        return seen

    return once


@pytest.mark.parametrize(("attempts", "delay"), [(0, 60), (1, 120)])
async def test_a_failure_is_tried_again_after_one_and_two_minutes(
    handle: Any, attempts: int, delay: float
) -> None:
    seen = await handle(FAILED, {"attempts": attempts})
    assert (seen.retry, seen.changed) == (delay, {"attempts": attempts + 1})
    assert not seen.dropped
    assert seen.queued == []


async def test_the_third_failure_is_the_last(handle: Any) -> None:
    seen = await handle(FAILED, {"attempts": 2})
    assert (seen.retry, seen.dropped) == (None, True)
    ((kind, told),) = seen.queued
    assert (kind, told["target"], told["body"]) == ("lambda.Tell", ROW["dead_letter"], "{}")
    assert ["ErrorMessage", "String", "no"] in [list(each) for each in told["attributes"]]


async def test_success_ends_an_event_and_tells_nobody_unasked(handle: Any) -> None:
    seen = await handle(GOOD)
    assert (seen.retry, seen.dropped, seen.queued) == (None, True, [])


@pytest.mark.parametrize(("throttles", "delay"), [(0, 1), (1, 2), (5, 32), (12, 300), (99, 300)])
async def test_a_throttled_event_waits_longer_each_time(
    handle: Any, throttles: int, delay: float
) -> None:
    seen = await handle(ServiceError("TooManyRequestsException", "busy"), {"throttles": throttles})
    assert (seen.retry, seen.changed) == (delay, {"throttles": throttles + 1})
    assert not seen.dropped


async def test_an_event_that_is_too_old_is_not_run(handle: Any) -> None:
    config = orjson.dumps({"age": 60, "on_failure": "arn:aws:sqs:us-east-1:1:q"}).decode()
    seen = await handle(GOOD, {"received": NOW - 61}, {"events": config, "dead_letter": None})
    assert (seen.runs, seen.dropped) == (0, True)
    record = orjson.loads(seen.queued[0][1]["body"])
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert "responsePayload" not in record


async def test_no_concurrency_at_all_ends_an_event(handle: Any) -> None:
    seen = await handle(ServiceError("TooManyRequestsException", "none"), None, {"concurrency": 0})
    assert (seen.retry, seen.dropped, len(seen.queued)) == (None, True, 1)
