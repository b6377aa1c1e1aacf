"""Headers of requests and answers, and what they may not be."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
from botocore.config import Config

from inhouse.services.s3.headers import restored
from tests.services.s3.conftest import Raw, code
from tests.serving import RunningServer


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plain", "plain"),
        ("=?UTF-8?Q?=C3=A4?=", "=?UTF-8?B?w6Q=?="),
        ("=?utf-8?B?w6Q=?=", "=?UTF-8?B?w6Q=?="),
        ("=?UTF-8?Q?abc?=", "abc"),
        ("=?nonsense?Q?=C3?=", "=?nonsense?Q?=C3?="),
        ("=?UTF-8?B?!?=", "=?UTF-8?B?!?="),
        ("=?UTF-7?Q?+2AA-?=", "=?UTF-7?Q?+2AA-?="),
    ],
)
def test_metadata(raw: Raw, s3: Any, bucket: str, sent: str, kept: str) -> None:
    """RFC 2047 is understood, and spoken of what is not ASCII."""
    assert raw("PUT", f"/{bucket}/k", b"x", {"x-amz-meta-a": sent}).status_code == 200
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": kept}


def test_what_surrounds_metadata_is_no_part_of_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Metadata={"a": " padded "})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": "padded"}


@pytest.mark.parametrize("expires", ["Wed, 02 Jan 2030 00:00:00 GMT", "some day", "0"])
def test_expires_is_kept_as_it_is(raw: Raw, bucket: str, expires: str) -> None:
    assert raw("PUT", f"/{bucket}/k", b"x", {"expires": expires}).status_code == 200
    copied = raw("PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": f"{bucket}/k"})
    assert copied.status_code == 200
    for key in ("k", "copy"):
        assert raw("HEAD", f"/{bucket}/{key}").headers["expires"] == expires


def test_expires_that_an_earlier_version_kept() -> None:
    row = {"metadata": None, "storage_class": "STANDARD", "tags": None}
    found = restored({**row, "headers": '{"Expires": 1893542400.0}'})
    assert found["Expires"] == "Wed, 02 Jan 2030 00:00:00 GMT"


def test_overrides_that_no_header_can_hold(raw: Raw, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    wanted = quote('attachment; filename="☕"')
    answer = raw("GET", f"/{bucket}/k?response-content-disposition={wanted}")
    assert (answer.status_code, code(answer)) == (400, "InvalidArgument")
    assert "<ArgumentName>response-content-disposition</ArgumentName>" in answer.text


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "InvalidDigest"),
        ("hello", "InvalidDigest"),
        ("YWJyYWNhZGFicmE=", "InvalidDigest"),
        ("rL0Y20xC+Fzt72VPzMSk2A==", "BadDigest"),
    ],
)
@pytest.mark.parametrize("path", ["k", "k?tagging"])
def test_content_md5(raw: Raw, s3: Any, bucket: str, path: str, header: str, wanted: str) -> None:
    """Of streamed bodies and of those that are read first."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    body = b"<Tagging><TagSet></TagSet></Tagging>"
    answer = raw("PUT", f"/{bucket}/{path}", body, {"content-md5": header})
    assert (answer.status_code, code(answer)) == (400, wanted)
    if wanted == "InvalidDigest":
        assert f"<Content-MD5>{header}</Content-MD5>" in answer.text


def test_headers_in_the_query_of_a_presigned_url(
    server: RunningServer, s3: Any, bucket: str
) -> None:
    """Version 2 has them there; of version 4, some SDKs put them there."""
    named = {"Bucket": bucket, "Key": "k"}
    given = {"Metadata": {"a": "1"}, "StorageClass": "STANDARD_IA", "Tagging": "t=1"}
    added = {
        "x-amz-meta-a": "1",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-tagging": "t=1",
        "x-amz-checksum-crc32": "AAAAAA==",
    }
    old = server.client("s3", config=Config(signature_version="s3"))
    new = server.client("s3", config=Config(signature_version="s3v4"))

    def add(request: Any, **_: Any) -> None:
        request.url = f"{request.url}?{urlencode(added)}"

    new.meta.events.register("before-sign.s3.PutObject", add)
    for url in (
        old.generate_presigned_url("put_object", {**named, **given}),
        new.generate_presigned_url("put_object", named),
    ):
        assert "x-amz-meta-a=1" in url
        assert httpx.put(url, content=b"body").status_code == 200
        head = s3.head_object(**named)
        assert (head["Metadata"], head["StorageClass"]) == ({"a": "1"}, "STANDARD_IA")
        assert head["TagCount"] == 1
        s3.delete_object(**named)
        assert httpx.put(f"{url}&x-amz-meta-b=2", content=b"body").status_code == 403


def test_a_body_without_an_end(s3: Any, bucket: str) -> None:
    url = urlsplit(s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}))
    with socket.create_connection((url.hostname, url.port)) as connection:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close"
        connection.sendall(f"{head}\r\n\r\n".encode())
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"<Code>MissingContentLength</Code>" in answer


def test_parts_and_ranges_of_an_object_in_one_piece(s3: Any, bucket: str, refused: Any) -> None:
    place = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**place, Body=b"0123456789", ChecksumAlgorithm="SHA256")
    checked = {**place, "ChecksumMode": "ENABLED"}
    for whole in ({}, {"Range": "bytes=0-"}, {"Range": "bytes=0-999"}, {"PartNumber": 1}):
        assert s3.get_object(**checked, **whole)["ChecksumSHA256"]
    assert "ChecksumSHA256" not in s3.get_object(**checked, Range="bytes=1-")
    for number, wanted in ((0, "InvalidArgument"), (10_001, "InvalidArgument")):
        assert refused(s3.get_object, **place, PartNumber=number)["Code"] == wanted
    assert refused(s3.get_object, **place, PartNumber=2)["Code"] == "InvalidPartNumber"
    assert refused(s3.get_object, **place, Range="bytes=20-15")["Code"] == "InvalidRange"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("deflate, gzip", "deflate, gzip"),
        ("gzip, aws-chunked", "gzip"),
        ("aws-chunked, gzip", "gzip"),
        ("aws-chunked, aws-chunked", None),
    ],
)
def test_plain_bodies_that_are_called_chunked(
    s3: Any, bucket: str, raw: Raw, sent: str, kept: str | None
) -> None:
    assert raw("PUT", f"/{bucket}/k", b"plain", {"content-encoding": sent}).status_code == 200
    found = s3.get_object(Bucket=bucket, Key="k")
    assert (found["Body"].read(), found.get("ContentEncoding")) == (b"plain", kept)
