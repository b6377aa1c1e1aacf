"""Logs in the form and the place that a function's configuration names."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.lambda_.conftest import allow
from tests.services.lambda_.test_functions import refused
from tests.serving import RunningServer
from tests.waiting import until

WRITES = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
SOURCE = (
    "import logging, os\n"
    "def handler(e, c):\n"
    "    logging.info('quiet'); logging.warning('loud')\n"
    "    return [os.environ['AWS_LAMBDA_LOG_GROUP_NAME'], c.log_stream_name]\n"
)


def objects(answer: dict[str, Any]) -> list[dict[str, Any]]:
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def test_json_is_told_by_lambda_and_by_the_function(make: Callable[..., str], lam: Any) -> None:
    name = make(SOURCE, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "WARN"})
    answer = lam.invoke(FunctionName=name, LogType="Tail")
    start, said, report = objects(answer)
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert (start["type"], start["record"]["requestId"]) == ("platform.start", request_id)
    assert (said["level"], said["message"]) == ("WARNING", "loud")
    assert (report["type"], report["record"]["status"]) == ("platform.report", "success")
    assert report["record"]["metrics"]["memorySizeMB"] == 128
    assert report["record"]["metrics"]["initDurationMs"] > 0


def test_failures_are_told_as_json_too(make: Callable[..., str], lam: Any) -> None:
    name = make("import sys\ndef handler(e, c): sys.exit(3)\n", LoggingConfig={"LogFormat": "JSON"})
    *_, report = objects(lam.invoke(FunctionName=name, LogType="Tail"))
    assert report["record"]["status"] == "error"
    assert report["record"]["errorType"] == "Runtime.ExitError"


def test_lambda_itself_can_be_silent(make: Callable[..., str], lam: Any) -> None:
    quiet = {"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "ERROR"}
    name = make(SOURCE, LoggingConfig=quiet)
    assert objects(lam.invoke(FunctionName=name, LogType="Tail")) == []


def test_functions_share_a_group(
    make: Callable[..., str], lam: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    group = f"/shared/{fresh_name('group')}"
    name = make(SOURCE, *WRITES, LoggingConfig={"LogGroup": group})
    told, stream = json.loads(lam.invoke(FunctionName=name)["Payload"].read())
    assert told == group
    assert f"/{name}[$LATEST]" in stream
    logs = client("logs")
    until(lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    loud = until(lambda: logs.filter_log_events(logGroupName=group, filterPattern="loud")["events"])
    assert loud[0]["logStreamName"] == stream


def test_a_group_that_was_chosen_is_written_as_the_role(
    server: RunningServer,
    make: Callable[..., str],
    make_role: Callable[..., str],
    lam: Any,
    client: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    logs, group, role = client("logs"), fresh_name("audit"), make_role()
    logs.create_log_group(logGroupName=group)
    name = make(SOURCE, Role=role, LoggingConfig={"LogGroup": group})

    def refusals() -> int:
        lines = [line for line in server.log.splitlines() if '"lambda.log_refused"' in line]
        return sum(f":function:{name}" in line and group in line for line in lines)

    for _ in range(2):
        assert "FunctionError" not in lam.invoke(FunctionName=name)
        until(lambda: refusals() == 1)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []
    client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2], PolicyName="p", PolicyDocument=allow(*WRITES)
    )
    lam.invoke(FunctionName=name)
    until(lambda: bool(logs.filter_log_events(logGroupName=group, filterPattern="loud")["events"]))
    assert refusals() == 1


def test_a_configuration_is_changed_in_parts(make: Callable[..., str], lam: Any) -> None:
    name = make("", Publish=True)

    def change(**config: str) -> Any:
        made = lam.update_function_configuration(FunctionName=name, LoggingConfig=config)
        return made["LoggingConfig"]

    own = f"/aws/lambda/{name}"
    plain = lam.get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert plain == {"LogFormat": "Text", "LogGroup": own}
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    assert change(LogFormat="JSON") == {"LogFormat": "JSON", "LogGroup": own, **levels}
    assert change(SystemLogLevel="WARN")["ApplicationLogLevel"] == "INFO"
    assert change(LogGroup="other")["SystemLogLevel"] == "WARN"
    assert lam.publish_version(FunctionName=name)["Version"] == "2"
    assert change(LogFormat="Text") == {"LogFormat": "Text", "LogGroup": "other"}
    old = lam.get_function_configuration(FunctionName=name, Qualifier="1")["LoggingConfig"]
    assert old == plain
    code, message = refused(lambda: change(SystemLogLevel="WARN"))
    assert (code, "JSON" in message) == ("InvalidParameterValueException", True)


@pytest.mark.parametrize(
    "config", [{"LogFormat": "XML"}, {"LogGroup": "no spaces"}, {"SystemLogLevel": "LOUD"}]
)
def test_a_configuration_that_cannot_be(make: Callable[..., str], config: dict[str, str]) -> None:
    assert refused(lambda: make("", LoggingConfig=config))[0] == "ValidationException"
