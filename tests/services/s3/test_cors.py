"""CORS: the configuration, preflight requests, and the headers of actual answers."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

PAGE = "https://www.example.com"
ALLOW = "Access-Control-Allow-Origin"


def rule(**more: Any) -> dict[str, Any]:
    return {"AllowedOrigins": [PAGE], "AllowedMethods": ["GET"], **more}


@pytest.fixture
def ask(server: Any) -> Callable[..., tuple[int, Any, bytes]]:
    """An unsigned request: status, headers and body of the answer."""

    def call(method: str, path: str, **headers: str) -> tuple[int, Any, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{server.endpoint}/{path}", method=method, headers=named)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    return call


def put(s3: Any, bucket: str, *rules: dict[str, Any]) -> None:
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": list(rules)})


def test_the_configuration_is_kept(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    missing = refused(s3.get_bucket_cors, Bucket=bucket)
    assert (missing["Code"], missing["Status"]) == ("NoSuchCORSConfiguration", 404)
    rules = [
        rule(ID="one", AllowedHeaders=["x-amz-*"], ExposeHeaders=["ETag"], MaxAgeSeconds=3000),
        rule(AllowedOrigins=["*"], AllowedMethods=["PUT", "POST", "HEAD", "DELETE"]),
    ]
    put(s3, bucket, *rules)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.delete_bucket_cors(Bucket=bucket)
    assert refused(s3.get_bucket_cors, Bucket=bucket)["Code"] == "NoSuchCORSConfiguration"


def test_rules_are_checked(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    for rules, code in (
        ([], "MalformedXML"),
        ([rule(AllowedMethods=["PATCH"])], "InvalidRequest"),
        ([rule(AllowedMethods=[])], "MalformedXML"),
        ([rule(AllowedOrigins=[])], "MalformedXML"),
        ([rule(AllowedOrigins=["http://*.*"])], "InvalidRequest"),
        ([rule(AllowedHeaders=["*-*"])], "InvalidRequest"),
        ([rule(ExposeHeaders=["*"])], "InvalidRequest"),
        ([rule(MaxAgeSeconds=-1)], "MalformedXML"),
        ([rule()] * 101, "InvalidRequest"),
    ):
        answer = refused(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": rules})
        assert (answer["Code"], answer["Status"]) == (code, 400), rules


def test_preflight(s3: Any, bucket: str, ask: Callable[..., Any]) -> None:
    put(
        s3,
        bucket,
        rule(AllowedMethods=["GET", "PUT"], AllowedHeaders=["x-amz-*"], MaxAgeSeconds=60),
        rule(AllowedOrigins=["*"], AllowedMethods=["DELETE"], ExposeHeaders=["ETag", "x-a"]),
    )
    status, headers, body = ask(
        "OPTIONS",
        f"{bucket}/k",
        Origin=PAGE,
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers="X-Amz-Date, x-amz-acl",
    )
    assert (status, body) == (200, b"")
    assert headers["x-amz-request-id"]
    assert headers[ALLOW] == PAGE
    assert headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert headers["Access-Control-Allow-Headers"] == "x-amz-date, x-amz-acl"
    assert headers["Access-Control-Max-Age"] == "60"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in headers["Vary"]
    status, headers, _ = ask(
        "OPTIONS", f"{bucket}/k", Origin="null", Access_Control_Request_Method="DELETE"
    )
    assert (status, headers[ALLOW]) == (200, "*")
    assert headers["Access-Control-Expose-Headers"] == "ETag, x-a"
    assert headers["Access-Control-Allow-Credentials"] is None


def test_preflight_is_refused(s3: Any, bucket: str, ask: Callable[..., Any]) -> None:
    def refusal(path: str, **headers: str) -> tuple[int, bool]:
        status, answered, body = ask("OPTIONS", path, **headers)
        assert answered[ALLOW] is None
        return status, b"AccessForbidden" in body

    get = {"Origin": PAGE, "Access_Control_Request_Method": "GET"}
    assert refusal(bucket, **get) == (403, True)
    assert refusal(bucket, Origin=PAGE) == (403, True)
    put(s3, bucket, rule(AllowedHeaders=["x-a"]))
    assert ask("OPTIONS", bucket, **get)[0] == 200
    assert refusal("no-such-bucket-here", **get) == (403, True)
    assert refusal("", **get) == (403, True)
    assert refusal(bucket, **{**get, "Origin": "https://evil.example.com"}) == (403, True)
    assert refusal(bucket, **{**get, "Access_Control_Request_Method": "PUT"}) == (403, True)
    assert refusal(bucket, **get, Access_Control_Request_Headers="x-a, x-b") == (403, True)
    assert refusal(bucket, Origin=PAGE) == (400, False)
    assert refusal(bucket, Access_Control_Request_Method="GET") == (400, False)
    for path, kind in ((bucket, b"BUCKET"), (f"{bucket}/k", b"OBJECT")):
        body = ask("OPTIONS", path, **{**get, "Access_Control_Request_Method": "PUT"})[2]
        assert b"<Method>PUT</Method>" in body
        assert b"<ResourceType>" + kind in body


def test_origins_have_one_wildcard(s3: Any, bucket: str, ask: Callable[..., Any]) -> None:
    for pattern, origin, fits in (
        ("https://*.example.com", PAGE, True),
        ("https://*.example.com", "https://example.com", False),
        ("https://www.*", PAGE, True),
        ("*.com", PAGE, True),
        ("https://w*ww.example.com", "https://ww.example.com", False),
        (PAGE, PAGE + ".org", False),
        (PAGE, PAGE.upper(), False),
    ):
        put(s3, bucket, rule(AllowedOrigins=[pattern]))
        status = ask("OPTIONS", bucket, Origin=origin, Access_Control_Request_Method="GET")[0]
        assert (status == 200) is fits, (pattern, origin)


def test_answers_and_errors_tell_the_browser(s3: Any, bucket: str, ask: Callable[..., Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    path = url.partition("://")[2].partition("/")[2]
    assert ask("GET", path, Origin=PAGE)[1][ALLOW] is None
    put(s3, bucket, rule(ExposeHeaders=["ETag"]))
    status, headers, body = ask("GET", path, Origin=PAGE)
    assert (status, body) == (200, b"x")
    assert headers[ALLOW] == PAGE
    unlisted = ask("GET", path, Origin=PAGE, Access_Control_Request_Headers="x-amz-acl")
    assert (unlisted[0], unlisted[1][ALLOW]) == (200, None)
    assert headers["Access-Control-Expose-Headers"] == "ETag"
    assert "Origin" in headers["Vary"]
    status, headers, _ = ask("GET", f"{bucket}/k", Origin=PAGE)
    assert (status, headers[ALLOW]) == (403, PAGE)
    for more in ({}, {"Origin": "https://evil.example.com"}):
        status, headers, _ = ask("GET", path, **more)
        assert (status, headers[ALLOW]) == (200, None)
    assert ask("PUT", f"{bucket}/k", Origin=PAGE)[1][ALLOW] is None
    assert ask("GET", "%ff/k", Origin=PAGE)[0] == 400
