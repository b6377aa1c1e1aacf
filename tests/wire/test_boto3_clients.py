"""Real boto3 clients, all their handlers included, against the wire without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from inhouse.core.errors import ServiceError
from inhouse.wire.checksums import HEADERS, checksum
from inhouse.wire.chunked import AwsChunkedDecoder
from inhouse.wire.errors import serialize_error
from inhouse.wire.http import HttpRequest, HttpResponse
from inhouse.wire.scalars import blob_to_text
from inhouse.wire.sigv4 import (
    Signature,
    SigningContext,
    parse_authorization,
    verify,
    verify_payload,
)
from tests.wire.peer import router

SECRET = "secret"
Work = Callable[[str, dict[str, Any]], dict[str, Any]]


class Answer(BytesIO):
    """The raw part of a response, as urllib3 has it."""

    def stream(self, amt: int = 1 << 16, decode_content: bool | None = None) -> Iterator[bytes]:
        while piece := self.read(amt):
            yield piece


def payload_of(
    request: HttpRequest, signature: Signature, context: SigningContext, body: bytes
) -> bytes:
    """A streamed payload, decoded and checked as the gateway does it."""
    if "aws-chunked" not in request.headers.get("content-encoding", ""):
        verify_payload(request, signature, sha256(body).hexdigest())
        return body
    announced = request.headers.get("x-amz-trailer", "")
    signed = str(signature.payload_hash).startswith("STREAMING-AWS4")
    decoder = AwsChunkedDecoder(
        context if signed else None,
        [announced] if announced else [],
        decoded_length=int(request.headers["x-amz-decoded-content-length"]),
    )
    payload = b"".join(decoder.feed(body))
    trailers = decoder.finish()
    for algorithm, header in HEADERS.items():
        if header in trailers:
            whole = checksum(algorithm)
            whole.update(payload)
            assert trailers[header] == blob_to_text(whole.digest())
    return payload


def serve(request: HttpRequest, body: bytes, work: Work) -> HttpResponse:
    target = None
    try:
        signature = parse_authorization(request)
        assert signature is not None
        target = router().route_head(request, signature.service)
        if target is None or not target.operation.streams_in:
            request.body = body
        target = target or router().resolve(request, signature.service)
        now = datetime.now(UTC)
        context = verify(request, signature, SECRET, now, bucket=target.bucket)
        params = target.operation.parse(target, request)
        if target.operation.streams_in:
            assert target.operation.payload_in is not None
            params[target.operation.payload_in] = payload_of(request, signature, context, body)
        else:
            verify_payload(request, signature, sha256(body).hexdigest())
        return target.operation.serialize(target, work(target.operation.name, params), "request-1")
    except ServiceError as error:
        return serialize_error(target, request, error, "request-1")


def client(
    service: str,
    work: Work,
    *,
    url: str = "http://127.0.0.1:4566",
    secret: str = SECRET,
    **config: Any,
) -> Any:
    made = boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}, **config),
    )

    sent: list[HttpRequest] = []
    made.sent = sent

    def send(request: Any, **_: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        headers = {"host": parts.netloc} | {
            key.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for key, value in request.headers.items()
        }
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body)
        received = HttpRequest(request.method, parts.path, parts.query, headers)
        sent.append(received)
        response = serve(received, body, work)
        assert isinstance(response.body, bytes)
        return AWSResponse(
            request.url, response.status, dict(response.headers), Answer(response.body)
        )

    made.meta.events.register("before-send", send)
    return made


S3_CONFIGS = [
    {},
    {"s3": {"addressing_style": "virtual"}, "url": "http://localhost:4566"},
    {"s3": {"payload_signing_enabled": True}},
    {"url": "https://127.0.0.1:4566"},
    {"url": "https://127.0.0.1:4566", "s3": {"payload_signing_enabled": True}},
    {"signature_version": "s3v4"},
]
KEY = "a b/ü+%&=~*'().txt//x"


@pytest.mark.parametrize("config", S3_CONFIGS)
@pytest.mark.parametrize("algorithm", [None, "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_s3_objects(config: dict[str, Any], algorithm: str | None) -> None:
    stored: dict[str, Any] = {}

    def work(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert (params["Bucket"], params["Key"]) == ("bucket", KEY)
        if operation == "PutObject":
            stored.update(params)
            return {"ETag": '"e"'}
        whole = checksum("CRC32")
        whole.update(stored["Body"])
        return {
            "Body": stored["Body"],
            "ContentLength": len(stored["Body"]),
            "ContentType": stored["ContentType"],
            "Metadata": stored["Metadata"],
            "ChecksumCRC32": blob_to_text(whole.digest()),
        }

    s3 = client("s3", work, **config)
    more = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    payload = bytes(range(256)) * 1000
    s3.put_object(
        Bucket="bucket",
        Key=KEY,
        Body=BytesIO(payload),
        ContentType="text/plain",
        ContentEncoding="gzip",
        Metadata={"a": "b  c"},
        **more,
    )
    assert stored["ContentEncoding"] == "gzip"
    assert ("x-amz-trailer" in s3.sent[0].headers) == config.get("url", "").startswith("https")
    read = s3.get_object(Bucket="bucket", Key=KEY)
    assert read["Body"].read() == payload
    assert type(read["Body"]).__name__ == "StreamingChecksumBody"
    assert (read["ContentType"], read["Metadata"]) == ("text/plain", {"a": "b  c"})


@pytest.mark.parametrize("version", [None, "s3v4"])
@pytest.mark.parametrize("style", ["path", "virtual"])
def test_presigned_urls(version: str | None, style: str) -> None:
    s3 = client(
        "s3",
        lambda *_: {},
        url="http://localhost:4566",
        signature_version=version,
        s3={"addressing_style": style},
    )
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": "bucket", "Key": KEY, "ResponseContentType": "a/b"}
    )

    def get(url: str) -> HttpResponse:
        parts = urlsplit(url)
        request = HttpRequest("GET", parts.path, parts.query, {"host": parts.netloc})
        return serve(request, b"", lambda _, params: {"ContentType": params["ResponseContentType"]})

    assert get(url).header("content-type") == "a/b"
    assert get(url.replace("a%2Fb", "a%2Fc")).status == 403


def test_s3_with_its_handlers() -> None:
    def work(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetBucketLocation":
                return {"LocationConstraint": "eu-west-1"}
            case "ListObjectsV2":
                return {"EncodingType": "url", "Contents": [{"Key": "a%20b", "Size": 1}]}
            case "DeleteObjects":
                return {"Deleted": params["Delete"]["Objects"]}
            case "CopyObject":
                assert params["CopySource"] == "bucket/a%20b"
                return {"CopyObjectResult": {"ETag": "e"}}
        raise ServiceError("NoSuchKey", "No such key.", Key="k")

    s3 = client("s3", work)
    assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] == "eu-west-1"
    assert s3.list_objects_v2(Bucket="bucket")["Contents"] == [{"Key": "a b", "Size": 1}]
    odd = {"Objects": [{"Key": "c&<>\"'\r\n.txt"}]}
    assert s3.delete_objects(Bucket="bucket", Delete=odd)["Deleted"] == odd["Objects"]
    s3.copy_object(Bucket="bucket", Key="k", CopySource={"Bucket": "bucket", "Key": "a b"})
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="k")
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="bucket", Key="k")


@pytest.mark.parametrize("service", ["s3", "ssm", "sns", "sqs", "iam", "lambda", "cloudwatch"])
def test_a_wrong_secret_is_a_client_error(service: str) -> None:
    made = client(service, lambda *_: {}, secret="wrong")
    call = {
        "s3": "list_buckets",
        "ssm": "describe_parameters",
        "sns": "list_topics",
        "sqs": "list_queues",
        "iam": "list_users",
        "lambda": "list_functions",
        "cloudwatch": "list_metrics",
    }[service]
    with pytest.raises(ClientError) as caught:
        getattr(made, call)()
    code = caught.value.response["Error"]["Code"]
    assert code in ("SignatureDoesNotMatch", "InvalidSignatureException")


def test_typed_errors() -> None:
    def fail(code: str) -> Work:
        def work(operation: str, params: dict[str, Any]) -> dict[str, Any]:
            raise ServiceError(code, "No.")

        return work

    sqs = client("sqs", fail("QueueDoesNotExist"))
    with pytest.raises(sqs.exceptions.QueueDoesNotExist, match="NonExistentQueue"):
        sqs.get_queue_url(QueueName="q")
    sns = client("sns", fail("NotFound"))
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_topic_attributes(TopicArn="arn")
    ssm = client("ssm", fail("ParameterNotFound"))
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name="n")
    functions = client("lambda", fail("ResourceNotFoundException"))
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function(FunctionName="f")
    iam = client("iam", fail("NoSuchEntity"))
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="u")


def test_big_metric_data_comes_gzipped() -> None:
    heard: list[dict[str, Any]] = []

    def work(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        heard.append(params)
        return {}

    points = [{"MetricName": f"m{n}", "Value": n / 2, "Unit": "Count"} for n in range(900)]
    client("cloudwatch", work).put_metric_data(Namespace="N", MetricData=points)
    assert heard == [{"Namespace": "N", "MetricData": points}]


def test_account_ids_in_host_names() -> None:
    def work(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert params["AccountId"] == "123456789012"
        return {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}

    for url in ("http://localhost:4566", "http://127.0.0.1:4566"):
        read = client("s3control", work, url=url).get_public_access_block(AccountId="123456789012")
        assert read["PublicAccessBlockConfiguration"] == {"BlockPublicAcls": True}
