"""What the functions send to S3, beside what boto3 would."""

from __future__ import annotations

from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from inhouse.solutions.preprocessing.functions import signing, writing
from inhouse.solutions.preprocessing.functions.connection import Connection
from inhouse.solutions.preprocessing.functions.request import Request
from tests.serving import REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.serving import RunningServer

KEY_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a-session's+token/=")
REQUEST = Request("GET", "", "", "", route="io-inhouse-001", token="YXJu.4711")
ANSWER = {
    "Body": b"transformed",
    "StatusCode": 206,
    "ContentLength": 11,
    "AcceptRanges": "bytes",
    "CacheControl": "max-age=5,  public",
    "ContentRange": "bytes 0-10/99",
    "ContentType": "text/plain; charset=utf-8",
    "ETag": '"made"',
    "LastModified": "Mon, 23 Nov 2026 10:00:00 GMT",
    "VersionId": "7",
    "Metadata": {"owner": "Ada"},
}
REFUSAL = {
    "StatusCode": 404,
    "ErrorCode": "NoSuchKey",
    "ErrorMessage": "No such key: n\u00e4mlich.",
}
OF_BOTO3 = ("user-agent", "amz-sdk", "expect", "x-amz-date", "x-amz-content-sha256", "authoriz")
"""Names of what boto3 says of itself, of the time and of bodies, which it signs where it can."""


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(KEY_NAMES, KEYS, strict=True):
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_DISABLE_HOST_PREFIX_INJECTION"):
        monkeypatch.delenv(name, raising=False)


def sent_by_boto3(answer: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    found: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        found.append(request)
        raise InterruptedError

    s3 = boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))
    s3.meta.events.register("before-send", stop)
    with pytest.raises(InterruptedError):
        s3.write_get_object_response(
            RequestRoute=REQUEST.route, RequestToken=REQUEST.token, **answer
        )
    return found[0].url, _comparable(found[0].headers)


def sent_by_us(answer: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[str, Any]:
    found: list[Any] = []

    def stop(*told: Any) -> None:
        found.extend(told)
        raise InterruptedError

    monkeypatch.setattr(writing, "_S3", type("", (), {"ask": staticmethod(stop)}))
    with pytest.raises(InterruptedError):
        writing.write(REQUEST, answer)
    _, url, headers, body = found
    assert body == answer.get("Body", b"")
    return url, {**_comparable(headers), "content-length": str(len(body))}


def _comparable(headers: Mapping[str, Any]) -> dict[str, str]:
    told = {k.lower(): v.decode() if isinstance(v, bytes) else v for k, v in headers.items()}
    return {name: value for name, value in told.items() if not name.startswith(OF_BOTO3)}


@pytest.mark.parametrize("answer", [ANSWER, REFUSAL, {"StatusCode": 304}])
@pytest.mark.parametrize(
    "where",
    [
        {"AWS_REGION": "eu-central-1"},
        {"AWS_REGION": "cn-north-1"},
        {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://inhouse.test:4566"},
        {
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": "http://inhouse.test:1",
            "AWS_ENDPOINT_URL_S3": "http://s3.inhouse.test:4566",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        },
    ],
)
def test_boto3_would_send_the_same(
    monkeypatch: pytest.MonkeyPatch, where: Mapping[str, str], answer: Mapping[str, Any]
) -> None:
    for name, value in where.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", where["AWS_REGION"])
    url, headers = sent_by_us(answer, monkeypatch)
    wanted_url, wanted = sent_by_boto3(answer)
    assert url == wanted_url
    headers.pop("host")  # which boto3 leaves to its connection, or puts there as well
    wanted.pop("host", None)
    assert {"content-length": "0", **wanted} == headers


def test_botocore_signs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    url = "https://s3.test/a%20b/c%2Fd?versionId=a%2Bb%20c&uploads="
    headers = {"x-amz-meta-words": "  one   two \t three "}
    ours = signing.signed("GET", url, headers, "s3-object-lambda")
    request = AWSRequest("GET", url, {k: v for k, v in ours.items() if k != "authorization"})
    request.context["timestamp"] = ours["x-amz-date"]
    signer = SigV4Auth(Credentials(*KEYS), "s3-object-lambda", "eu-central-1")
    signer._normalize_url_path = lambda path: path  # type: ignore[attr-defined]  # as for S3
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert ours["authorization"].endswith(f"Signature={signer.signature(text, request)}")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Vi\u00e0".encode(), "Vi\u00e0"),
        ("\u00c5  la \t \u00e0  b".encode(), "\u00c5  la \t \u00e0  b"),
        (b"caf\xe9", "caf\u00e9"),
        ("5 \u20ac".encode(), "5 \u20ac"),
    ],
)
def test_headers_are_signed_as_they_go_out(
    monkeypatch: pytest.MonkeyPatch,
    server: RunningServer,
    fresh_name: Callable[..., str],
    sent: bytes,
    kept: str,
) -> None:
    """What S3 told goes out again as the same bytes; some are white space as latin-1 text."""
    session = server.client("sts").get_session_token()["Credentials"]
    for name, key in zip(
        KEY_NAMES, ("AccessKeyId", "SecretAccessKey", "SessionToken"), strict=True
    ):
        monkeypatch.setenv(name, session[key])
    monkeypatch.setenv("AWS_REGION", REGION)
    bucket = fresh_name("headers")
    server.client("s3").create_bucket(Bucket=bucket)
    url = f"{server.endpoint}/{bucket}/k"
    headers = signing.signed("PUT", url, {"x-amz-meta-name": sent.decode("latin-1")}, "s3")
    assert Connection().ask("PUT", url, headers, b"x").status == 200
    stored = server.client("s3").head_object(Bucket=bucket, Key="k")["Metadata"]["name"]
    assert str(make_header(decode_header(stored))) == kept
