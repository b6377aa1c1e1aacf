"""Errors as botocore reads them, in every protocol."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import parsers
from botocore.awsrequest import HeadersDict

from inhouse.core.errors import ServiceError
from inhouse.wire.errors import access_denied, serialize_error
from inhouse.wire.http import HttpRequest, HttpResponse
from inhouse.wire.protocol import Protocol
from inhouse.wire.router import Target
from tests.wire.peer import BOTOCORE_NAMES, SPOKEN, peer_model, router
from tests.wire.samples import Samples

REQUEST = HttpRequest("POST", "/", "", {"host": "localhost"}, b"")
OBJECTS = ("json", "rest-json", "cbor")
OWN_MEANING = ("message", "code", "type", "retryafterseconds")


def target_of(service: str, protocol: Protocol) -> Target:
    name = sorted(peer_model(service, protocol).operation_names)[0]
    return Target(service, router().operation(service, name), protocol, {}, "/")


def read(protocol: Protocol, response: HttpResponse, shape: Any = None) -> dict[str, Any]:
    parser = parsers.create_parser(BOTOCORE_NAMES[protocol])
    found: dict[str, Any] = parser.parse(
        {
            "body": response.body,
            "headers": HeadersDict(dict(response.headers)),
            "status_code": response.status,
        },
        shape,
    )
    return found


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_every_modelled_error(service: str, protocol: Protocol) -> None:
    target = target_of(service, protocol)
    facts = router().services[service].facts
    shapes: list[Any] = peer_model(service, protocol).error_shapes
    for shape in shapes:
        fields = {
            name: value
            for name, value in Samples(shape.name).structure(shape).items()
            if name.lower() not in OWN_MEANING and protocol in OBJECTS
        }
        error = ServiceError(shape.name, "It <is> & was", **fields)
        response = serialize_error(target, REQUEST, error, "request-1")
        told = read(protocol, response)
        assert told["Error"]["Message"] == "It <is> & was"
        assert told["ResponseMetadata"]["RequestId"] == "request-1"
        assert told["ResponseMetadata"]["HTTPStatusCode"] >= 400
        status = shape.metadata.get("error", {}).get("httpStatusCode")
        assert status is None or service == "sqs" or response.status == status
        if protocol in OBJECTS and not facts.query_compatible:
            assert told["Error"]["Code"] == shape.name
        elif service != "sqs":
            assert told["Error"]["Code"] == shape.error_code
        if fields:
            modelled = read(protocol, response, shape)
            assert {key: modelled.get(key) for key in fields} == fields, shape.name


@pytest.mark.parametrize("code", ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"])
@pytest.mark.parametrize("protocol", ["json", "query"])
def test_sqs_keeps_the_codes_of_its_query_days(code: str, protocol: Protocol) -> None:
    error = ServiceError(code, "No such queue.")
    response = serialize_error(target_of("sqs", protocol), REQUEST, error, "request-1")
    told = read(protocol, response)
    assert told["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert response.status == 400
    if protocol == "json":
        assert told["Error"]["QueryErrorCode"] == "QueueDoesNotExist"
        assert told["Error"]["Type"] == "Sender"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("NoSuchBucketPolicy", 404),
        ("PreconditionFailed", 412),
        ("InvalidRange", 416),
        ("BucketNotEmpty", 409),
        ("SlowDown", 503),
        ("NeverHeardOf", 400),
    ],
)
def test_s3_codes_the_model_lacks_have_their_status(code: str, status: int) -> None:
    error = ServiceError(code, "No.", BucketName="b", Key="a<b")
    response = serialize_error(target_of("s3", "rest-xml"), REQUEST, error, "request-1")
    assert response.status == status
    told = read("rest-xml", response)["Error"]
    assert told == {"Code": code, "Message": "No.", "BucketName": "b", "Key": "a<b"}


@pytest.mark.parametrize("protocol", ["rest-xml", "json"])
def test_head_and_304_have_no_body(protocol: Protocol) -> None:
    target = target_of("s3" if protocol == "rest-xml" else "ssm", protocol)
    head = HttpRequest("HEAD", "/b/k", "", {}, b"")
    response = serialize_error(target, head, ServiceError("NoSuchKey", "No."), "request-1")
    assert response.body == b""
    assert response.header("content-type") is None
    unchanged = ServiceError("NotModified", "Same.", status=304, headers={"ETag": '"a"'})
    response = serialize_error(target, REQUEST, unchanged, "request-1")
    assert (response.status, response.body, response.header("etag")) == (304, b"", '"a"')


def test_headers_cannot_be_split() -> None:
    error = ServiceError("NoSuchKey", "No.", headers={"x-amz-meta-a": "b\r\nset-cookie: c"})
    response = serialize_error(target_of("s3", "rest-xml"), REQUEST, error, "request-1")
    assert not any("\r" in value or "\n" in value for _, value in response.headers)


@pytest.mark.parametrize(
    ("headers", "query", "protocol"),
    [
        ({"x-amz-target": "Nobody.Does"}, "", "json"),
        ({"smithy-protocol": "rpc-v2-cbor"}, "", "cbor"),
        ({"content-type": "application/x-www-form-urlencoded"}, "", "query"),
        ({}, "Action=Nothing&Version=1", "query"),
        ({}, "", "rest-xml"),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=a/20240101/r/lambda/aws4_request"},
            "",
            "rest-json",
        ),
    ],
)
def test_without_a_target_the_protocol_is_guessed(
    headers: dict[str, str], query: str, protocol: Protocol
) -> None:
    request = HttpRequest("POST", "/", query, headers, b"")
    response = serialize_error(None, request, ServiceError("SlowDown", "Later."), "request-1")
    assert response.status == 503
    told = read(protocol, response)["Error"]
    assert (told["Code"], told["Message"]) == ("SlowDown", "Later.")


@pytest.mark.parametrize(
    ("service", "protocol", "code", "status"),
    [
        ("s3", "rest-xml", "AccessDenied", 403),
        ("sns", "query", "AuthorizationError", 403),
        ("iam", "query", "AccessDenied", 403),
        ("ssm", "json", "AccessDeniedException", 400),
        ("lambda", "rest-json", "AccessDeniedException", 403),
    ],
)
def test_refusals_have_the_code_of_the_service(
    service: str, protocol: Protocol, code: str, status: int
) -> None:
    target = target_of(service, protocol)
    response = serialize_error(target, REQUEST, access_denied(target, "No."), "request-1")
    assert response.status == status
    assert read(protocol, response)["Error"]["Code"] == code
