"""Who is let in: wrong keys, wrong secrets, stale sessions, nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.serving import SECRET, RunningServer


def code(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


def test_unknown_key(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as raised:
        client("ssm", aws_access_key_id="AKIANOBODY").get_parameter(Name="/a")
    assert code(raised) == "UnrecognizedClientException"


def test_wrong_secret(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as raised:
        client("ssm", aws_secret_access_key="wrong").get_parameter(Name="/a")
    assert code(raised) == "InvalidSignatureException"
    with pytest.raises(ClientError) as raised:
        client("s3", aws_secret_access_key="wrong").list_buckets()
    assert code(raised) == "SignatureDoesNotMatch"


def test_a_token_that_is_not_ours(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as raised:
        client("ssm", aws_session_token="made-up").get_parameter(Name="/a")
    assert code(raised) == "UnrecognizedClientException"


def test_sessions_work_and_only_with_their_token(client: Callable[..., Any]) -> None:
    given = client("sts").get_session_token()["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
    }
    whole = client("ssm", aws_session_token=given["SessionToken"], **keys)
    assert whole.describe_parameters()["Parameters"] is not None
    with pytest.raises(ClientError) as raised:
        client("ssm", aws_session_token=None, **keys).describe_parameters()
    assert code(raised) == "UnrecognizedClientException"


def anonymous(server: RunningServer, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
    )


@pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [
        ("s3", "list_buckets", {}),
        ("s3", "get_object", {"Key": "k"}),
        ("s3", "put_object", {"Key": "new", "Body": b"x"}),
        ("s3", "list_objects_v2", {}),
        ("ssm", "get_parameter", {"Name": "/a"}),
        ("sns", "list_topics", {}),
        ("sts", "get_caller_identity", {}),
        ("iam", "list_users", {}),
    ],
)
def test_nobody_may_do_nothing(
    server: RunningServer,
    client: Callable[..., Any],
    fresh_name: Callable[..., str],
    service: str,
    method: str,
    arguments: dict[str, Any],
) -> None:
    if service == "s3" and method != "list_buckets":
        bucket = fresh_name("private")
        client("s3").create_bucket(Bucket=bucket)
        client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
        arguments = {**arguments, "Bucket": bucket}
    with pytest.raises(ClientError) as raised:
        getattr(anonymous(server, service), method)(**arguments)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    ("service", "method"), [("polly", "describe_voices"), ("lambda", "list_functions")]
)
def test_unsigned_requests_without_a_service_are_nobodys(
    server: RunningServer, service: str, method: str
) -> None:
    """Without a signature only the host could tell the service; a path alone is taken as S3's."""
    with pytest.raises(ClientError) as raised:
        getattr(anonymous(server, service), method)()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] in (403, 404)


def test_no_secret_reaches_the_log(server: RunningServer, client: Callable[..., Any]) -> None:
    client("ssm").put_parameter(
        Name="/logged", Value="very-private", Type="SecureString", Overwrite=True
    )
    client("ssm").get_parameter(Name="/logged", WithDecryption=True)
    log = server.log
    assert "very-private" not in log
    assert SECRET not in log
    assert "AWS4-HMAC-SHA256" not in log
