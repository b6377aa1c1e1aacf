"""What a caller is told when its function does not serve it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.s3.object_lambda.conftest import COMMON, UPPER, body

Refused = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject", "ListObjectsV2"])
def test_a_function_that_fails(
    s3: Any,
    transformed: Callable[..., str],
    refused: Refused,
    operation: str,
) -> None:
    point = transformed(body('raise KeyError("secret")'), operation)
    if operation == "HeadObject":
        assert refused(s3.head_object, Bucket=point, Key="k")["Status"] == 500
        return
    if operation == "GetObject":
        error = refused(s3.get_object, Bucket=point, Key="k")
    else:
        error = refused(s3.list_objects_v2, Bucket=point)
    assert (error["Code"], error["Status"]) == ("LambdaRuntimeError", 500)
    assert "secret" not in error["Message"]


@pytest.mark.parametrize(
    ("source", "code"),
    [("import os; os._exit(3)", "LambdaRuntimeError"), ("time.sleep(60)", "LambdaTimeout")],
)
def test_a_function_that_ends_or_never_does(
    s3: Any,
    transformed: Callable[..., str],
    refused: Refused,
    make: Callable[..., str],
    source: str,
    code: str,
) -> None:
    function = make(COMMON + body(source), Timeout=1)
    error = refused(s3.get_object, Bucket=transformed(None, function=function), Key="k")
    assert (error["Code"], error["Status"]) == (code, 500)


def test_a_function_that_does_not_answer(
    s3: Any, transformed: Callable[..., str], refused: Refused
) -> None:
    error = refused(s3.get_object, Bucket=transformed(body("return 1")), Key="k")
    assert (error["Code"], error["Status"]) == ("LambdaResponseNotReceived", 500)


def test_a_function_that_is_gone(
    s3: Any, transformed: Callable[..., str], refused: Refused, fresh_name: Callable[..., str]
) -> None:
    for operation in ("GetObject", "ListObjects"):
        point = transformed(None, operation, function=fresh_name("nobody"))
        call = s3.get_object if operation == "GetObject" else s3.list_objects
        key = {"Key": "k"} if operation == "GetObject" else {}
        error = refused(call, Bucket=point, **key)
        assert (error["Code"], error["Status"]) == ("LambdaNotFound", 404)


def test_a_function_that_is_throttled(
    s3: Any,
    transformed: Callable[..., str],
    refused: Refused,
    make: Callable[..., str],
    client: Callable[..., Any],
) -> None:
    function = make(COMMON + UPPER)
    client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    error = refused(s3.get_object, Bucket=transformed(None, function=function), Key="k")
    assert (error["Code"], error["Status"]) == ("SlowDown", 503)


def test_a_function_that_cannot_run(
    s3: Any,
    transformed: Callable[..., str],
    refused: Refused,
    make: Callable[..., str],
    client: Callable[..., Any],
) -> None:
    function = make(COMMON + UPPER)
    role = client("lambda").get_function_configuration(FunctionName=function)["Role"]
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    client("iam").update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [nobody]}),
    )
    error = refused(s3.get_object, Bucket=transformed(None, function=function), Key="k")
    assert (error["Code"], error["Status"]) == ("LambdaInvocationFailed", 400)


@pytest.mark.parametrize(
    "arguments",
    [
        "StatusCode=201",
        'ErrorCode="NoDogs"',
        'StatusCode=200, ErrorCode="NoDogs"',
        'StatusCode=404, ErrorCode="no dogs"',
        'StatusCode=404, ErrorMessage="no code"',
        'StatusCode=404, ErrorCode="NoDogs", Body=b"a dog"',
        'ChecksumCRC32="aaaaaa==", ChecksumSHA1="aaaa"',
    ],
)
def test_a_response_that_cannot_be(
    s3: Any, transformed: Callable[..., str], refused: Refused, arguments: str
) -> None:
    point = transformed(
        body(
            f"""
try:
    write(event, {arguments})
except ClientError as error:
    print(error.response["Error"]["Code"])
    assert error.response["Error"]["Code"] == "ValidationError"
    raise
"""
        )
    )
    error = refused(s3.get_object, Bucket=point, Key="k")
    assert (error["Code"], error["Status"]) == ("LambdaInvalidResponse", 400)


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("HeadObject", "None"),
        ("HeadObject", '{"headers": {}}'),
        ("HeadObject", '{"statusCode": "200"}'),
        ("HeadObject", '{"statusCode": 200, "headers": {"Content-Length": "many"}}'),
        ("HeadObject", '{"statusCode": 200, "headers": {"ETag": []}}'),
        ("HeadObject", '{"statusCode": 200, "headers": 3}'),
        ("ListObjects", '{"statusCode": 200}'),
        ("ListObjects", '{"statusCode": 200, "errorCode": "Odd"}'),
        ("ListObjects", '{"statusCode": 200, "listResultXml": "<a"}'),
        (
            "ListObjectsV2",
            "{'statusCode': 200, 'listResultXml': '<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>'}",
        ),
        ("ListObjectsV2", '{"statusCode": 200, "listBucketResult": {"maxKeys": "many"}}'),
        ("ListObjectsV2", '{"statusCode": 200, "listBucketResult": {"contents": [3]}}'),
    ],
)
def test_a_result_that_cannot_be(
    s3: Any, transformed: Callable[..., str], refused: Refused, operation: str, value: str
) -> None:
    point = transformed(body(f"return {value}"), operation)
    if operation == "HeadObject":
        assert refused(s3.head_object, Bucket=point, Key="k")["Status"] == 400
        return
    call = s3.list_objects if operation == "ListObjects" else s3.list_objects_v2
    error = refused(call, Bucket=point)
    assert (error["Code"], error["Status"]) == ("LambdaInvalidResponse", 400)
