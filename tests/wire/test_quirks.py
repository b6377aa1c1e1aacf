"""What the models do not say, or say otherwise than AWS does it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from inhouse.wire import scalars
from inhouse.wire.http import HttpRequest, HttpResponse
from inhouse.wire.malformed import Malformed
from inhouse.wire.protocol import Protocol
from inhouse.wire.router import Target
from tests.wire.peer import answer_of, router

S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def target_of(service: str, protocol: Protocol, operation: str, **labels: str) -> Target:
    return Target(service, router().operation(service, operation), protocol, labels, "/")


def answer(
    service: str, protocol: Protocol, operation: str, result: dict[str, Any]
) -> HttpResponse:
    target = target_of(service, protocol, operation)
    return target.operation.serialize(target, result, "request-1")


def xml(response: HttpResponse) -> etree._Element:
    assert isinstance(response.body, bytes)
    return etree.fromstring(response.body)


@pytest.mark.parametrize(("region", "text"), [("eu-west-1", "eu-west-1"), (None, None)])
def test_the_location_of_a_bucket_is_the_root_itself(region: str | None, text: str | None) -> None:
    root = xml(answer("s3", "rest-xml", "GetBucketLocation", {"LocationConstraint": region}))
    assert (root.tag, root.text) == (f"{S3}LocationConstraint", text)


@pytest.mark.parametrize(
    ("operation", "result", "root"),
    [
        ("ListBuckets", {"Buckets": []}, "ListAllMyBucketsResult"),
        ("ListObjectsV2", {"KeyCount": 0}, "ListBucketResult"),
        ("CreateMultipartUpload", {"UploadId": "u"}, "InitiateMultipartUploadResult"),
        ("CopyObject", {"CopyObjectResult": {"ETag": "e"}}, "CopyObjectResult"),
        ("GetBucketVersioning", {}, "VersioningConfiguration"),
    ],
)
def test_roots_are_named_as_s3_names_them(
    operation: str, result: dict[str, Any], root: str
) -> None:
    assert xml(answer("s3", "rest-xml", operation, result)).tag == S3 + root


@given(st.text(max_size=20))
def test_text_survives_xml(text: str) -> None:
    result = {"Prefix": text}
    response = answer("s3", "rest-xml", "ListObjectsV2", result)
    if all(one in "\t\n\r" or one >= " " for one in text) and not set(text) & set("\ufffe\uffff"):
        assert answer_of("s3", "rest-xml", "ListObjectsV2", response)["Prefix"] == text


def test_queries_to_the_url_of_a_queue_name_the_queue() -> None:
    request = HttpRequest(
        "POST",
        "/123456789012/queue",
        "",
        {"host": "localhost:4566", "content-type": "application/x-www-form-urlencoded"},
        b"Action=SendMessage&Version=2012-11-05&MessageBody=m",
    )
    target = router().resolve(request, "sqs")
    assert target.operation.parse(target, request) == {
        "QueueUrl": "http://localhost:4566/123456789012/queue",
        "MessageBody": "m",
    }


def test_aws_chunked_is_not_an_encoding_to_store() -> None:
    target = target_of("s3", "rest-xml", "PutObject", Bucket="b", Key="k")
    for sent, stored in (("aws-chunked", None), ("gzip,aws-chunked", "gzip"), ("br", "br")):
        params = target.operation.parse(
            target, HttpRequest("PUT", "/b/k", "", {"content-encoding": sent})
        )
        assert params.get("ContentEncoding") == stored


def test_headers_hold_any_text_and_cannot_be_split() -> None:
    result = {"Metadata": {"a": "é☃", "b": "c\r\nset-cookie: d"}, "ContentType": "text/plain\r\n"}
    response = answer("s3", "rest-xml", "HeadObject", result)
    assert response.header("x-amz-meta-a") == "=?UTF-8?B?w6nimIM=?="
    assert all(value.isascii() and value.isprintable() for _, value in response.headers)


def test_head_tells_the_length_of_the_body_it_does_not_have() -> None:
    response = answer("s3", "rest-xml", "HeadObject", {"ContentLength": 1234})
    assert (response.body, response.content_length) == (b"", 1234)


def test_streams_pass_through() -> None:
    async def pieces() -> Any:
        yield b"a"

    stream = pieces()
    response = answer("s3", "rest-xml", "GetObject", {"Body": stream, "ContentLength": 1})
    assert response.body is stream
    assert response.content_length == 1
    assert answer("polly", "rest-json", "SynthesizeSpeech", {"AudioStream": b"a"}).body == b"a"


def test_expires_is_given_back_as_it_was_put() -> None:
    response = answer("s3", "rest-xml", "GetObject", {"Body": b"", "Expires": "tomorrow"})
    assert response.header("expires") == "tomorrow"


def test_members_the_model_lacks_are_left_out() -> None:
    response = answer("ssm", "json", "GetParameter", {"Parameter": {"Name": "a", "Secret": 1}})
    assert isinstance(response.body, bytes)
    assert orjson.loads(response.body) == {"Parameter": {"Name": "a"}}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("protocol", ["json", "cbor", "query"])
def test_odd_numbers(protocol: Protocol, value: float) -> None:
    result = {"MetricDataResults": [{"Id": "a", "Values": [value, 1.5]}]}
    response = answer("cloudwatch", protocol, "GetMetricData", result)
    read = answer_of("cloudwatch", protocol, "GetMetricData", response)
    assert str(float(read["MetricDataResults"][0]["Values"][0])) == str(value)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31T12:00:00Z",
        "2024-01-31T12:00:00.000Z",
        "2024-01-31T14:00:00+02:00",
        "2024-01-31T12:00:00",
        "Wed, 31 Jan 2024 12:00:00 GMT",
        "1706702400",
        "1706702400.0",
        "1.7067024E9",
    ],
)
def test_timestamps_are_read_in_every_format(text: str) -> None:
    assert scalars.time_from_text(text) == datetime(2024, 1, 31, 12, tzinfo=UTC)
    assert scalars.time_from_text(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "now", "2024-02-30T00:00:00Z", "1e300", "9" * 30, "0001-01-01T00:00:00+10:00"]
)
def test_odd_timestamps_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        scalars.time_from_text(text)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_written_timestamps_are_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5)))
    for value in (moment, elsewhere, moment.replace(tzinfo=None)):
        assert scalars.time_from_text(scalars.time_to_iso8601(value)) == moment
        assert scalars.time_from_json(scalars.time_to_epoch(value)) == moment
        whole = moment.replace(microsecond=0)
        assert scalars.time_from_text(scalars.time_to_rfc822(value)) == whole
