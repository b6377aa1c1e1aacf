"""One event: what is asked of S3, and what the waiting caller is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.session import Session

from inhouse.solutions.preprocessing.functions import csv_filter
from inhouse.solutions.preprocessing.functions.ranges import parse

MEMBERS = (
    Session().get_service_model("s3").operation_model("WriteGetObjectResponse").input_shape.members
)
META = "x-amz-meta-"
TABLE = b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(50_000))
LAST = b"a\n" + b"".join(b"%d\n" % number for number in range(50_000))
STORED = {
    "ETag": '"stored"',
    "Content-Type": "text/csv",
    "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT",
    "x-amz-meta-owner": "Ada",
}
DENIED = b"<Error><Code>AccessDenied</Code><Message>No.</Message></Error>"


class S3:
    """What WriteGetObjectResponse was given; `said` by the names of its members."""

    def __init__(self) -> None:
        self.headers: Mapping[str, str] = {}
        self.body = b""
        self.error: str | None = None

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for member, shape in MEMBERS.items():
            told = self.headers.get(shape.serialization.get("name", ""))
            if told is not None:
                found[member] = int(told) if shape.type_name in ("integer", "long") else told
        meta = {k.removeprefix(META): v for k, v in self.headers.items() if k.startswith(META)}
        return {**found, **({"Metadata": meta} if meta else {})}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, store: SimpleNamespace) -> S3:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "of-the-role")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.url)
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    return store.s3  # type: ignore[no-any-return]


@pytest.fixture
def store() -> Iterator[SimpleNamespace]:
    """Where presigned URLs lead: `status` and `body` are what it gives, `asked` what it was asked."""
    told = SimpleNamespace(status=200, body=TABLE, asked=[], s3=S3())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.asked.append((self.command, self.path, self.headers))
            self.send_response(told.status)
            for name, value in STORED.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(told.body)

        do_HEAD = do_GET  # noqa: N815

        def do_POST(self) -> None:
            assert self.path == "/WriteGetObjectResponse"
            told.s3.headers, told.s3.body = self.headers, self._body()
            self.send_response(400 if told.s3.error else 200)
            text = f"<Error><Code>{told.s3.error}</Code></Error>" if told.s3.error else ""
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def _body(self) -> bytes:
            if "Content-Length" in self.headers:
                return self.rfile.read(int(self.headers["Content-Length"]))
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


def event(store: Any, kind: str = "get", **headers: str) -> dict[str, Any]:
    return {
        f"{kind}ObjectContext": {
            "inputS3Url": f"{store.url}/data-stored/tables/a%20b.csv"
            "?versionId=7&X-Amz-SignedHeaders=host%3Bx-amz-checksum-mode&X-Amz-Signature=0",
            **({"outputRoute": "route", "outputToken": "token"} if kind == "get" else {}),
        },
        "configuration": {
            "payload": json.dumps({"columns": ["a"]}),
        },
        "userRequest": {"url": "https://x/tables/a%20b.csv", "headers": headers},
    }


def test_the_transformed_object_with_what_stays_true_of_it(s3: S3, store: Any) -> None:
    assert csv_filter.handler(event(store), None) == {"status_code": 200}
    assert s3.body == LAST
    said = s3.said
    assert said.pop("ETag") not in {STORED["ETag"], ""}
    assert said == {
        "RequestRoute": "route",
        "RequestToken": "token",
        "StatusCode": 200,
        "AcceptRanges": "bytes",
        "ContentType": "text/csv; charset=utf-8",
        "LastModified": STORED["Last-Modified"],
        "Metadata": {"owner": "Ada"},
    }


def test_headers_that_are_signed_go_with_the_request(s3: S3, store: Any) -> None:
    csv_filter.handler(event(store, **{"X-Amz-Checksum-Mode": "ENABLED", "Accept": "x"}), None)
    (_, _, headers) = store.asked[0]
    assert headers["x-amz-checksum-mode"] == "ENABLED"
    assert headers["accept"] != "x"


def test_head_says_what_get_would(s3: S3, store: Any) -> None:
    said = csv_filter.handler(event(store, "head"), None)
    assert said["statusCode"] == 200
    assert said["headers"]["Content-Length"] == str(len(LAST))
    assert said["headers"]["x-amz-meta-owner"] == "Ada"
    (head, _, _), (get, path, headers) = store.asked
    assert (head, get) == ("HEAD", "GET")
    assert path == "/data-stored/tables/a%20b.csv?versionId=7"
    assert "/us-east-1/s3/aws4_request" in headers["Authorization"]
    csv_filter.handler(event(store), None)
    assert s3.said["ETag"] == said["headers"]["ETag"]


def test_head_of_what_the_caller_may_not_read_reads_nothing(s3: S3, store: Any) -> None:
    store.status = 403
    said = csv_filter.handler(event(store, "head"), None)
    assert said == {
        "statusCode": 403,
        "errorCode": "AccessDenied",
        "errorMessage": "S3 answered 403",
    }
    assert [asked[0] for asked in store.asked] == ["HEAD"]


@pytest.mark.parametrize(
    ("asked", "part", "where"),
    [
        ("bytes=0-9", LAST[:10], f"bytes 0-9/{len(LAST)}"),
        ("bytes=70000-70999", LAST[70_000:71_000], f"bytes 70000-70999/{len(LAST)}"),
        ("bytes=280000-", LAST[280_000:], f"bytes 280000-{len(LAST) - 1}/{len(LAST)}"),
        ("bytes=-5", LAST[-5:], f"bytes {len(LAST) - 5}-{len(LAST) - 1}/{len(LAST)}"),
        (f"bytes=-{10**7}", LAST, f"bytes 0-{len(LAST) - 1}/{len(LAST)}"),
    ],
)
def test_ranges_are_of_what_comes_out(
    s3: S3, store: Any, asked: str, part: bytes, where: str
) -> None:
    csv_filter.handler(event(store, Range=asked), None)
    assert s3.body == part
    assert (s3.said["StatusCode"], s3.said["ContentRange"]) == (206, where)
    assert s3.said["ContentLength"] == len(part)


@pytest.mark.parametrize("asked", ["bytes=9000000-", "bytes=-0"])
def test_ranges_that_hold_nothing(s3: S3, store: Any, asked: str) -> None:
    csv_filter.handler(event(store, Range=asked), None)
    assert (s3.said["StatusCode"], s3.said["ErrorCode"]) == (416, "InvalidRange")


@pytest.mark.parametrize(
    "asked", [None, "", "bytes=5-1", "bytes=0-1,4-5", "lines=1-2", "bytes=-999999999999", "bytes=-"]
)
def test_ranges_that_are_ignored(asked: str | None) -> None:
    assert parse(asked) is None


def test_preconditions_are_on_the_new_tag(s3: S3, store: Any) -> None:
    csv_filter.handler(event(store), None)
    tag = s3.said["ETag"]
    csv_filter.handler(event(store, **{"If-None-Match": f'"other", W/{tag}'}), None)
    assert s3.said == {
        "RequestRoute": "route",
        "RequestToken": "token",
        "StatusCode": 304,
        "ContentLength": 0,
    }
    csv_filter.handler(event(store, **{"If-Match": '"other"'}), None)
    assert (s3.said["StatusCode"], s3.said["ErrorCode"]) == (412, "PreconditionFailed")
    csv_filter.handler(event(store, **{"If-Match": tag}), None)
    assert s3.body == LAST


def test_what_s3_refuses_is_refused_in_its_words(s3: S3, store: Any) -> None:
    store.status, store.body = 403, DENIED
    csv_filter.handler(event(store), None)
    assert (
        s3.said | {"StatusCode": 403, "ErrorCode": "AccessDenied", "ErrorMessage": "No."} == s3.said
    )
    store.status, store.body = 418, b"?"
    csv_filter.handler(event(store), None)
    assert (s3.said["StatusCode"], s3.said["ErrorCode"]) == (500, "InternalError")


@pytest.mark.parametrize("payload", ["{", "[]", '{"rows": 1}', '{"columns": "a"}'])
def test_wrong_options_are_the_operators_fault(s3: S3, store: Any, payload: str) -> None:
    asked = event(store)
    asked["configuration"]["payload"] = payload
    csv_filter.handler(asked, None)
    assert (s3.said["StatusCode"], s3.said["ErrorCode"]) == (400, "InvalidConfiguration")


def test_a_failure_in_the_middle_breaks_the_answer_off(s3: S3, store: Any) -> None:
    store.body = TABLE + b'"' + bytes([120]) * (2 << 20)
    with pytest.raises(Exception, match="field larger than field limit"):
        csv_filter.handler(event(store), None)


def test_a_caller_who_left_is_no_failure(s3: S3, store: Any) -> None:
    s3.error = "ValidationError"
    assert csv_filter.handler(event(store), None) == {"status_code": 200}
    s3.error = "AccessDenied"
    with pytest.raises(RuntimeError, match="AccessDenied"):
        csv_filter.handler(event(store), None)


def test_other_events_are_refused() -> None:
    with pytest.raises(ValueError, match="must be of GetObject or HeadObject"):
        csv_filter.handler({"listObjectsContext": {}}, None)
