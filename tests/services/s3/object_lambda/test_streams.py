"""Bodies on their way from a function to its caller."""

from __future__ import annotations

import base64
import hashlib
import time
import urllib.request
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, HTTPClientError

from tests.services.s3.object_lambda.conftest import body

STREAM = """
class Stream:
    def __init__(self, pieces):
        self.pieces = pieces
    def read(self, size=-1):
        return next(self.pieces, b"")
def told(*arguments, **named):
    try:
        write(event, *arguments, **named)
        print("MARK", "OK")
    except ClientError as error:
        print("MARK", error.response["Error"]["Code"], error.response["Error"]["Message"])
    except Exception as error:
        print("MARK", type(error).__name__)
"""


@pytest.fixture
def mark(fresh_name: Callable[..., str]) -> str:
    return fresh_name("mark")


def test_a_body_is_read_while_it_is_written(
    s3: Any, bucket: str, transformed: Callable[..., str]
) -> None:
    """The function goes on only when the caller has answered to what it has read so far."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"wait")
    point = transformed(
        body(
            STREAM
            + """
def pieces():
    yield b"first"
    while fetch(event["getObjectContext"]["inputS3Url"]).read() != b"go":
        time.sleep(0.02)
    yield b"second"
write(event, Body=Stream(pieces()))
"""
        )
    )
    answer = s3.get_object(Bucket=point, Key="k")
    assert answer["Body"].read(5) == b"first"
    s3.put_object(Bucket=bucket, Key="k", Body=b"go")
    assert answer["Body"].read() == b"second"


def test_a_long_body_arrives_whole_at_a_slow_reader(
    s3: Any, bucket: str, transformed: Callable[..., str], mark: str, printed: Callable[..., str]
) -> None:
    data = hashlib.shake_256(b"long").digest(24 << 20)
    s3.put_object(Bucket=bucket, Key="k", Body=data)
    source = STREAM.replace("MARK", mark) + (
        'source = fetch(event["getObjectContext"]["inputS3Url"])\n'
        "told(Body=Stream(iter(lambda: source.read(1 << 18), b'')))\n"
    )
    point = transformed(body(source))
    answer = s3.get_object(Bucket=point, Key="k")["Body"]
    digest = hashlib.sha256()
    for number, piece in enumerate(answer.iter_chunks(1 << 20)):
        if number < 3:
            time.sleep(0.1)
        digest.update(piece)
    assert digest.digest() == hashlib.sha256(data).digest()
    assert printed(mark) == "OK"


def test_a_function_is_told_that_its_caller_has_gone(
    s3: Any, transformed: Callable[..., str], mark: str, printed: Callable[..., str]
) -> None:
    source = STREAM.replace("MARK", mark) + (
        'told(Body=Stream(iter(lambda: bytes(1 << 18), b"")))\n'  # never ends
    )
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": transformed(body(source)), "Key": "k"}
    )
    with urllib.request.urlopen(url) as answer:
        answer.read(1 << 20)
        request_id = answer.headers["x-amz-request-id"]
    text = printed(mark)
    assert text.startswith("ValidationError")
    assert "gone" in text
    assert "has gone away" in printed(f"{request_id} S3 Object Lambda: ValidationError:")


def test_a_function_is_told_that_its_caller_did_not_wait(
    s3: Any, bucket: str, transformed: Callable[..., str], mark: str, printed: Callable[..., str]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"wait")
    point = transformed(
        body(
            STREAM.replace("MARK", mark)
            + """
while fetch(event["getObjectContext"]["inputS3Url"]).read() != b"go":
    time.sleep(0.02)
told(Body=b"nobody reads this")
"""
        )
    )
    url = s3.generate_presigned_url("get_object", Params={"Bucket": point, "Key": "k"})
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(url, timeout=0.5)
    s3.put_object(Bucket=bucket, Key="k", Body=b"go")
    assert printed(mark).startswith("ValidationError")


def test_a_body_that_breaks_off_does_so_for_the_caller(
    s3: Any, transformed: Callable[..., str]
) -> None:
    point = transformed(
        body(
            STREAM
            + """
def pieces():
    yield b"first"
    raise KeyError("torn")
write(event, Body=Stream(pieces()))
"""
        )
    )
    with pytest.raises(HTTPClientError):
        s3.get_object(Bucket=point, Key="k")["Body"].read()


def test_checksums_are_handed_on(s3: Any, transformed: Callable[..., str]) -> None:
    data = b"a transformed object"
    text = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    point = transformed(body(f"write(event, Body={data!r}, ChecksumCRC32={text!r})"))
    got = s3.get_object(Bucket=point, Key="k", ChecksumMode="ENABLED")
    assert (got["ChecksumCRC32"], got["Body"].read()) == (text, data)


def test_a_wrong_checksum_is_told_to_both(
    s3: Any, transformed: Callable[..., str], mark: str, printed: Callable[..., str]
) -> None:
    source = STREAM.replace("MARK", mark) + 'told(Body=b"data", ChecksumCRC32="AAAAAA==")\n'
    point = transformed(body(source))
    with pytest.raises(BotoCoreError):
        s3.get_object(Bucket=point, Key="k", ChecksumMode="ENABLED")["Body"].read()
    assert printed(mark).startswith("ValidationError")


def test_a_burst_of_reads_is_served(
    s3: Any, bucket: str, transformed: Callable[..., str], server: Any
) -> None:
    many = server.client("s3", config=Config(max_pool_connections=200, retries={"max_attempts": 0}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"word")
    point = transformed(
        body('write(event, Body=fetch(event["getObjectContext"]["inputS3Url"]).read().upper())')
    )

    def read(_: int) -> bytes:
        data: bytes = many.get_object(Bucket=point, Key="k")["Body"].read()
        return data

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(read, range(200))) == {b"WORD"}
