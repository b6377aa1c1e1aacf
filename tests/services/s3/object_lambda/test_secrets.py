"""Tokens and URLs that functions are given: good for one request, and for nobody else."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config

from tests.services.lambda_.conftest import allow
from tests.services.s3.object_lambda.conftest import COMMON, UPPER, body

GIVE_AWAY = body('write(event, Body=json.dumps(event["getObjectContext"]).encode())')


@pytest.fixture
def s3(server: Any) -> Any:
    """Without the prefix before the host, which would need a name to resolve."""
    config = Config(inject_host_prefix=False, retries={"max_attempts": 0}, signature_version="s3v4")
    return server.client("s3", config=config)


def status_of(url: str, method: str = "GET") -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def fetched(request: urllib.request.Request) -> tuple[str, bytes]:
    """The request's id, and what was answered."""
    with urllib.request.urlopen(request) as answer:
        return answer.headers["x-amz-request-id"], answer.read()


def test_what_a_function_was_given_is_worth_nothing_afterwards(
    s3: Any, bucket: str, transformed: Callable[..., str], refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"raw")
    point = transformed(GIVE_AWAY)
    stolen = json.loads(s3.get_object(Bucket=point, Key="k")["Body"].read())
    s3.get_object(Bucket=point, Key="k")["Body"].read()  # the player has ended the first by now
    assert status_of(stolen["inputS3Url"]) == 403
    error = refused(
        s3.write_get_object_response,
        RequestRoute=stolen["outputRoute"],
        RequestToken=stolen["outputToken"],
        Body=b"late",
    )
    assert (error["Code"], error["Status"]) == ("ValidationError", 400)


def test_a_url_is_good_for_one_object_and_method(
    s3: Any, bucket: str, transformed: Callable[..., str]
) -> None:
    for key in ("k", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"raw")
    point = transformed(
        body(
            """
url = event["getObjectContext"]["inputS3Url"]
def status(url, method="GET", **headers):
    try:
        return urllib.request.urlopen(
            urllib.request.Request(url, method=method, headers=headers)).status
    except urllib.error.HTTPError as error:
        return error.code
seen = [status(url), status(url), status(url, "HEAD"), status(url, "PUT"), status(url, "DELETE"),
    status(url.replace("/k?", "/other?")), status(url + "&versionId=null"),
    status(url, Range="bytes=0-0")]
write(event, Body=json.dumps(seen).encode())
"""
        )
    )
    seen = json.loads(s3.get_object(Bucket=point, Key="k")["Body"].read())
    assert seen == [200, 200, 403, 403, 403, 403, 403, 206]


def test_a_token_is_refused_to_others_and_stays_good(
    s3: Any,
    bucket: str,
    transformed: Callable[..., str],
    refused: Callable[..., Any],
    printed: Callable[[str], str],
) -> None:
    """While the function waits, the admin tries to answer in its place; its log tells of it."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"wait")
    s3.put_object(Bucket=bucket, Key="token", Body=b"")
    source = body(
        """
context = event["getObjectContext"]
urllib.request.urlopen(urllib.request.Request(
    event["userRequest"]["headers"]["X-Give-To"], data=json.dumps(context).encode(), method="PUT"))
while fetch(context["inputS3Url"]).read() != b"go":
    time.sleep(0.02)
write(event, Body=b"mine")
"""
    )
    point = transformed(source)
    target = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "token"})
    link = s3.generate_presigned_url("get_object", Params={"Bucket": point, "Key": "k"})
    with ThreadPoolExecutor(1) as pool:
        request = urllib.request.Request(link, headers={"X-Give-To": target})
        reading = pool.submit(fetched, request)
        while not (text := s3.get_object(Bucket=bucket, Key="token")["Body"].read()):
            assert not reading.done()
        context = json.loads(text)
        error = refused(
            s3.write_get_object_response,
            RequestRoute=context["outputRoute"],
            RequestToken=context["outputToken"],
            Body=b"false",
        )
        s3.put_object(Bucket=bucket, Key="k", Body=b"go")
        request_id, data = reading.result()
    assert data == b"mine"
    assert (error["Code"], error["Status"]) == ("AccessDenied", 403)
    assert ":user/admin" in printed(f"{request_id} S3 Object Lambda: AccessDenied:")


def test_a_second_response_is_refused(s3: Any, transformed: Callable[..., str]) -> None:
    point = transformed(
        body(
            """
write(event, Body=b"first")
try:
    write(event, Body=b"second")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ValidationError"
    return
raise AssertionError
"""
        )
    )
    assert s3.get_object(Bucket=point, Key="k")["Body"].read() == b"first"


@pytest.mark.parametrize("token", ["none", "YXJuOmF3cw==.x", "ü", "." * 3000])
def test_a_token_that_was_never_given(s3: Any, refused: Callable[..., Any], token: str) -> None:
    error = refused(
        s3.write_get_object_response,
        RequestRoute="io",
        RequestToken=token.encode().decode("latin-1"),
    )
    assert (error["Code"], error["Status"]) == ("ValidationError", 400)


def test_a_role_needs_the_permission_to_answer(
    s3: Any, transformed: Callable[..., str], make: Callable[..., str], refused: Callable[..., Any]
) -> None:
    source = COMMON + body(
        """
try:
    write(event, Body=b"x")
except ClientError as error:
    raise RuntimeError(error.response["Error"]["Code"])
"""
    )
    point = transformed(None, function=make(source))
    error = refused(s3.get_object, Bucket=point, Key="k")
    assert error["Code"] == "LambdaRuntimeError"
    assert "RuntimeError" in error["Message"]


@pytest.fixture
def reader(client: Callable[..., Any], fresh_name: Callable[..., str]) -> Callable[..., Any]:
    """A client of a user who may do only what is given: actions, or a whole policy."""
    iam = client("iam")

    def make_user(*actions: str, policy: dict[str, Any] | None = None) -> Any:
        name = fresh_name("user")
        iam.create_user(UserName=name)
        text = json.dumps(policy) if policy else allow(*actions)
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(
            "s3",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return make_user


READ = body(
    """
try:
    data = fetch(event["getObjectContext"]["inputS3Url"]).read()
except urllib.error.HTTPError as error:
    write(event, StatusCode=error.code, ErrorCode="RequestFailure", ErrorMessage="no")
else:
    write(event, Body=data)
"""
)


def test_the_function_is_invoked_and_the_object_read_with_the_caller_s_rights(
    s3: Any,
    bucket: str,
    transformed: Callable[..., str],
    reader: Callable[..., Any],
    refused: Callable[..., Any],
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"raw")
    point = transformed(READ)
    every = ("s3-object-lambda:GetObject", "lambda:InvokeFunction", "s3:GetObject")
    assert reader(*every).get_object(Bucket=point, Key="k")["Body"].read() == b"raw"
    for missing, code in (
        ("s3-object-lambda:GetObject", "AccessDenied"),
        ("lambda:InvokeFunction", "LambdaPermissionError"),
        ("s3:GetObject", "RequestFailure"),
    ):
        client = reader(*(action for action in every if action != missing))
        error = refused(client.get_object, Bucket=point, Key="k")
        assert (error["Code"], error["Status"]) == (code, 403)


def test_rights_may_be_given_through_object_lambda_alone(
    s3: Any,
    bucket: str,
    transformed: Callable[..., str],
    reader: Callable[..., Any],
    refused: Callable[..., Any],
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"raw")
    point = transformed(READ)
    via = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["s3-object-lambda.amazonaws.com"]}}
    statements = [
        {"Effect": "Allow", "Action": "s3-object-lambda:GetObject", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction", "s3:GetObject"],
            "Resource": "*",
            "Condition": via,
        },
    ]
    client = reader(policy={"Version": "2012-10-17", "Statement": statements})
    assert client.get_object(Bucket=point, Key="k")["Body"].read() == b"raw"
    assert refused(client.get_object, Bucket=bucket, Key="k")["Code"] == "AccessDenied"


def test_nobody_is_not_served(
    transformed: Callable[..., str], anonymous: Any, refused: Callable[..., Any]
) -> None:
    assert refused(anonymous.get_object, Bucket=transformed(UPPER), Key="k")["Status"] == 403
