from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

import httpx
import pytest
from botocore.config import Config

SIZES = [0, 1, 64 << 10, (64 << 10) + 1, 3 << 20]


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_as_they_went(s3: Any, bucket: str, size: int) -> None:
    data = os.urandom(size)
    put = s3.put_object(Bucket=bucket, Key="k", Body=data)
    assert put["ETag"] == f'"{md5(data).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == data
    assert got["ContentLength"] == size
    assert got["ETag"] == put["ETag"]
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == size


def test_headers_and_metadata_are_kept(s3: Any, bucket: str) -> None:
    given = {
        "ContentType": "audio/mpeg",
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a.mp3"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "StorageClass": "STANDARD_IA",
        "Metadata": {"article": "42", "title": "two words"},
    }
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", Expires=datetime(2030, 1, 2, tzinfo=UTC), **given
    )
    for answer in (s3.get_object(Bucket=bucket, Key="k"), s3.head_object(Bucket=bucket, Key="k")):
        assert {name: answer[name] for name in given} == given
        assert answer["ExpiresString"] == "Wed, 02 Jan 2030 00:00:00 GMT"
        assert answer["AcceptRanges"] == "bytes"
    s3.put_object(Bucket=bucket, Key="k", Body=b"y")
    again = s3.head_object(Bucket=bucket, Key="k")
    assert again["Metadata"] == {}
    assert again["ContentType"] == "binary/octet-stream"
    assert "CacheControl" not in again


@pytest.mark.parametrize(
    "key",
    [
        "a b",
        "a+b",
        "ä/ö/ü",
        "a//b",
        "/leading",
        "trailing/",
        "100%",
        "%41",
        "a?b=c",
        "x&y",
        "日本",
        "\U0001f600",
        ".",
        "..",
        "a/../b",
        "new\nline",
        "a\x01b",
        "k" * 1024,
        "'\"<>;:@,$=!*()~^[]{}|\\`#",
    ],
)
def test_keys_of_every_kind(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    if "\x01" in key:  # XML cannot say it, so neither can a batch
        s3.delete_object(Bucket=bucket, Key=key)
    else:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("addressing", ["path", "virtual"])
@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(server: Any, bucket: str, addressing: str, version: str) -> None:
    endpoint = server.endpoint.replace("127.0.0.1", "localhost")
    s3 = server.client(
        "s3",
        endpoint_url=endpoint,
        config=Config(signature_version=version, s3={"addressing_style": addressing}),
    )
    arguments = {"Bucket": bucket, "Key": "ein schlüssel"}
    for operation, method, content in (("put_object", "PUT", b"body"), ("get_object", "GET", None)):
        url = httpx.URL(s3.generate_presigned_url(operation, arguments))
        host = url.netloc.decode()
        local = url.copy_with(host="127.0.0.1")
        answer = httpx.request(method, local, content=content, headers={"host": host})
        assert answer.status_code == 200, answer.text
    assert answer.content == b"body"


def test_response_headers_can_be_overridden(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain")
    answer = s3.get_object(
        Bucket=bucket,
        Key="k",
        ResponseContentType="text/html",
        ResponseContentDisposition="inline",
        ResponseCacheControl="no-store",
    )
    assert answer["ContentType"] == "text/html"
    assert answer["ContentDisposition"] == "inline"
    assert answer["CacheControl"] == "no-store"


@pytest.mark.parametrize("size", [1000, 200_000])
@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=-999999", 0, None),
        ("bytes=990-5000000", 990, None),
    ],
)
def test_ranges(s3: Any, bucket: str, size: int, asked: str, start: int, end: int | None) -> None:
    data = os.urandom(size)
    s3.put_object(Bucket=bucket, Key="k", Body=data)
    answer = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    expected = data[start:end]
    assert answer["Body"].read() == expected
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    first = data.index(expected)
    assert answer["ContentRange"] == f"bytes {first}-{first + len(expected) - 1}/{size}"
    head = s3.head_object(Bucket=bucket, Key="k", Range=asked)
    assert head["ContentLength"] == len(expected)


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_ranges_behind_the_end(s3: Any, bucket: str, refused: Any, asked: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 1000)
    answer = refused(s3.get_object, Bucket=bucket, Key="k", Range=asked)
    assert (answer["Code"], answer["Status"]) == ("InvalidRange", 416)
    assert answer["ActualObjectSize"] == "1000"


@pytest.mark.parametrize(
    "asked", ["bytes=9-3", "bytes=", "lines=1-2", "bytes=a-b", "bytes=0-1,4-5"]
)
def test_ranges_that_are_none_are_passed_over(s3: Any, bucket: str, asked: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert answer["Body"].read() == b"0123456789"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_conditional_reads(s3: Any, bucket: str, refused: Any) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    written = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    later, earlier = written + timedelta(hours=1), written - timedelta(hours=1)
    here = {"Bucket": bucket, "Key": "k"}
    for operation in (s3.get_object, s3.head_object):
        assert operation(**here, IfMatch=etag, IfUnmodifiedSince=earlier)
        assert operation(**here, IfNoneMatch='"other"', IfModifiedSince=later)
        assert operation(**here, IfModifiedSince=earlier)
        assert operation(**here, IfUnmodifiedSince=written)
        for condition in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": earlier}):
            assert refused(operation, **here, **condition)["Status"] == 412
        for condition in (
            {"IfNoneMatch": etag},
            {"IfNoneMatch": "*"},
            {"IfModifiedSince": written},
        ):
            assert refused(operation, **here, **condition)["Status"] == 304
    assert refused(s3.get_object, **here, IfMatch='"o"')["Condition"] == "If-Match"


def test_conditional_writes(s3: Any, bucket: str, refused: Any) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    assert refused(s3.put_object, **here, IfMatch='"any"')["Code"] == "NoSuchKey"
    first = s3.put_object(**here, Body=b"1", IfNoneMatch="*")["ETag"]
    assert (
        refused(s3.put_object, **here, Body=b"2", IfNoneMatch="*")["Code"] == "PreconditionFailed"
    )
    second = s3.put_object(**here, Body=b"2", IfMatch=first)["ETag"]
    answer = refused(s3.put_object, **here, Body=b"3", IfMatch=first)
    assert (answer["Code"], answer["Status"]) == ("PreconditionFailed", 412)
    assert refused(s3.delete_object, **here, IfMatch=first)["Code"] == "PreconditionFailed"
    assert s3.get_object(**here)["Body"].read() == b"2"
    s3.delete_object(**here, IfMatch=second)
    assert refused(s3.put_object, **here, IfNoneMatch=first)["Code"] == "NotImplemented"


def test_deletes(s3: Any, bucket: str, refused: Any) -> None:
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    assert refused(s3.get_object, Bucket=bucket, Key="a")["Code"] == "NoSuchKey"
    wanted = [{"Key": "b"}, {"Key": "never"}, {"Key": "c", "ETag": '"other"'}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
    assert [one["Key"] for one in answer["Deleted"]] == ["b", "never"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("c", "PreconditionFailed")]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_batch_has_a_thousand_keys_at_most(s3: Any, bucket: str, refused: Any) -> None:
    keys = [{"Key": str(number)} for number in range(1001)]
    answer = refused(s3.delete_objects, Bucket=bucket, Delete={"Objects": keys})
    assert answer["Code"] == "MalformedXML"
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[1:]})["Deleted"]) == 1000


def test_limits(s3: Any, bucket: str, refused: Any) -> None:
    answer = refused(s3.put_object, Bucket=bucket, Key="ä" * 513)
    assert (answer["Code"], answer["Size"]) == ("KeyTooLongError", "1026")
    answer = refused(s3.put_object, Bucket=bucket, Key="k", Metadata={"a": "x" * 2048})
    assert (answer["Code"], answer["Size"]) == ("MetadataTooLarge", "2049")
    answer = refused(s3.put_object, Bucket=bucket, Key="k", StorageClass="EXPRESS_ONEZONE")
    assert answer["Code"] == "InvalidStorageClass"
    assert answer["Message"] == "The storage class you specified is not valid"
    assert "GLACIER" in answer["Detail"]
    answer = refused(s3.get_object, Bucket=bucket, Key="k", VersionId="abc")
    assert answer["Code"] == "InvalidArgument"


@pytest.mark.parametrize(
    "asked",
    [
        {"WebsiteRedirectLocation": "/x"},
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": "alias/mine"},
    ],
)
def test_headers_we_do_not_honour_are_refused(
    server: Any, bucket: str, refused: Any, asked: dict[str, str]
) -> None:
    s3 = server.client("s3")
    answer = refused(s3.put_object, Bucket=bucket, Key="k", **asked)
    assert (answer["Code"], answer["Status"]) == ("NotImplemented", 501)
    assert next(iter(asked)) in answer["Message"]


def test_the_transfer_manager(s3: Any, bucket: str) -> None:
    data = os.urandom(21 << 20)
    s3.upload_fileobj(io.BytesIO(data), bucket, "big", ExtraArgs={"ContentType": "video/mp4"})
    target = io.BytesIO()
    s3.download_fileobj(bucket, "big", target)
    assert target.getvalue() == data
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ETag"].endswith('-3"')
    assert head["ContentType"] == "video/mp4"
    asked = "bytes=8388600-8388620"
    answer = s3.get_object(Bucket=bucket, Key="big", Range=asked)
    assert answer["Body"].read() == data[8388600:8388621]
