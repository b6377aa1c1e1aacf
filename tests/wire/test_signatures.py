"""Signatures made by botocore's signers are verified; anything changed afterwards is not."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.wire.http import HttpRequest
from inhouse.wire.sigv4 import parse_authorization, unknown_key, verify, verify_payload
from tests.wire.peer import only_service_errors

KEY_ID, SECRET, TOKEN = "AKIAEXAMPLE", "a/secret+with=odd", "a session//token=="
HOST = "127.0.0.1:4566"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def now() -> datetime:
    return datetime.now(UTC)


def signed(
    signer: Any,
    service: str,
    *,
    method: str = "GET",
    path: str = "/",
    query: str = "",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    token: str | None = None,
    **options: Any,
) -> HttpRequest:
    """A request signed by one of botocore's signers, as the server receives it."""
    url = f"http://{HOST}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=url, data=body, headers=headers or {})
    request.context["payload_signing_enabled"] = True
    credentials = Credentials(KEY_ID, SECRET, token)
    if issubclass(signer, auth.HmacV1Auth):
        signer(credentials, **options).add_auth(request)
    else:
        signer(credentials, service, "eu-west-1", **options).add_auth(request)
    parts = urlsplit(request.url)
    sent = {"host": HOST} | {key.lower(): str(value) for key, value in request.headers.items()}
    return HttpRequest(method, parts.path, parts.query, sent, body)


def check(request: HttpRequest, *, secret: str = SECRET, at: datetime | None = None) -> None:
    signature = parse_authorization(request)
    assert signature is not None
    assert signature.access_key_id == KEY_ID
    verify(request, signature, secret, at or now())
    verify_payload(request, signature, sha256(request.body or b"").hexdigest())


def refused(request: HttpRequest, **options: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        check(request, **options)
    return caught.value


HEADER_SIGNERS = [(auth.SigV4Auth, "ssm"), (auth.S3SigV4Auth, "s3")]
PRESIGNERS = [
    (auth.SigV4QueryAuth, "sts"),
    (auth.S3SigV4QueryAuth, "s3"),
    (auth.HmacV1QueryAuth, "s3"),
]


@pytest.mark.parametrize(("signer", "service"), HEADER_SIGNERS)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_header_signatures(signer: type, service: str, token: str | None) -> None:
    request = signed(
        signer,
        service,
        method="POST",
        path="/a%20b//c/%C3%BC",
        query="b=2&a=%2F&a=&flag&z=%7E%20x",
        body=b"hello",
        headers={"X-Amz-Meta-Spaces": "  a   b  ", "Content-Type": "text/plain"},
        token=token,
    )
    signature = parse_authorization(request)
    assert signature is not None
    assert (signature.kind, signature.service, signature.region) == ("header", service, "eu-west-1")
    assert signature.token == token
    check(request)


@pytest.mark.parametrize(("signer", "service"), [*HEADER_SIGNERS, *PRESIGNERS])
@given(segments=st.lists(TEXT, max_size=4), names=st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_any_path_and_query(
    signer: type, service: str, segments: list[str], names: list[tuple[str, str]]
) -> None:
    path = "/" + "/".join(quote(one, safe="-._~") for one in segments)
    query = "&".join(
        f"{quote('n' + name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in names
    )
    check(signed(signer, service, path=path, query=query))


@pytest.mark.parametrize(("signer", "service"), PRESIGNERS)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_presigned(signer: type, service: str, token: str | None) -> None:
    request = signed(signer, service, path="/b/k%20x", query="versionId=7", token=token, expires=60)
    signature = parse_authorization(request)
    assert signature is not None
    assert signature.token == token
    check(request)
    check(request, at=now() + timedelta(seconds=55))
    refused(request, at=now() + timedelta(seconds=120))
    query = request.query.replace("versionId=7", "versionId=8")
    changed = HttpRequest(request.method, request.path, query, request.headers, b"")
    assert refused(changed).code in ("SignatureDoesNotMatch", "InvalidSignatureException")


def test_presigned_v2_covers_the_bucket_of_the_host() -> None:
    request = signed(auth.HmacV1QueryAuth, "s3", path="/bucket/key")
    signature = parse_authorization(request)
    assert signature is not None
    request.path = "/key"
    verify(request, signature, SECRET, now(), bucket="bucket")
    with pytest.raises(ServiceError, match="SignatureDoesNotMatch"):
        verify(request, signature, SECRET, now(), bucket="another")


@pytest.mark.parametrize("text", ["Grüße", "là", "\N{HOT BEVERAGE}"])
@pytest.mark.parametrize("signer", [auth.HmacV1Auth, auth.HmacV1QueryAuth])
def test_version_2_covers_the_bytes_of_headers(signer: type, text: str) -> None:
    """Headers come as latin-1 text of their bytes, the query's escapes are UTF-8."""
    request = signed(signer, "s3", path="/b/k", headers={"x-amz-meta-a": f" {text} "})
    if signer is auth.HmacV1Auth:
        request.headers["x-amz-meta-a"] = text.encode().decode("latin-1")
    else:
        del request.headers["x-amz-meta-a"]
    check(request)


@pytest.mark.parametrize("name", ["content-type", "content-md5"])
def test_a_url_of_version_2_covers_the_header_that_is_sent(name: str) -> None:
    """Not one in the query, added to let another one pass."""
    request = signed(auth.HmacV1QueryAuth, "s3", path="/b/k", headers={name: "a"})
    check(request)
    request.headers[name] = "b"
    assert refused(request).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(("signer", "service"), [*HEADER_SIGNERS, *PRESIGNERS])
def test_a_wrong_secret_is_refused(signer: type, service: str) -> None:
    error = refused(signed(signer, service, path="/b/k"), secret="another")
    assert "does not match" in error.message


@pytest.mark.parametrize(("signer", "service"), HEADER_SIGNERS)
@pytest.mark.parametrize(
    ("part", "value"),
    [("method", "PUT"), ("path", "/other"), ("query", "a=2"), ("body", b"another")],
)
def test_anything_changed_is_refused(signer: type, service: str, part: str, value: Any) -> None:
    request = signed(signer, service, method="POST", path="/p", query="a=1", body=b"b")
    check(request)
    setattr(request, part, value)
    refused(request)


@pytest.mark.parametrize(("signer", "service"), HEADER_SIGNERS)
def test_clocks_may_be_15_minutes_apart(signer: type, service: str) -> None:
    request = signed(signer, service)
    check(request, at=now() + timedelta(minutes=14))
    check(request, at=now() - timedelta(minutes=14))
    for minutes in (-16, 16):
        error = refused(request, at=now() + timedelta(minutes=minutes))
        expected = "RequestTimeTooSkewed" if service == "s3" else "InvalidSignatureException"
        assert error.code == expected


@pytest.mark.parametrize(("signer", "service"), [*HEADER_SIGNERS, *PRESIGNERS[:2]])
def test_unsigned_amz_headers_are_refused(signer: type, service: str) -> None:
    request = signed(signer, service)
    request.headers["x-amz-acl"] = "public-read"
    error = refused(request)
    assert "x-amz-acl" in error.message + str(error.fields)


def test_the_host_must_be_signed() -> None:
    request = signed(auth.SigV4Auth, "ssm")
    request.headers["authorization"] = request.headers["authorization"].replace("host;", "")
    assert "Host" in refused(request).message


@pytest.mark.parametrize("date", [None, "", "yesterday", "20240231T250000Z"])
def test_requests_say_when_they_were_signed(date: str | None) -> None:
    for signer, service, code in (
        (auth.S3SigV4Auth, "s3", "AccessDenied"),
        (auth.SigV4Auth, "ssm", "IncompleteSignature"),
    ):
        request = signed(signer, service)
        del request.headers["x-amz-date"]
        if date is not None:
            request.headers["x-amz-date"] = date
        assert refused(request).code == code


def test_the_scope_must_have_the_date_of_the_request() -> None:
    request = signed(auth.SigV4Auth, "ssm")
    today = request.headers["x-amz-date"][:8]
    request.headers["authorization"] = request.headers["authorization"].replace(today, "20200101")
    assert "20200101" in refused(request).message


@pytest.mark.parametrize(
    ("service", "headers", "code"),
    [
        ("s3", {}, "InvalidAccessKeyId"),
        ("ssm", {"x-amz-target": "AmazonSSM.GetParameter"}, "UnrecognizedClientException"),
        ("sns", {"content-type": "application/x-www-form-urlencoded"}, "InvalidClientTokenId"),
        ("lambda", {}, "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_has_the_code_of_the_service(
    service: str, headers: dict[str, str], code: str
) -> None:
    signer = auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth
    request = signed(signer, service, method="POST", headers=headers)
    signature = parse_authorization(request)
    assert signature is not None
    assert unknown_key(request, signature).code == code


@pytest.mark.parametrize(
    "claim",
    [
        "Basic abc",
        "AWS AKIA",
        "AWS4-HMAC-SHA256 Credential=a",
        "AWS4-HMAC-SHA256 Credential=a/20240101/r/s3/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=a/2024/r/ssm/aws4_request, SignedHeaders=host, Signature=ab",
        "AWS4-HMAC-SHA256 Credential=a/20240101/r/ssm/x, SignedHeaders=host, Signature=ab",
        "AWS4-HMAC-SHA256 Credential=a/20240101/r:111122223333:q/ssm/aws4_request,"
        f" SignedHeaders=host, Signature={'0' * 64}",
    ],
)
def test_malformed_claims_are_400(claim: str) -> None:
    request = HttpRequest("GET", "/", "", {"host": HOST, "authorization": claim}, b"")
    assert refused(request).status == 400


@pytest.mark.parametrize(
    ("drop", "replace"),
    [
        ("X-Amz-Date", ""),
        ("X-Amz-Date", "X-Amz-Date=yesterday"),
        ("X-Amz-Credential", ""),
        ("X-Amz-Expires", "X-Amz-Expires=604801"),
        ("X-Amz-Expires", "X-Amz-Expires=-1"),
        ("X-Amz-Expires", "X-Amz-Expires=soon"),
        ("X-Amz-Algorithm", "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256"),
        ("X-Amz-Credential", "X-Amz-Credential=a/b/c"),
    ],
)
def test_malformed_presigned_urls_are_400(drop: str, replace: str) -> None:
    request = signed(auth.S3SigV4QueryAuth, "s3", path="/b/k")
    kept = [one for one in request.query.split("&") if not one.startswith(drop)]
    request = HttpRequest("GET", "/b/k", "&".join([*kept, replace]), request.headers, b"")
    assert refused(request).code == "AuthorizationQueryParametersError"


@pytest.mark.parametrize("more", [{}, {"authorization": ""}])
def test_anonymous_requests_claim_nothing(more: dict[str, str]) -> None:
    assert (
        parse_authorization(HttpRequest("GET", "/b/k", "a=b", {"host": HOST, **more}, b"")) is None
    )


PRESIGNED_STARTS = ["", "X-Amz-Signature=a&X-Amz-Credential=b&", "AWSAccessKeyId=&Signature=&"]


@given(
    claim=st.text(st.characters(codec="latin-1"), max_size=80),
    prefix=st.sampled_from(["", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential="]),
    date=st.one_of(st.text(string.printable, max_size=20), st.just("20240231T250000Z")),
    query=st.text(string.printable, max_size=60),
    presigned=st.sampled_from(PRESIGNED_STARTS),
)
def test_hostile_claims_only_raise_service_errors(
    claim: str, prefix: str, date: str, query: str, presigned: str
) -> None:
    headers = {"host": HOST, "x-amz-date": date}
    if prefix:
        headers["authorization"] = prefix + claim
    request = HttpRequest("GET", "/" + claim, presigned + query, headers, b"")
    with only_service_errors():
        signature = parse_authorization(request)
        if signature is not None:
            verify(request, signature, SECRET, now())
