"""Log groups, streams and events through boto3."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from inhouse.core.errors import ServiceError
from inhouse.services.logs.pattern import Pattern
from tests.waiting import until


@pytest.fixture
def logs(client: Callable[..., Any]) -> Any:
    return client("logs")


@pytest.fixture
def group(logs: Any, fresh_name: Callable[..., str]) -> str:
    name = f"/test/{fresh_name()}"
    logs.create_log_group(logGroupName=name)
    for stream in ("one", "two"):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    return name


def put(logs: Any, group: str, stream: str, *messages: str, at: int | None = None) -> int:
    """Events a millisecond apart; answers the time of the first."""
    first = at or int(time.time() * 1000)
    events = [{"timestamp": first + n, "message": text} for n, text in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return first


def test_events_come_back_in_order_of_time(logs: Any, group: str) -> None:
    first = put(logs, group, "one", "a", "c")
    put(logs, group, "two", "b", "d", at=first)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, PaginationConfig={"PageSize": 3}
    )
    events = [event for page in pages for event in page["events"]]
    assert [event["message"] for event in events] == ["a", "b", "c", "d"]
    assert [event["logStreamName"] for event in events] == ["one", "two", "one", "two"]
    assert len({event["eventId"] for event in events}) == 4
    later = logs.filter_log_events(logGroupName=group, startTime=first + 1)["events"]
    assert [event["message"] for event in later] == ["c", "d"]
    one = logs.filter_log_events(logGroupName=group, logStreamNames=["one"])["events"]
    assert [event["message"] for event in one] == ["a", "c"]
    found = logs.filter_log_events(logGroupName=group, filterPattern="?a ?d")["events"]
    assert [event["message"] for event in found] == ["a", "d"]


def test_a_stream_is_read_in_both_directions(logs: Any, group: str) -> None:
    put(logs, group, "one", *"abcde")
    where = {"logGroupName": group, "logStreamName": "one", "limit": 2}

    def read(**more: Any) -> tuple[str, dict[str, Any]]:
        answer = logs.get_log_events(**where, **more)
        return "".join(event["message"] for event in answer["events"]), answer

    last, answer = read()
    before, _ = read(nextToken=answer["nextBackwardToken"])
    assert (before, last) == ("bc", "de")
    forward, seen, token = "", None, None
    while token is None or token != seen:
        seen = token
        more = {"nextToken": token} if token else {"startFromHead": True}
        text, answer = read(**more)
        forward, token = forward + text, answer["nextForwardToken"]
    assert forward == "abcde"


def test_groups_and_streams_are_described(logs: Any, group: str) -> None:
    first = put(logs, group, "two", "x", "y")
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [each["logGroupName"] for each in found] == [group]
    assert found[0]["storedBytes"] == 2 * (1 + 26)  # each event counts for 26 more
    streams = logs.describe_log_streams(
        logGroupName=group, orderBy="LastEventTime", descending=True
    )["logStreams"]
    assert [each["logStreamName"] for each in streams] == ["two", "one"]
    assert streams[0]["lastEventTimestamp"] == first + 1
    logs.delete_log_stream(logGroupName=group, logStreamName="two")
    assert logs.filter_log_events(logGroupName=group)["events"] == []
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.filter_log_events(logGroupName=group)


def test_what_cannot_be_is_refused(logs: Any, group: str) -> None:
    now = int(time.time() * 1000)
    invalid = logs.exceptions.InvalidParameterException
    backwards = [{"timestamp": now, "message": "b"}, {"timestamp": now - 1, "message": "a"}]
    with pytest.raises(invalid, match="chronological"):
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=backwards)
    with pytest.raises(invalid, match="too large"):
        put(logs, group, "one", *["x" * 200_000] * 6)
    with pytest.raises(invalid, match="JSON"):
        logs.filter_log_events(logGroupName=group, filterPattern="{ $.a = 1 }")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        put(logs, group, "three", "x")
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    old = [{"timestamp": now - 15 * 86_400_000, "message": "x"}]
    answer = logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=old)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("one two", "two and one", True),
        ('"one two"', "two and one", False),
        ("?one ?two", "two", True),
        ("ERROR -exit", "ERROR exit", False),
        (r'"say \"x\""', 'I say "x"', True),
    ],
)
def test_patterns(pattern: str, message: str, matches: bool) -> None:
    assert Pattern.parse(pattern).matches(message) is matches


def test_a_quote_without_end_is_named() -> None:
    with pytest.raises(ServiceError, match="quote"):
        Pattern.parse('"abc')


def test_what_a_function_prints_is_there(
    logs: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    from tests.services.lambda_.conftest import ACCOUNT, TRUST, zipped

    iam, lam, name = client("iam"), client("lambda"), fresh_name("fn")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    lam.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        Handler="main.handler",
        Code={"ZipFile": zipped({"main.py": "def handler(e, c):\n    print('said', e)\n"})},
    )
    lam.invoke(FunctionName=name, Payload=b'"hello"')

    def printed() -> list[Any] | None:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
            return found if len(found) >= 4 else None
        return None

    lines = [event["message"].split(" RequestId")[0].rstrip() for event in until(printed)]
    assert lines == ["START", "said hello", "END", "REPORT"]
