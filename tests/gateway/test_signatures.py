"""Who is let in: wrong keys, wrong secrets, stale sessions, nobody."""

from __future__ import annotations

from collections.abc import Callable
from email.header import decode_header, make_header
from hashlib import sha256
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.serving import KEY_ID, REGION, SECRET, RunningServer


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
    assert "AWS Secret Access Key and signing method" in raised.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as raised:
        client("s3", aws_secret_access_key="wrong").list_buckets()
    assert code(raised) == "SignatureDoesNotMatch"
    assert raised.value.response["Error"]["Message"].endswith("Check your key and signing method.")


@pytest.fixture
def old_client(
    client: Callable[..., Any], fresh_name: Callable[..., str]
) -> Callable[..., tuple[Any, str]]:
    """An S3 client that signs by version 2, and a bucket."""

    def make(**arguments: Any) -> tuple[Any, str]:
        config = Config(signature_version="s3", retries={"max_attempts": 0})
        bucket = fresh_name("old")
        client("s3").create_bucket(Bucket=bucket)
        return client("s3", config=config, **arguments), bucket

    return make


def test_version_2_of_signatures(old_client: Callable[..., tuple[Any, str]]) -> None:
    s3, bucket = old_client()
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x", Metadata={"a": "1"}, ContentType="a/b")
    assert s3.get_object(Bucket=bucket, Key="a b")["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket=bucket, Prefix="a")["KeyCount"] == 1
    assert s3.get_object_tagging(Bucket=bucket, Key="a b")["TagSet"] == []
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a b"}]})
    s3.delete_bucket(Bucket=bucket)


def test_version_2_with_a_wrong_secret(old_client: Callable[..., tuple[Any, str]]) -> None:
    s3, bucket = old_client(aws_secret_access_key="wrong")
    with pytest.raises(ClientError) as raised:
        s3.list_objects_v2(Bucket=bucket)
    assert code(raised) == "SignatureDoesNotMatch"
    told = raised.value.response["Error"]
    assert told["StringToSign"].endswith(f"/{bucket}/")
    assert (told["AWSAccessKeyId"], bool(told["SignatureProvided"])) == (KEY_ID, True)


def test_s3_tells_what_should_have_been_signed(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as raised:
        client("s3", aws_secret_access_key="wrong").list_buckets()
    told = raised.value.response["Error"]
    assert told["AWSAccessKeyId"] == KEY_ID
    assert told["CanonicalRequest"].startswith("GET\n/\n")
    hashed = sha256(told["CanonicalRequest"].encode()).hexdigest()
    assert told["StringToSign"].startswith("AWS4-HMAC-SHA256\n")
    assert told["StringToSign"].endswith(hashed)
    assert bytes.fromhex(told["StringToSignBytes"]).decode() == told["StringToSign"]


@pytest.mark.parametrize(
    ("headers", "status", "wanted"),
    [
        ({}, 403, "AccessDenied"),
        ({"date": "yesterday"}, 403, "AccessDenied"),
        ({"date": "Tue, 07 Jul 1950 21:53:04 GMT"}, 403, "AccessDenied"),
        ({"date": "Tue, 07 Jul 2010 21:53:04 GMT"}, 403, "RequestTimeTooSkewed"),
        ({"x-amz-date": "Tue, 07 Jul 2910 21:53:04 GMT"}, 403, "RequestTimeTooSkewed"),
        ({"authorization": f"AWS {KEY_ID}"}, 400, "InvalidArgument"),
        ({"authorization": "AWS AKIANOBODY:c2ln"}, 403, "InvalidAccessKeyId"),
        ({"authorization": "Basic YTpi"}, 400, "InvalidRequest"),
    ],
)
def test_headers_of_version_2(
    server: RunningServer, headers: dict[str, str], status: int, wanted: str
) -> None:
    given = {"authorization": f"AWS {KEY_ID}:c2ln", **headers}
    answer = httpx.get(f"{server.endpoint}/some-bucket", headers=given)
    assert (answer.status_code, f"<Code>{wanted}</Code>" in answer.text) == (status, True)


@pytest.mark.parametrize(
    ("seconds", "status", "wanted"),
    [
        (0, 403, "AccessDenied"),
        (-7, 400, "AuthorizationQueryParametersError"),
        (604_801, 400, "AuthorizationQueryParametersError"),
        ("soon", 400, "AuthorizationQueryParametersError"),
        (None, 400, "AuthorizationQueryParametersError"),
    ],
)
def test_lives_of_presigned_urls(
    client: Callable[..., Any], seconds: int | str | None, status: int, wanted: str
) -> None:
    s3 = client("s3", config=Config(signature_version="s3v4"))
    arguments = {"Bucket": "some-bucket", "Key": "k"}
    url = s3.generate_presigned_url("get_object", arguments, ExpiresIn=600)
    life = "" if seconds is None else f"&X-Amz-Expires={seconds}"
    url = url.replace("&X-Amz-Expires=600", life)
    answer = httpx.get(url)
    assert (answer.status_code, f"<Code>{wanted}</Code>" in answer.text) == (status, True)


@pytest.mark.parametrize("value", ["Vi\u00e0", "\u00c5  la \t \u00e0  b"])
def test_signed_headers_beyond_ascii(
    server: RunningServer, client: Callable[..., Any], fresh_name: Callable[..., str], value: str
) -> None:
    """In UTF-8, the letters end in bytes that would be white space in latin-1."""
    s3, bucket = client("s3"), fresh_name("letters")
    s3.create_bucket(Bucket=bucket)
    url = f"{server.endpoint}/{bucket}/k"
    request = AWSRequest("PUT", url, {"x-amz-meta-name": value}, b"x")
    S3SigV4Auth(Credentials(KEY_ID, SECRET), "s3", REGION).add_auth(request)
    headers = {name: told.encode() for name, told in request.headers.items()}
    assert httpx.put(url, headers=headers, content=b"x").status_code == 200
    stored = s3.head_object(Bucket=bucket, Key="k")["Metadata"]["name"]
    assert str(make_header(decode_header(stored))) == value


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
