"""Signed requests that no SDK would send: whatever comes, the answer is the client's fault or fine.

Parameters are drawn from botocore's models, some of them of the wrong kind or size, serialized by
botocore itself, then bent on the wire before or after they are signed.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore import xform_name
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.credentials import Credentials
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.serialize import SERIALIZERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inhouse.gateway.registry import discover
from tests.serving import ACCOUNT, KEY_ID, REGION, SECRET, RunningServer, start
from tests.waiting import PATIENCE

SERVICES = ("s3", "sns", "sqs", "lambda", "polly", "ssm", "cloudwatch", "iam", "sts", "logs")
FINE = (501, 503)
ODD = (
    "", " ", "x", "..", "../..", "/", "//", "a/../b", "%2e%2e%2f", "%", "%zz", "\r\nX: 1", "\x00",
    "\ud7ff", "😀", "ü" * 300, "x" * 70_000, "*", "?", "${aws:username}", "null", "true", "-1",
    "1e999", "9" * 400, "<a>&", "{}", "[]", '"', "';--", "arn:aws:s3:::", "arn:aws:sns:us-east-1",
    f"arn:aws:sns:us-east-1:{ACCOUNT}:absent", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:absent",
    f"arn:aws:iam::{ACCOUNT}:role/absent", f"arn:aws:sqs:us-east-1:{ACCOUNT}:absent",
    "arn:aws:iam::210987654321:role/theirs", "arn:::::::::", "arn:aws:iam::123456789012:root",
    f"http://127.0.0.1/{ACCOUNT}/absent", "http://[", "https://example.invalid/x", "kept",
    "2026-01-01T00:00:00Z", "Infinity", "NaN", "text/plain; charset=\x01",
)  # fmt: skip
DOCUMENTS = (
    '{"Version":"2012-10-17","Statement":[]}',
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*",'
    '"Resource":"*","Condition":{"NumericEquals":{"x":["a",{}]}}}]}',
    '{"a":' * 300 + "1" + "}" * 300,
    "<speak>" + "<p>" * 500 + "</p>" * 500 + "</speak>",
    '<!DOCTYPE a [<!ENTITY b "c">]><speak>&b;</speak>',
)
TOKEN = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
texts = st.one_of(st.sampled_from(ODD), st.sampled_from(DOCUMENTS), st.text(max_size=40))
numbers = st.one_of(
    st.sampled_from((-1, 0, 1, 2**31, 2**31 - 1, 2**63, -(2**63), 10**30)), st.integers()
)


def value(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a shape, mostly of the right kind, which botocore can still write."""
    kind = shape.type_name
    if isinstance(shape, StructureShape):
        if depth > 3:
            return st.just({})
        members = {name: value(member, depth + 1) for name, member in shape.members.items()}
        if getattr(shape, "is_tagged_union", False):
            return st.one_of(*(st.fixed_dictionaries({n: m}) for n, m in members.items()))
        needed = {name: members[name] for name in shape.required_members}
        others = {name: m for name, m in members.items() if name not in needed}
        return st.fixed_dictionaries(needed, optional=others)
    if isinstance(shape, ListShape):
        return st.lists(value(shape.member, depth + 1), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(texts, value(shape.value, depth + 1), max_size=3)
    if kind == "string":
        known = getattr(shape, "enum", None) or []
        return st.one_of(texts, st.sampled_from(known)) if known else texts
    if kind in ("integer", "long"):
        return numbers
    if kind in ("float", "double"):
        return st.floats(width=64)
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        dates = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
        return dates.map(lambda found: found.replace(tzinfo=UTC))
    return st.binary(max_size=200)


@cache
def operations(service: str) -> tuple[tuple[OperationModel, Any], ...]:
    """Every operation that is served, with the values that may be asked of it."""
    (kind,) = (found for found in discover() if found.name == service)
    # Loaded afresh: clients change the model that they were made from.
    model = botocore.session.Session().get_service_model(service)
    names = [
        name
        for name in model.operation_names
        if hasattr(getattr(kind, xform_name(name), None), "__operation__")
    ]
    found = []
    for name in names:
        operation = model.operation_model(name)
        shape = operation.input_shape
        found.append((operation, value(shape) if shape else st.just({})))
    return tuple(found)


class Wire:
    """Signs requests as the admin and sends them as they are."""

    def __init__(self, server: RunningServer) -> None:
        self._endpoint = server.endpoint
        self._address = server.endpoint.removeprefix("http://")
        self._connection = http.client.HTTPConnection(self._address, timeout=PATIENCE)
        self._key = Credentials(KEY_ID, SECRET)

    def request(self, service: str, signing_name: str, asked: dict[str, Any]) -> Any:
        """A signed request of what botocore's serializers make."""
        prepare_request_dict(asked, endpoint_url=self._endpoint, user_agent="hostile", context={})
        request = create_request_object(asked)
        kind = S3SigV4Auth if service == "s3" else SigV4Auth
        kind(self._key, signing_name, REGION).add_auth(request)
        return request.prepare()

    def send(self, request: Any) -> tuple[int, bytes]:
        parts = urlsplit(request.url)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {
            name: value if isinstance(value, bytes) else str(value).encode()
            for name, value in request.headers.items()
        }
        body = request.body or b""
        for fresh in (False, True):  # the server may have closed a connection at rest
            try:
                self._connection.request(request.method, path, body, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (ConnectionError, http.client.HTTPException):
                self._connection.close()
                if fresh:
                    raise
        raise AssertionError


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of this module's own: its log is read, and nobody minds what is left in it."""
    folder = tmp_path_factory.mktemp("hostile")
    with start(folder, "--ephemeral", INHOUSE_BODY_TIMEOUT="2") as running:
        yield running
        assert running.client("sts").get_caller_identity()
        assert running.process.poll() is None, running.log
        assert "Traceback" not in running.log, running.log[running.log.index("Traceback") - 300 :]
        assert '"level": "error"' not in running.log


@pytest.fixture(scope="module")
def wire(server: RunningServer) -> Wire:
    server.client("s3").create_bucket(Bucket="kept")
    return Wire(server)


hostile = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def serialized(operation: OperationModel, protocol: str, parameters: Any) -> dict[str, Any] | None:
    """None for what even botocore cannot write."""
    try:
        asked: dict[str, Any] = SERIALIZERS[protocol]().serialize_to_request(parameters, operation)
    except Exception:
        return None
    asked["headers"].pop("Content-Length", None)  # or the server waits for what never comes
    asked["headers"] = {  # without what HTTP itself cannot carry
        name: "".join(c for c in str(text) if c >= " " and c != "\x7f").strip()
        for name, text in asked["headers"].items()
        if TOKEN.fullmatch(name)
    }
    if isinstance(asked["body"], str):
        asked["body"] = asked["body"].encode("utf-8", "surrogatepass")
    return asked


def bent(asked: dict[str, Any], data: st.DataObject) -> None:
    """Changes a request so that no serializer could have made it."""
    body = asked["body"]
    match data.draw(st.sampled_from(("not", "not", "cut", "flip", "add", "header", "method"))):
        case "cut" if isinstance(body, bytes) and body:
            asked["body"] = body[: data.draw(st.integers(0, len(body) - 1))]
        case "flip" if isinstance(body, bytes) and body:
            at = data.draw(st.integers(0, len(body) - 1))
            asked["body"] = body[:at] + data.draw(st.binary(max_size=3)) + body[at + 1 :]
        case "add" if isinstance(body, bytes):
            asked["body"] = body + data.draw(st.binary(max_size=20))
        case "header":
            name = data.draw(
                st.sampled_from(
                    ("Content-Type", "X-Amz-Target", "Content-Encoding", "Content-MD5", "Range",
                     "Accept", "X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Trailer", "Smithy-Protocol",
                     "X-Amz-Decoded-Content-Length", "If-Match", "If-Modified-Since")
                )
            )  # fmt: skip
            known = ("gzip", "aws-chunked", "application/xml", "application/cbor", "bytes=9-1",
                     "text/xml; charset=utf-16", "application/x-www-form-urlencoded", "CRC32")  # fmt: skip
            asked["headers"][name] = data.draw(
                st.one_of(st.sampled_from(known), st.from_regex(r"[!-~]{0,20}", fullmatch=True))
            )
        case "method":
            asked["method"] = data.draw(st.sampled_from(("GET", "PUT", "POST", "DELETE", "HEAD")))


@pytest.mark.parametrize("service", SERVICES)
@hostile
@given(st.data())
def test_odd_parameters(service: str, wire: Wire, data: st.DataObject) -> None:
    operation, parameters = data.draw(st.sampled_from(operations(service)))
    model = operation.service_model
    protocol = data.draw(st.sampled_from(model.metadata.get("protocols", [model.protocol])))
    asked = serialized(operation, protocol, data.draw(parameters))
    if asked is None:
        return
    bent(asked, data)
    status, body = wire.send(wire.request(service, model.signing_name, asked))
    assert status < 500 or status in FINE, (operation.name, status, body[:500])


@pytest.mark.parametrize("service", SERVICES)
@hostile
@given(
    method=st.sampled_from(("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS")),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30),
    body=st.binary(max_size=60),
    kind=st.sampled_from(
        ("application/x-amz-json-1.1", "application/x-www-form-urlencoded", "text/xml", "x")
    ),
)
def test_odd_requests(
    service: str, wire: Wire, method: str, path: str, body: bytes, kind: str
) -> None:
    name = botocore.session.Session().get_service_model(service).signing_name
    asked = {
        "method": method,
        "url_path": f"/{path.replace('#', '')}",
        "query_string": {},
        "headers": {"Content-Type": kind},
        "body": body,
    }
    status, answer = wire.send(wire.request(service, name, asked))
    assert status < 500 or status in FINE, (status, answer[:500])


@hostile
@given(st.data())
def test_bent_signatures_let_nobody_in(wire: Wire, data: st.DataObject) -> None:
    model = botocore.session.Session().get_service_model("sts")
    operation = model.operation_model("GetCallerIdentity")
    asked = serialized(operation, "query", {})
    assert asked is not None
    request = wire.request("sts", "sts", asked)
    text = request.headers["Authorization"]
    text = text.decode() if isinstance(text, bytes) else text
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=3))
    changed = f"{text[:at]}{new}{text[at + 1 :]}"
    if changed.replace(" ", "") == text.replace(" ", ""):
        return  # says the same
    request.headers["Authorization"] = changed
    status, body = wire.send(request)
    assert 400 <= status < 500 or status == 501, (status, body[:500])
    assert b"<Arn>" not in body
