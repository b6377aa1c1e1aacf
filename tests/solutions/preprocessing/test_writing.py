"""What the functions send to S3, beside what boto3 would."""

from __future__ import annotations

from http.client import IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from select import select
from threading import Thread
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    for name, value in zip(names, KEYS, strict=True):
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
    headers = {"x-amz-meta-words": "  one   two "}
    ours = signing.signed("GET", url, headers, "s3-object-lambda")
    request = AWSRequest("GET", url, {k: v for k, v in ours.items() if k != "authorization"})
    request.context["timestamp"] = ours["x-amz-date"]
    signer = SigV4Auth(Credentials(*KEYS), "s3-object-lambda", "eu-central-1")
    signer._normalize_url_path = lambda path: path  # type: ignore[attr-defined]  # as for S3
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert ours["authorization"].endswith(f"Signature={signer.signature(text, request)}")


@pytest.fixture
def address() -> Iterator[str]:
    """A server that keeps connections, tells them by their number, and cuts `/cut` short."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = str(self.client_address[1]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body) + 5 * (self.path == "/cut")))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = self.path != "/kept"

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_next_request_goes_over_the_same_connection(address: str) -> None:
    s3 = Connection()
    first = s3.ask("GET", f"{address}/kept", {}).read()
    assert s3.ask("GET", f"{address}/kept", {}).read() == first


def test_what_was_left_unread_ends_the_connection(address: str) -> None:
    s3 = Connection()
    left = s3.ask("GET", f"{address}/kept", {})
    left.read(1)
    assert s3.ask("GET", f"{address}/kept", {}).read().isdigit()
    with pytest.raises(IncompleteRead):
        left.read()


def test_a_connection_that_s3_closed_is_opened_anew(address: str) -> None:
    s3 = Connection()
    first = s3.ask("GET", f"{address}/closed", {}).read()
    assert s3._http is not None
    assert select([s3._http.sock], [], [], 10)[0], "it is closed some time after its answer"
    assert s3.ask("GET", f"{address}/kept", {}).read() not in (first, b"")


def test_an_object_that_ends_too_early_is_not_taken_for_whole(address: str) -> None:
    answer = Connection().ask("GET", f"{address}/cut", {})
    with pytest.raises(IncompleteRead):
        while answer.read(100):
            pass
