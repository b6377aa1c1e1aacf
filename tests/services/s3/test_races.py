"""Many clients at once."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

MANY = 16


def at_once(work: Any, count: int = MANY) -> list[Any]:
    """What `work(number)` answers, error codes included, when all run at the same time."""

    def attempt(number: int) -> Any:
        try:
            return work(number)
        except ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(attempt, range(count)))


def test_one_of_many_creates(s3: Any, bucket: str) -> None:
    for size in (10, 200_000):
        bodies = [bytes([number]) * size for number in range(MANY)]
        here = {"Bucket": bucket, "Key": f"k{size}"}
        answers = at_once(
            lambda n, here=here, bodies=bodies: s3.put_object(
                **here, Body=bodies[n], IfNoneMatch="*"
            )
        )
        winners = [n for n, answer in enumerate(answers) if answer != "PreconditionFailed"]
        assert len(winners) == 1
        assert s3.get_object(**here)["Body"].read() == bodies[winners[0]]


def test_no_update_is_lost_to_another(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "counter"}
    s3.put_object(**here, Body=b"0")

    def count(_: int) -> None:
        while True:
            got = s3.get_object(**here)
            body = str(int(got["Body"].read()) + 1).encode()
            try:
                s3.put_object(**here, Body=body, IfMatch=got["ETag"])
            except s3.exceptions.ClientError:
                continue
            return

    at_once(count, 8)
    assert s3.get_object(**here)["Body"].read() == b"8"


def test_readers_see_one_whole_object(s3: Any, bucket: str) -> None:
    """Whoever reads while an object is replaced gets all of one version."""
    here = {"Bucket": bucket, "Key": "k"}
    size = 300_000
    s3.put_object(**here, Body=b"\x00" * size)

    def work(number: int) -> None:
        if number % 2:
            s3.put_object(**here, Body=bytes([number]) * size)
        else:
            for _ in range(5):
                body = s3.get_object(**here)["Body"].read()
                assert body == bytes([body[0]]) * size

    assert at_once(work) == [None] * MANY


def test_an_upload_is_completed_once(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**here)["UploadId"]
    datas = [os.urandom(1000) for _ in range(MANY)]
    etags = at_once(
        lambda n: s3.upload_part(**here, UploadId=upload, PartNumber=1, Body=datas[n])["ETag"]
    )

    def complete(number: int) -> str:
        parts = {"Parts": [{"PartNumber": 1, "ETag": etags[number]}]}
        answer = s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload=parts)
        return str(answer["ETag"])

    answers = at_once(complete)
    done = {answer for answer in answers if answer.startswith('"')}
    assert len(done) == 1
    assert s3.get_object(**here)["ETag"] in done
    assert s3.get_object(**here)["Body"].read() in datas


def test_who_loses_the_right_to_write_while_the_body_comes_does_not_write(
    server: Any, s3: Any, bucket: str, refused: Callable[..., Any]
) -> None:
    def send(key: str, size: int) -> bytes:
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        where = urlsplit(server.endpoint)
        head = f"PUT /{bucket}/{key} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {size}\r\n"
        expect = "Expect: 100-continue\r\n\r\n"
        with socket.create_connection((where.hostname, where.port)) as connection:
            connection.sendall(head.encode() + expect.encode())
            assert b"100 Continue" in connection.recv(1000)  # authorized, and the body is read
            s3.delete_bucket_policy(Bucket=bucket)
            connection.sendall(b"x" * size)
            return connection.recv(20)

    for key, size in (("small", 10), ("large", 1 << 20)):
        assert b" 403 " in send(key, size)
        assert refused(s3.head_object, Bucket=bucket, Key=key)["Status"] == 404
