"""kill -9 loses nothing that was acknowledged."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.waiting import until

SIZES = (10, 40_000, 150_000)


def put_until_killed(s3: Any, writer: int, acknowledged: dict[str, bytes]) -> None:
    number = 0
    while True:
        key, body = f"{writer}/{number}", os.urandom(SIZES[number % len(SIZES)])
        try:
            s3.put_object(Bucket="kept", Key=key, Body=body)
        except (BotoCoreError, ClientError):
            return
        acknowledged[key] = sha256(body).digest()
        number += 1


@pytest.mark.slow
def test_acknowledged_objects_survive(durable_server: Callable[..., Any]) -> None:
    acknowledged: dict[str, bytes] = {}
    for round_ in range(3):
        server = durable_server()
        s3 = server.client("s3")
        s3.create_bucket(Bucket="kept")
        writers = [
            threading.Thread(target=put_until_killed, args=(s3, round_ * 10 + n, acknowledged))
            for n in range(4)
        ]
        for writer in writers:
            writer.start()
        time.sleep(0.7)
        server.kill()
        for writer in writers:
            writer.join()
    s3 = durable_server().client("s3")
    assert len(acknowledged) > 20
    for key, digest in acknowledged.items():
        assert sha256(s3.get_object(Bucket="kept", Key=key)["Body"].read()).digest() == digest
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="kept")
    listed = {one["Key"] for page in pages for one in page["Contents"]}
    assert set(acknowledged) <= listed


@pytest.mark.slow
def test_an_upload_goes_on_after_a_crash(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    here = {"Bucket": "kept", "Key": "k"}
    upload = s3.create_multipart_upload(**here)["UploadId"]
    first, second = os.urandom(5 << 20), b"end"
    etags = [s3.upload_part(**here, UploadId=upload, PartNumber=1, Body=first)["ETag"]]
    server.kill()
    s3 = durable_server().client("s3")
    etags.append(s3.upload_part(**here, UploadId=upload, PartNumber=2, Body=second)["ETag"])
    parts = [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]
    s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(**here)["Body"].read() == first + second


@pytest.mark.slow
def test_only_bytes_that_no_version_has_are_removed(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    for _ in range(5):
        s3.put_object(Bucket="kept", Key="k", Body=os.urandom(100_000))
    s3.put_object(Bucket="kept", Key="gone", Body=os.urandom(100_000))
    s3.delete_object(Bucket="kept", Key="gone")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    here = {"Bucket": "kept", "Key": "versioned"}
    gone, kept, _ = (s3.put_object(**here, Body=os.urandom(100_000))["VersionId"] for _ in range(3))
    s3.delete_object(**here)
    s3.delete_object(**here, VersionId=gone)

    def blobs() -> int:
        return sum(path.is_file() for path in (Path(server.data) / "blobs").rglob("*"))

    until(lambda: blobs() <= 3, "the end of bytes that no version has")
    assert blobs() == 3
    server.kill()
    server = durable_server()
    s3 = server.client("s3")
    assert blobs() == 3
    assert s3.head_object(**here, VersionId=kept)["ContentLength"] == 100_000
    assert s3.head_object(Bucket="kept", Key="k")["ContentLength"] == 100_000
