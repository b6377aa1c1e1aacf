"""What S3 finds wrong with a function's answers stands in the function's log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.s3.object_lambda.conftest import COMMON, body
from tests.serving import RunningServer
from tests.waiting import until

MARK = "S3 Object Lambda:"
Printed = Callable[[str], str]


def failing(operation: Callable[..., Any], **arguments: Any) -> str:
    """The request's id, under which the function knows it, too."""
    with pytest.raises(ClientError) as caught:
        operation(**arguments)
    metadata: Any = caught.value.response["ResponseMetadata"]
    return str(metadata["RequestId"])


def test_a_function_that_did_not_answer(
    s3: Any, transformed: Callable[..., str], printed: Printed
) -> None:
    request_id = failing(s3.get_object, Bucket=transformed(body("return 1")), Key="k")
    assert printed(f"{request_id} {MARK}").startswith("LambdaResponseNotReceived")


def test_a_result_that_is_none(s3: Any, transformed: Callable[..., str], printed: Printed) -> None:
    point = transformed(body("return {'statusCode': 200}"), "ListObjectsV2")
    request_id = failing(s3.list_objects_v2, Bucket=point)
    text = printed(f"{request_id} {MARK}")
    assert text.startswith("LambdaInvalidResponse")
    assert "listBucketResult" in text


def test_a_response_that_cannot_be(
    s3: Any, transformed: Callable[..., str], printed: Printed
) -> None:
    request_id = failing(s3.get_object, Bucket=transformed(body("write(event, StatusCode=201)")),
                         Key="k")  # fmt: skip
    text = printed(f"{request_id} {MARK}")
    assert text.startswith("LambdaInvalidResponse")
    assert "201" in text


def test_a_token_that_is_spent(s3: Any, transformed: Callable[..., str], printed: Printed) -> None:
    source = """
write(event, Body=b"first")
try:
    write(event, Body=b"second")
except ClientError:
    pass
"""
    answer = s3.get_object(Bucket=transformed(body(source)), Key="k")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert printed(f"{request_id} {MARK}").startswith("ValidationError: RequestToken")


def test_a_function_s_own_error_is_lambda_s_to_tell(
    s3: Any, transformed: Callable[..., str], printed: Printed, client: Callable[..., Any],
    player: str,
) -> None:  # fmt: skip
    own = failing(s3.get_object, Bucket=transformed(body("raise KeyError('own')")), Key="k")
    later = failing(s3.get_object, Bucket=transformed(body("return 1")), Key="k")
    printed(f"{later} {MARK}")
    found = client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{player}", filterPattern=f'"{own} {MARK}"'
    )
    assert found["events"] == []


def test_a_function_with_a_log_group_of_its_choice(
    s3: Any,
    transformed: Callable[..., str],
    make: Callable[..., str],
    client: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    group = fresh_name("group")
    writes = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    function = make(COMMON + body("return 1"), *writes, LoggingConfig={"LogGroup": group})
    request_id = failing(s3.get_object, Bucket=transformed(None, function=function), Key="k")
    logs, wanted = client("logs"), f'"{request_id} {MARK} LambdaResponseNotReceived"'

    def written() -> bool:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            return bool(logs.filter_log_events(logGroupName=group, filterPattern=wanted)["events"])
        return False

    until(written, f"the line {wanted}")


def test_a_group_that_the_function_s_role_may_not_write(
    s3: Any,
    server: RunningServer,
    transformed: Callable[..., str],
    make: Callable[..., str],
    client: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    group = fresh_name("audit")
    client("logs").create_log_group(logGroupName=group)
    function = make(COMMON + body("return 1"), LoggingConfig={"LogGroup": group})
    failing(s3.get_object, Bucket=transformed(None, function=function), Key="k")
    until(
        lambda: any(
            '"object_lambda.log_refused"' in line and f":function:{function}" in line
            for line in server.log.splitlines()
        )
    )
    assert client("logs").describe_log_streams(logGroupName=group)["logStreams"] == []
