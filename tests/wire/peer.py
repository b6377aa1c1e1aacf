"""botocore on the other end of the wire: its serializers make requests, its parsers read answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from botocore import parsers, serialize
from botocore.awsrequest import AWSRequest, HeadersDict, prepare_request_dict
from botocore.handlers import escape_xml_payload
from botocore.loaders import Loader
from botocore.model import ServiceModel

from inhouse.core.errors import ServiceError
from inhouse.wire import models
from inhouse.wire.http import HttpRequest, HttpResponse
from inhouse.wire.protocol import Protocol
from inhouse.wire.router import Router

SERVICES = (
    *("s3", "s3control", "sns", "sqs", "ssm", "polly", "lambda", "iam", "sts", "cloudwatch"),
    *("comprehend", "rekognition", "sagemaker", "sagemaker-runtime", "organizations"),
    "application-autoscaling",
)
BOTOCORE_NAMES = {
    "query": "query",
    "json": "json",
    "rest-json": "rest-json",
    "rest-xml": "rest-xml",
    "cbor": "smithy-rpc-v2-cbor",
}
#: Every service with every protocol that it speaks here.
SPOKEN = tuple((name, protocol) for name in SERVICES for protocol in models.facts(name).protocols)


@contextmanager
def only_service_errors() -> Iterator[None]:
    """The block may go well or raise a `ServiceError` that tells the client, and nothing else."""
    try:
        yield
    except ServiceError as error:
        if not 400 <= (error.status or 400) < 500:
            raise AssertionError(f"{error} is not the client's fault") from error


@cache
def router() -> Router:
    return Router(SERVICES)


@cache
def peer_model(service: str, protocol: Protocol) -> ServiceModel:
    """botocore's own copy of a model. It has lost the names SQS's query protocol uses."""
    if protocol == "query" and service == "sqs":
        return models.query_model(service)
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def peer_operation(service: str, protocol: Protocol, operation: str) -> Any:
    return peer_model(service, protocol).operation_model(operation)


def request_of(
    service: str, protocol: Protocol, operation: str, params: dict[str, Any]
) -> HttpRequest:
    """The request that botocore would send, unsigned."""
    model = peer_operation(service, protocol, operation)
    serializer = serialize.create_serializer(BOTOCORE_NAMES[protocol], include_validation=False)
    parts = serializer.serialize_to_request(params, model)
    parts.pop("host_prefix", None)
    if protocol == "rest-xml" and parts["body"][:1] == b"<":
        escape_xml_payload(parts)
    prepare_request_dict(parts, endpoint_url="http://127.0.0.1:4566", context={})
    sent = AWSRequest(
        method=parts["method"], url=parts["url"], data=parts["body"], headers=parts["headers"]
    ).prepare()
    url = urlsplit(sent.url)
    headers = {
        key.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for key, value in sent.headers.items()
    }
    body = sent.body
    body = body.encode() if isinstance(body, str) else body or b""
    if "ContentLength" not in params:
        headers.pop("content-length", None)
    headers["host"] = "127.0.0.1:4566"
    return HttpRequest(sent.method, url.path, url.query, headers, body)


def answer_of(
    service: str, protocol: Protocol, operation: str, response: HttpResponse
) -> dict[str, Any]:
    """What botocore reads from an answer."""
    model = peer_operation(service, protocol, operation)
    assert isinstance(response.body, bytes)
    streaming = model.has_streaming_output and response.status < 300
    parser = parsers.create_parser(BOTOCORE_NAMES[protocol])
    read: dict[str, Any] = parser.parse(
        {
            "body": BytesIO(response.body) if streaming else response.body,
            "headers": HeadersDict(dict(response.headers)),
            "status_code": response.status,
            "context": {"operation_name": operation},
        },
        model.output_shape,
    )
    if streaming:
        name = model.output_shape.serialization["payload"]
        if read.get(name) is not None:
            read[name] = read[name].read()
    return read
