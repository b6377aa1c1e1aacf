from __future__ import annotations

import base64
import hashlib
import os
from typing import Any

import pytest
from awscrt import checksums as crt
from botocore.config import Config

from tests.services.s3.conftest import Raw, code


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


KINDS = {
    "CRC32": lambda data: crt.crc32(data).to_bytes(4),
    "CRC32C": lambda data: crt.crc32c(data).to_bytes(4),
    "CRC64NVME": lambda data: crt.crc64nvme(data).to_bytes(8),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}


@pytest.mark.parametrize("size", [10, 200_000])
@pytest.mark.parametrize("kind", KINDS)
def test_checksums_are_computed_checked_and_told(
    s3: Any, bucket: str, refused: Any, kind: str, size: int
) -> None:
    data = os.urandom(size)
    right, wrong = b64(KINDS[kind](data)), b64(KINDS[kind](data + b"!"))
    here = {"Bucket": bucket, "Key": "k"}
    answer = refused(s3.put_object, **here, Body=data, **{f"Checksum{kind}": wrong})
    assert answer["Code"] == "BadDigest"
    assert refused(s3.get_object, **here)["Code"] == "NoSuchKey"
    put = s3.put_object(**here, Body=data, **{f"Checksum{kind}": right})
    assert put[f"Checksum{kind}"] == right
    head = s3.head_object(**here, ChecksumMode="ENABLED")
    assert (head[f"Checksum{kind}"], head["ChecksumType"]) == (right, "FULL_OBJECT")
    assert f"Checksum{kind}" not in s3.head_object(**here)


def test_without_a_checksum_it_is_crc64nvme(server: Any, bucket: str) -> None:
    s3 = server.client("s3", config=Config(request_checksum_calculation="when_required"))
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert put["ChecksumCRC64NVME"] == b64(KINDS["CRC64NVME"](b"hello"))


@pytest.mark.parametrize("size", [10, 200_000])
def test_content_md5(s3: Any, bucket: str, refused: Any, size: int) -> None:
    data = os.urandom(size)
    here = {"Bucket": bucket, "Key": "k", "Body": data}
    s3.put_object(**here, ContentMD5=b64(hashlib.md5(data).digest()))
    wrong = b64(hashlib.md5(b"other").digest())
    assert refused(s3.put_object, **here, ContentMD5=wrong)["Code"] == "BadDigest"
    assert refused(s3.put_object, **here, ContentMD5="nonsense")["Code"] == "InvalidDigest"


def test_checksum_of_nonsense(s3: Any, bucket: str, refused: Any) -> None:
    answer = refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", ChecksumCRC32="AAA")
    assert answer["Code"] == "InvalidRequest"


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"x-amz-checksum-crc32": ""}, "Value for x-amz-checksum-crc32 header is invalid."),
        (
            {"x-amz-checksum-crc32": "jNFiNg==", "x-amz-sdk-checksum-algorithm": "SHA1"},
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
        ),
        (
            {"x-amz-checksum-crc32": "jNFiNg==", "x-amz-trailer": "x-amz-checksum-sha1"},
            "Expecting a single x-amz-checksum- header.",
        ),
    ],
)
def test_headers_that_contradict_each_other(
    raw: Raw, bucket: str, headers: dict[str, str], sentence: str
) -> None:
    answer = raw("PUT", f"/{bucket}/k", b"x", headers)
    assert (code(answer), sentence in answer.text) == ("InvalidRequest", True)


def test_trailing_checksums_over_tls(durable_server: Any) -> None:
    """Over https boto3 sends aws-chunked bodies with the checksum behind them."""
    s3 = durable_server("--tls").client("s3")
    s3.create_bucket(Bucket="trailers")
    for size in (0, 100, 300_000):
        data = os.urandom(size)
        put = s3.put_object(Bucket="trailers", Key="k", Body=data, ChecksumAlgorithm="SHA256")
        assert put["ChecksumSHA256"] == b64(KINDS["SHA256"](data))
        got = s3.get_object(Bucket="trailers", Key="k")
        assert got["Body"].read() == data
        assert "ContentEncoding" not in got


def test_checksums_of_ranges(s3: Any, bucket: str) -> None:
    sent = s3.put_object(Bucket=bucket, Key="k", Body=b"hello")["ChecksumCRC32"]
    here = {"Bucket": bucket, "Key": "k", "ChecksumMode": "ENABLED"}
    for asked, told in (("bytes=0-9", sent), ("bytes=-9", sent), ("bytes=1-", None)):
        answer = s3.get_object(**here, Range=asked)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer.get("ChecksumCRC32") == told, asked


def test_attributes(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
    wanted = ["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"]
    answer = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=wanted)
    assert answer["ETag"] == hashlib.md5(b"hello").hexdigest()
    assert answer["Checksum"]["ChecksumSHA256"] == b64(hashlib.sha256(b"hello").digest())
    assert (answer["ObjectSize"], answer["StorageClass"]) == (5, "STANDARD")
    assert "ObjectParts" not in answer
    bad = refused(s3.get_object_attributes, Bucket=bucket, Key="k", ObjectAttributes=["Colour"])
    assert bad["Code"] == "InvalidArgument"
