"""What the wire costs: microseconds per operation, beside botocore's own code on the other side.

    python benchmarks/wire.py

For each operation: reading a request (route and parse), writing its answer, checking its
signature. The peers do the mirrored work in the same run: botocore's serializer writes the
request that we read, its parser reads the answer that we write, its signer makes the signature
that we check. Best of several rounds, one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore import auth, parsers, serialize
from botocore.awsrequest import AWSRequest, HeadersDict, prepare_request_dict
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.model import ServiceModel

from inhouse.wire.http import HttpRequest
from inhouse.wire.router import Router
from inhouse.wire.sigv4 import parse_authorization, verify

NOW = datetime.now(UTC)
SECRET = "secret"
ROUNDS = 7


class Case(NamedTuple):
    service: str
    operation: str
    protocol: str
    params: dict[str, Any]
    result: dict[str, Any]


_OBJECT = {"Key": "articles/2024/a.json", "ETag": '"0123"', "Size": 1024, "LastModified": NOW}
_POINT = {"MetricName": "m", "Value": 1.5, "Dimensions": [{"Name": "a", "Value": "b"}]}
CASES = (
    Case(
        "ssm",
        "GetParameter",
        "json",
        {"Name": "/a/b", "WithDecryption": True},
        {
            "Parameter": {
                "Name": "/a/b",
                "Type": "String",
                "Value": "v" * 32,
                "Version": 1,
                "LastModifiedDate": NOW,
                "ARN": "arn:aws:ssm:us-east-1:123456789012:parameter/a/b",
            }
        },
    ),
    Case(
        "s3",
        "GetObject",
        "rest-xml",
        {"Bucket": "bucket", "Key": "a/b c.txt"},
        {
            "Body": b"x" * 1024,
            "ContentLength": 1024,
            "ContentType": "text/plain",
            "ETag": '"0123"',
            "LastModified": NOW,
            "Metadata": {"a": "b"},
        },
    ),
    Case(
        "s3",
        "ListObjectsV2",
        "rest-xml",
        {"Bucket": "bucket", "Prefix": "articles/", "MaxKeys": 100},
        {"Name": "bucket", "KeyCount": 100, "Contents": [_OBJECT] * 100},
    ),
    Case(
        "sns",
        "Publish",
        "query",
        {
            "TopicArn": "arn:aws:sns:us-east-1:123456789012:topic",
            "Message": "m" * 200,
            "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}},
        },
        {"MessageId": "00000000-0000-0000-0000-000000000000"},
    ),
    Case(
        "lambda",
        "GetFunctionConfiguration",
        "rest-json",
        {"FunctionName": "f", "Qualifier": "1"},
        {"FunctionName": "f", "Runtime": "python3.12", "MemorySize": 128, "Timeout": 3},
    ),
    Case(
        "cloudwatch",
        "PutMetricData",
        "smithy-rpc-v2-cbor",
        {"Namespace": "N", "MetricData": [_POINT] * 20},
        {},
    ),
)


def microseconds(work: Callable[[], object]) -> float:
    """The time of one call, in microseconds: the best of some rounds of about 20 ms."""
    start = time.perf_counter()
    work()
    calls = max(10, min(20_000, int(0.02 / (time.perf_counter() - start + 1e-9))))
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        best = min(best, (time.perf_counter() - start) / calls)
    return best * 1e6


def signed(parts: dict[str, Any], signing_name: str) -> AWSRequest:
    request = AWSRequest(
        method=parts["method"],
        url=parts["url"],
        data=parts["body"],
        headers=dict(parts["headers"]),
    )
    signer = auth.S3SigV4Auth if signing_name == "s3" else auth.SigV4Auth
    signer(Credentials("AKIAEXAMPLE", SECRET), signing_name, "us-east-1").add_auth(request)
    return request


def received(request: AWSRequest) -> HttpRequest:
    """The request as the server sees it."""
    sent = request.prepare()
    url = urlsplit(sent.url)
    headers = {"host": url.netloc}
    for name, value in sent.headers.items():
        headers[name.lower()] = value.decode() if isinstance(value, bytes) else str(value)
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    return HttpRequest(sent.method, url.path, url.query, headers, body)


def measure(case: Case, router: Router) -> tuple[float, ...]:
    """Ours and botocore's microseconds for request, answer and signature."""
    model = ServiceModel(Loader().load_service_model(case.service, "service-2"), case.service)
    operation = model.operation_model(case.operation)
    serializer = serialize.create_serializer(case.protocol, include_validation=True)
    parser = parsers.create_parser(case.protocol)
    signing_name = router.services[case.service].facts.signing_name
    parts = serializer.serialize_to_request(case.params, operation)
    prepare_request_dict(parts, endpoint_url="http://127.0.0.1:4566", context={})
    request = received(signed(parts, signing_name))
    target = router.resolve(request, signing_name)
    fields = (request.method, request.path, request.query, request.headers, request.body)
    making = microseconds(lambda: HttpRequest(*fields))

    def read() -> None:
        again = HttpRequest(*fields)
        found = router.resolve(again, signing_name)
        found.operation.parse(found, again)

    def check() -> None:
        again = HttpRequest(*fields)
        signature = parse_authorization(again)
        assert signature is not None
        verify(again, signature, SECRET, NOW)

    response = target.operation.serialize(target, case.result, "id")
    streams = operation.has_streaming_output
    heard = {"headers": HeadersDict(dict(response.headers)), "status_code": 200, "context": {}}

    def hear() -> None:
        body = BytesIO(response.body) if streams else response.body  # type: ignore[arg-type]
        parser.parse({**heard, "body": body}, operation.output_shape)

    return (
        microseconds(read) - making,
        microseconds(lambda: serializer.serialize_to_request(case.params, operation)),
        microseconds(lambda: target.operation.serialize(target, case.result, "id")),
        microseconds(hear),
        microseconds(check) - making,
        microseconds(lambda: signed(parts, signing_name)),
    )


def main() -> None:
    start = time.perf_counter()
    router = Router([case.service for case in CASES])
    print(f"router ready in {(time.perf_counter() - start) * 1e3:.1f} ms\n")
    columns = ("read", "peer", "x", "write", "peer", "x", "verify", "peer", "x")
    print(f"{'microseconds':36}" + "".join(f"{name:>8}" for name in columns))
    for case in CASES:
        times = measure(case, router)
        line = "".join(
            f"{ours:8.1f}{peer:8.1f}{peer / ours:8.1f}"
            for ours, peer in zip(times[::2], times[1::2], strict=True)
        )
        print(f"{case.service + ' ' + case.operation:36}{line}")


if __name__ == "__main__":
    main()
