"""Which operation a request means."""

from __future__ import annotations

import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.wire import models
from inhouse.wire.http import HttpRequest
from inhouse.wire.router import Router
from tests.waiting import PATIENCE
from tests.wire.peer import SERVICES, only_service_errors, router

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
PUBLISH = "Action=Publish&Version=2010-03-31&TopicArn=a&Message=m"


def http(method: str, path: str, query: str = "", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(method, path, query, named)


@pytest.mark.parametrize(
    ("host", "path", "bucket", "key"),
    [
        ("localhost:4566", "/bb/a/b", "bb", "a/b"),
        ("127.0.0.1:4566", "/bb/a%20b%2Fc", "bb", "a b/c"),
        ("[::1]:4566", "/bb/k", "bb", "k"),
        ("s3.localhost:4566", "/bb/k", "bb", "k"),
        ("s3.eu-west-1.localhost", "/bb/k", "bb", "k"),
        ("server.example:4566", "/bb/k", "bb", "k"),
        ("bb.localhost:4566", "/k/l", "bb", "k/l"),
        ("bb.localhost:4566", "//k", "bb", "/k"),
        ("my.bucket.localhost", "/k", "my.bucket", "k"),
        ("bb.s3.localhost:4566", "/k", "bb", "k"),
        ("bb.s3.eu-west-1.localhost", "/k", "bb", "k"),
        ("BB.S3.LocalHost", "/k", "bb", "k"),
        ("bb.127.0.0.1:4566", "/k", "bb", "k"),
        ("localhost", "/bb//a//", "bb", "/a//"),
        ("localhost", "/bb/%C3%BC+%25", "bb", "ü+%"),
    ],
)
def test_s3_hosts_and_paths(host: str, path: str, bucket: str, key: str) -> None:
    target = router().route_head(http("GET", path, host=host), "s3")
    assert target is not None
    assert target.operation.name == "GetObject"
    assert target.labels == {"Bucket": bucket, "Key": key}
    assert (target.bucket is not None) == (not path.startswith("/bb"))


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "operation"),
    [
        ("GET", "/", "", {}, "ListBuckets"),
        ("GET", "/b", "", {}, "ListObjects"),
        ("GET", "/b/", "list-type=2&prefix=x", {}, "ListObjectsV2"),
        ("GET", "/b", "list-type=1", {}, "ListObjects"),
        ("GET", "/b", "versions", {}, "ListObjectVersions"),
        ("GET", "/b", "location=", {}, "GetBucketLocation"),
        ("HEAD", "/b", "", {}, "HeadBucket"),
        ("PUT", "/b", "policy", {}, "PutBucketPolicy"),
        ("PUT", "/b", "notification", {}, "PutBucketNotificationConfiguration"),
        ("POST", "/b", "delete", {}, "DeleteObjects"),
        ("PUT", "/b/k", "", {}, "PutObject"),
        ("PUT", "/b/k", "tagging", {}, "PutObjectTagging"),
        ("PUT", "/b/k", "x-id=PutObject", {}, "PutObject"),
        ("PUT", "/b/k", "", {"x_amz_copy_source": "a/b"}, "CopyObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {}, "UploadPart"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {"x_amz_copy_source": "a/b"}, "UploadPartCopy"),
        ("POST", "/b/k", "uploads", {}, "CreateMultipartUpload"),
        ("POST", "/b/k", "uploadId=u", {}, "CompleteMultipartUpload"),
        ("GET", "/b/k", "uploadId=u", {}, "ListParts"),
        ("DELETE", "/b/k", "uploadId=u", {}, "AbortMultipartUpload"),
        ("POST", "/WriteGetObjectResponse", "", {}, "WriteGetObjectResponse"),
        ("GET", "/v20180820/configuration/publicAccessBlock", "", {}, "GetPublicAccessBlock"),
    ],
)
def test_s3_routes(
    method: str, path: str, query: str, headers: dict[str, str], operation: str
) -> None:
    request = http(method, path, query, host="localhost", **headers)
    for scope in ("s3", None):
        target = router().route_head(request, scope)
        assert target is not None
        assert target.operation.name == operation


def test_queries_need_their_body_unless_it_is_in_the_url() -> None:
    request = HttpRequest("POST", "/", "", FORM)
    assert router().route_head(request, "sns") is None
    request.body = PUBLISH.encode()
    assert router().resolve(request, "sns").operation.name == "Publish"
    assert router().resolve(request, None).operation.name == "Publish"
    request = http("GET", "/", PUBLISH)
    target = router().route_head(request, "sns")
    assert target is not None
    assert target.operation.parse(target, request) == {"TopicArn": "a", "Message": "m"}


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/v1/voices", "DescribeVoices"),
        ("GET", "/2015-03-31/functions/", "ListFunctions"),
        ("POST", "/endpoints/e/invocations", "InvokeEndpoint"),
        ("GET", "/bucket/v1/voices", "GetObject"),
    ],
)
def test_anonymous_requests_find_their_service(method: str, path: str, operation: str) -> None:
    target = router().route_head(http(method, path, host="localhost"), None)
    assert target is not None
    assert target.operation.name == operation


def test_forms_to_s3_are_not_queries() -> None:
    target = router().route_head(HttpRequest("POST", "/b/k", "uploads", FORM), "s3")
    assert target is not None
    assert target.operation.name == "CreateMultipartUpload"


UNKNOWN = "UnknownOperationException"
CBOR = {"smithy_protocol": "rpc-v2-cbor"}


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "scope", "code", "status"),
    [
        ("POST", "/", "", {"x_amz_target": "AmazonSSM.Nothing"}, "ssm", UNKNOWN, 400),
        ("POST", "/", "", {"x_amz_target": "Nobody.Nothing"}, "ssm", UNKNOWN, None),
        (
            *("POST", "/", "", {"x_amz_target": "AmazonSSM.GetParameter"}, "sns"),
            *("SignatureDoesNotMatch", 403),
        ),
        ("GET", "/", "Action=Nothing&Version=2010-03-31", {}, "sns", "InvalidAction", 400),
        ("GET", "/", "Action=Publish&Version=1999-01-01", {}, "sns", "InvalidAction", None),
        ("POST", "/b", "", {"host": "localhost"}, "s3", "PreconditionFailed", 412),
        ("PATCH", "/b/k", "", {"host": "localhost"}, "s3", "MethodNotAllowed", 405),
        ("GET", "/b/k", "", {"host": "b$d.localhost"}, "s3", "InvalidBucketName", None),
        ("GET", "/b/%FF", "", {"host": "localhost"}, "s3", "InvalidURI", None),
        ("GET", "/b", "prefix=%FF", {"host": "localhost"}, "s3", "InvalidURI", None),
        ("GET", "/nowhere", "", {}, "lambda", UNKNOWN, 404),
        ("GET", "/", "", {}, "nobody", UNKNOWN, 404),
        ("POST", "/service/Nobody/operation/X", "", CBOR, "monitoring", UNKNOWN, 404),
        ("POST", "/service", "", CBOR, "monitoring", UNKNOWN, 404),
    ],
)
def test_what_fits_nothing(
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    scope: str,
    code: str,
    status: int | None,
) -> None:
    with pytest.raises(ServiceError) as caught:
        router().resolve(http(method, path, query, **headers), scope)
    assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize("service", [one for one in SERVICES if models.facts(one).rest])
def test_no_two_routes_collide(service: str) -> None:
    model, patches = models.model(service), models.patches(service)
    seen: dict[tuple[object, ...], str] = {}
    for name in model.operation_names:
        if name in patches.get("hiddenRoutes", ()):
            continue
        operation = model.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        shape = operation.input_shape
        needed = sorted(
            shape.members[one].serialization["name"]
            for one in (shape.required_members if shape else ())
            if shape.members[one].serialization.get("location") == "querystring"
        )
        key = (
            operation.http["method"],
            "/".join("*" if one.startswith("{") else one for one in path.split("/")),
            query,
            tuple(needed),
            tuple(patches.get("neededHeaders", {}).get(name, ())),
        )
        assert key not in seen, (name, seen[key])
        seen[key] = name


def test_importing_and_starting_parse_no_model() -> None:
    code = (
        "import botocore.loaders as l\n"
        "def fail(*a, **k): raise SystemExit('a model was parsed')\n"
        "l.Loader.load_service_model = l.Loader.load_data = fail\n"
        "from inhouse.wire.router import Router\n"
        f"Router({SERVICES!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE)


def test_the_facts_are_those_of_the_models() -> None:
    for service in SERVICES:
        facts, metadata = models.facts(service), models.model(service).metadata
        assert facts.target_prefix == metadata.get("targetPrefix")
        assert facts.api_version == metadata["apiVersion"]
        assert facts.signing_name == metadata.get("signingName", metadata["endpointPrefix"])


HEADERS = st.dictionaries(
    st.sampled_from(
        ["host", "x-amz-target", "smithy-protocol", "content-type", "x-amz-copy-source"]
    ),
    st.one_of(
        st.text(st.characters(codec="latin-1"), max_size=30),
        st.sampled_from(["localhost", "rpc-v2-cbor", "AmazonSSM.GetParameter", *FORM.values()]),
    ),
)


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "X"]),
    path=st.text(st.characters(codec="latin-1"), max_size=40),
    query=st.text(string.printable, max_size=60),
    headers=HEADERS,
    body=st.binary(max_size=60),
    scope=st.sampled_from([None, "s3", "sns", "ssm", "lambda", "monitoring", "sqs", "nobody"]),
)
def test_hostile_heads_only_raise_service_errors(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, scope: str | None
) -> None:
    request = HttpRequest(method, "/" + path, query, headers, body)
    with only_service_errors():
        target = router().resolve(request, scope)
        target.operation.parse(target, request)


def test_routers_keep_to_their_services() -> None:
    small = Router(["ssm"])
    with pytest.raises(ServiceError, match="no service"):
        small.route_head(http("POST", "/", x_amz_target="AmazonSQS.SendMessage"), "sqs")
    with pytest.raises(ServiceError, match="fits no service"):
        small.route_head(http("GET", "/b/k"), None)
