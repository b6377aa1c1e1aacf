"""Over TLS, where boto3 streams bodies with trailers; and on a server with a single worker."""

from __future__ import annotations

import hashlib
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import pytest
from botocore.exceptions import ClientError

from inhouse.services.s3.object_lambda.line import WAITING
from tests.services.s3.object_lambda.conftest import UPPER, body, make_player
from tests.serving import RunningServer, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("tls")
    with start(folder, "--ephemeral", "--tls", INHOUSE_WORKER_LIMIT="1") as running:
        yield running


@pytest.fixture(scope="module")
def player(server: RunningServer) -> str:
    return make_player(server)


def test_objects_are_transformed(
    s3: Any, bucket: str, transformed: Callable[..., str], server: RunningServer
) -> None:
    """The function trusts the server with urllib, requests and boto3 alike."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"word")
    point = transformed(UPPER)
    got = s3.get_object(Bucket=point, Key="k")
    assert (got["Body"].read(), got["Metadata"]) == (b"WORD", {"by": "upper"})
    url = s3.generate_presigned_url("get_object", Params={"Bucket": point, "Key": "k"})
    assert url.startswith("https://")
    trust = ssl.create_default_context(cafile=server.certificate)
    with urllib.request.urlopen(url, context=trust) as answer:
        assert answer.read() == b"WORD"
    other = transformed(
        body(
            "import requests\n"
            'write(event, Body=requests.get(event["getObjectContext"]["inputS3Url"]).content)'
        )
    )
    assert s3.get_object(Bucket=other, Key="k")["Body"].read() == b"word"


def test_a_long_body_streams(s3: Any, bucket: str, transformed: Callable[..., str]) -> None:
    data = hashlib.shake_256(b"long").digest(12 << 20)
    s3.put_object(Bucket=bucket, Key="k", Body=data)
    point = transformed(body('write(event, Body=fetch(event["getObjectContext"]["inputS3Url"]))'))
    got = s3.get_object(Bucket=point, Key="k")["Body"].read()
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()


def test_reads_wait_in_line_and_the_next_one_is_told_to_slow_down(
    s3: Any, bucket: str, transformed: Callable[..., str]
) -> None:
    """One runs and WAITING wait until the object changes: no matter when, one finds no place."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"wait")
    point = transformed(
        body(
            """
while fetch(event["getObjectContext"]["inputS3Url"]).read() != b"go":
    time.sleep(0.02)
write(event, Body=b"gone")
"""
        )
    )

    def read() -> bytes:
        data: bytes = s3.get_object(Bucket=point, Key="k")["Body"].read()
        return data

    with ThreadPoolExecutor(WAITING + 2) as pool:
        reads = [pool.submit(read) for _ in range(WAITING + 2)]
        first = next(as_completed(reads))
        s3.put_object(Bucket=bucket, Key="k", Body=b"go")
        error = first.exception()
        assert isinstance(error, ClientError)
        metadata = error.response["ResponseMetadata"]
        assert (error.response["Error"]["Code"], metadata["HTTPStatusCode"]) == ("SlowDown", 503)
        assert [one.result() for one in reads if one is not first] == [b"gone"] * (WAITING + 1)
