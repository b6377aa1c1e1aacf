"""Bodies that nobody sane sends: every one is the client's error, none is ours."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import cbor2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.wire.http import HttpRequest
from inhouse.wire.protocol import Protocol
from inhouse.wire.router import Target
from tests.wire.peer import SPOKEN, only_service_errors, request_of, router
from tests.wire.samples import Samples

#: One operation with a rich input for each way a body can be read.
RICH: tuple[tuple[str, Protocol, str], ...] = (
    ("ssm", "json", "PutParameter"),
    ("cloudwatch", "json", "PutMetricData"),
    ("cloudwatch", "cbor", "PutMetricData"),
    ("cloudwatch", "query", "PutMetricData"),
    ("sns", "query", "PublishBatch"),
    ("sqs", "query", "SendMessageBatch"),
    ("lambda", "rest-json", "CreateFunction"),
    ("s3", "rest-xml", "PutBucketLifecycleConfiguration"),
    ("s3", "rest-xml", "DeleteObjects"),
)
ODD_TEXT = ["NaN", "2024-13-45", "====", "1e999", "٣", "1_000", "\0"]
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(ODD_TEXT),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def target_of(service: str, protocol: Protocol, operation: str) -> Target:
    labels = {"Bucket": "b", "FunctionName": "f"}
    return Target(service, router().operation(service, operation), protocol, labels, "/")


def parse(service: str, protocol: Protocol, operation: str, body: bytes) -> dict[str, Any]:
    request = HttpRequest("POST", "/", "", {}, body)
    if protocol != "query":
        return (
            router()
            .operation(service, operation)
            .parse(target_of(service, protocol, operation), request)
        )
    facts = router().services[service].facts
    form = f"Action={operation}&Version={facts.api_version}&".encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = HttpRequest("POST", "/", "", headers, form + body)
    target = router().resolve(request, facts.signing_name)
    return target.operation.parse(target, request)


@pytest.mark.parametrize(("service", "protocol", "operation"), RICH)
@given(body=st.binary(max_size=100))
def test_random_bytes(service: str, protocol: Protocol, operation: str, body: bytes) -> None:
    with only_service_errors():
        parse(service, protocol, operation, body)


@pytest.mark.parametrize(("service", "protocol", "operation"), RICH)
@given(data=st.data())
def test_good_bodies_with_bad_bytes(
    service: str, protocol: Protocol, operation: str, data: st.DataObject
) -> None:
    shape = router().operation(service, operation).input_shape
    good = request_of(service, protocol, operation, Samples("good").structure(shape))
    body = bytearray(good.body or b"")
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with only_service_errors():
        parse(service, protocol, operation, bytes(body))


def json_of(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return repr(value).encode()


@pytest.mark.parametrize(("protocol", "encode"), [("cbor", cbor2.dumps), ("json", json_of)])
@pytest.mark.parametrize("operation", ["PutMetricData", "PutMetricAlarm", "GetMetricData"])
@given(data=st.data())
def test_junk_in_the_place_of_members(
    operation: str, protocol: Protocol, encode: Callable[[Any], bytes], data: st.DataObject
) -> None:
    names = list(router().operation("cloudwatch", operation).input_shape.members)
    junk = data.draw(st.dictionaries(st.sampled_from(names), JUNK, max_size=4))
    with only_service_errors():
        parse("cloudwatch", protocol, operation, encode(junk))


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"<a/>", b"\xff", b"\0", b"{"])
def test_odd_bodies_for_every_operation(service: str, protocol: Protocol, body: bytes) -> None:
    for name in router().services[service].operation_names:
        target = target_of(service, protocol, name)._replace(form=(("a", "b"), ("a.1", "c")))
        with only_service_errors():
            target.operation.parse(target, HttpRequest("POST", "/", "", {}, body))


WRONG: tuple[tuple[str, Protocol, str, bytes, str, str], ...] = (
    ("ssm", "json", "GetParameter", b'{"Name": 7}', "SerializationException", "Name"),
    ("ssm", "json", "GetParameter", b"{}", "ValidationException", "Name"),
    ("ssm", "json", "GetParameter", b'{"Name": null}', "ValidationException", "Name"),
    ("ssm", "json", "GetParameters", b'{"Names": ["a", 1]}', "SerializationException", "Names.2"),
    ("ssm", "json", "GetParameter", b'{"Name": "a"', "SerializationException", "JSON"),
    (
        *("ssm", "json", "GetParametersByPath", b'{"Path": "/", "MaxResults": 2147483648}'),
        *("SerializationException", "MaxResults"),
    ),
    (
        *("ssm", "json", "PutParameter", b'{"Name": "a", "Value": "b", "Tags": [{"Key": "k"}]}'),
        *("ValidationException", "Tags.1.Value"),
    ),
    ("sns", "query", "Publish", b"", "InvalidParameter", "Message"),
    ("sns", "query", "Publish", b"Message.a=1", "InvalidParameter", "Message"),
    ("iam", "query", "CreateRole", b"RoleName=r", "ValidationError", "AssumeRolePolicyDocument"),
    (
        *("sts", "query", "AssumeRole", b"RoleArn=a&RoleSessionName=s&DurationSeconds=1h"),
        *("ValidationError", "DurationSeconds"),
    ),
    ("sqs", "query", "SendMessage", b"MessageBody=m", "MissingParameter", "QueueUrl"),
    ("s3", "rest-xml", "DeleteObjects", b"<Delete>", "MalformedXML", "XML"),
    ("s3", "rest-xml", "DeleteObjects", b"<Other/>", "MalformedXML", "Delete"),
    ("s3", "rest-xml", "DeleteObjects", b"<Delete><Object/></Delete>", "MalformedXML", "Key"),
    (
        *("s3", "rest-xml", "DeleteObjects", b"<Delete><Quiet>maybe</Quiet></Delete>"),
        *("MalformedXML", "Quiet"),
    ),
    ("lambda", "rest-json", "CreateFunction", b"{}", "ValidationException", "FunctionName"),
    (
        *("lambda", "rest-json", "CreateFunction", b'{"Code": {"ZipFile": "!"}}'),
        *("SerializationException", "Code.ZipFile"),
    ),
)


@pytest.mark.parametrize(("service", "protocol", "operation", "body", "code", "named"), WRONG)
def test_complaints_name_the_member(
    service: str, protocol: Protocol, operation: str, body: bytes, code: str, named: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        parse(service, protocol, operation, body)
    assert (caught.value.code, caught.value.status) == (code, 400)
    assert named in caught.value.fields.get("Detail", caught.value.message)


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("json", b'{"MetricData":' * 100_000),
        ("json", b"[" * 100_000),
        ("cbor", b"\x81" * 100_000),
        ("cbor", b"\xa1\x61a" * 100_000),
        ("cbor", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("cbor", b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff"),
        ("query", b"A" + b".1" * 100_000 + b"=1"),
        ("query", b"&".join(b"A.%d=1" % n for n in range(200_000))),
        ("query", b"MetricData.member." + b"9" * 5000 + b".Value=1"),
    ],
)
def test_depth_and_size(protocol: Protocol, body: bytes) -> None:
    with pytest.raises(ServiceError):
        parse("cloudwatch", protocol, "PutMetricData", body)


def test_work_grows_with_the_body_and_not_faster() -> None:
    """Bodies that keep a server busy for hours if a reader looks at anything twice."""
    deep = b'{"Aggregators": [' * 60 + b"7" + b"]}" * 60
    digits = b"MetricData.member.1.Value=" + b"1" * 300_000 + b"x"
    entries = (
        b"&".join(b"MetricData.member.%d=" % n for n in range(90_000)) + b"&MetricData.member.x="
    )
    for service, protocol, operation, body in (
        ("ssm", "json", "GetInventory", deep),
        ("cloudwatch", "query", "PutMetricData", digits),
        ("cloudwatch", "query", "PutMetricData", digits.replace(b"Value", b"Timestamp")),
        ("cloudwatch", "query", "PutMetricData", entries),
    ):
        with pytest.raises(ServiceError):
            parse(service, protocol, operation, body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Delete/>',
        b"<Delete>" + b"<Object>" * 10_000,
        b"<Delete><Object><Key>\0</Key></Object></Delete>",
        b'<?xml version="1.0" encoding="no-such"?><Delete/>',
        b'<?xml version="1.0" encoding="utf-16"?><Delete/>',
        b"<Delete><Object><Key>\xff</Key></Object></Delete>",
    ],
)
def test_xml_tricks(body: bytes) -> None:
    with pytest.raises(ServiceError, match="MalformedXML"):
        parse("s3", "rest-xml", "DeleteObjects", body)


def test_comments_are_no_text() -> None:
    body = b"<Delete><!-- a --><Object><Key>k</Key></Object><?p i?></Delete>"
    assert parse("s3", "rest-xml", "DeleteObjects", body)["Delete"] == {"Objects": [{"Key": "k"}]}


@pytest.mark.parametrize("tag", [0, 2, 4, 28, 29, 35, 37, 258, 260, 1004, 55799, 9999])
def test_foreign_cbor_tags_are_refused(tag: int) -> None:
    body = cbor2.dumps({"Namespace": cbor2.CBORTag(tag, "1")})
    with pytest.raises(ServiceError, match="SerializationException"):
        parse("cloudwatch", "cbor", "PutMetricData", body)


def test_cbor_timestamps_out_of_range_are_refused() -> None:
    body = cbor2.dumps({"StartTime": cbor2.CBORTag(1, 1e300)})
    with pytest.raises(ServiceError, match="SerializationException"):
        parse("cloudwatch", "cbor", "GetMetricData", body)


BODY, PARAMS = b'{"Name": "a"}', {"Name": "a"}


def gzipped(body: bytes, *, limit: int = 1000, encoding: str = "gzip") -> dict[str, Any]:
    request = HttpRequest("POST", "/", "", {"content-encoding": encoding}, body)
    request.inflated_limit = limit
    target = target_of("ssm", "json", "GetParameter")
    return target.operation.parse(target, request)


def test_gzip_bodies() -> None:
    assert gzipped(gzip.compress(BODY, mtime=0)) == PARAMS
    assert gzipped(gzip.compress(BODY[:5], mtime=0) + gzip.compress(BODY[5:], mtime=0)) == PARAMS
    assert gzipped(BODY, encoding="identity") == PARAMS
    assert gzipped(gzip.compress(BODY, mtime=0), limit=len(BODY)) == PARAMS


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b" " * 1001, mtime=0), "gzip", 413),
        (gzip.compress(b" " * 600, mtime=0) * 2, "gzip", 413),
        (gzip.compress(BODY, mtime=0)[:-4], "gzip", None),
        (gzip.compress(BODY, mtime=0) + b"x", "gzip", None),
        (zlib.compress(BODY), "gzip", None),
        (BODY, "gzip", None),
        (BODY, "br", 415),
    ],
)
def test_bad_and_big_gzip(body: bytes, encoding: str, status: int | None) -> None:
    with pytest.raises(ServiceError) as caught:
        gzipped(body, encoding=encoding)
    assert caught.value.status == status
