"""A server where functions have two seconds to answer, and not 60."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from tests.services.s3.object_lambda.conftest import body, make_player
from tests.services.s3.object_lambda.test_streams import STREAM
from tests.serving import RunningServer, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("limited")
    with start(folder, "--ephemeral", INHOUSE_OBJECT_LAMBDA_LIMIT="2") as running:
        yield running


@pytest.fixture(scope="module")
def player(server: RunningServer) -> str:
    return make_player(server)


def test_a_function_that_takes_too_long(
    s3: Any,
    bucket: str,
    transformed: Callable[..., str],
    fresh_name: Callable[..., str],
    printed: Callable[[str], str],
) -> None:
    """Its caller is told, its URL and its token die, and its log says why."""
    for key in ("k", "go"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"wait")
    go = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "go"})
    url, token = fresh_name("url"), fresh_name("token")
    point = transformed(
        body(
            f"""
try:
    while fetch(event["getObjectContext"]["inputS3Url"]).read() == b"wait":
        time.sleep(0.05)
except urllib.error.HTTPError as error:
    print("{url}", error.code)
while fetch("{go}").read() == b"wait":
    time.sleep(0.05)
try:
    write(event, Body=b"too late")
except ClientError as error:
    print("{token}", error.response["Error"]["Code"])
"""
        )
    )
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=point, Key="k")
    response: Any = caught.value.response
    assert response["Error"]["Code"] == "LambdaTimeout"
    assert "2 seconds" in response["Error"]["Message"]
    s3.put_object(Bucket=bucket, Key="go", Body=b"go")
    assert printed(url) == "403"
    assert printed(token) == "ValidationError"
    request_id = response["ResponseMetadata"]["RequestId"]
    assert "LambdaTimeout" in printed(f"{request_id} S3 Object Lambda:")


def test_a_body_that_takes_too_long(
    s3: Any,
    transformed: Callable[..., str],
    fresh_name: Callable[..., str],
    printed: Callable[[str], str],
) -> None:
    mark = fresh_name("mark")
    source = STREAM.replace("MARK", mark) + (
        """
def pieces():
    while True:
        yield b"x"
        time.sleep(0.05)
told(Body=Stream(pieces()))
"""
    )
    point = transformed(body(source))
    answer = _begun(s3, point)
    with pytest.raises(HTTPClientError):
        answer["Body"].read()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert printed(mark).startswith("ValidationError The response was not complete")
    assert "within 2 seconds" in printed(f"{request_id} S3 Object Lambda: ValidationError:")


def test_a_body_that_stops_in_the_middle(
    s3: Any,
    bucket: str,
    transformed: Callable[..., str],
    fresh_name: Callable[..., str],
    printed: Callable[[str], str],
) -> None:
    """Its reader is cut off while the function still sleeps."""
    s3.put_object(Bucket=bucket, Key="go", Body=b"wait")
    go = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "go"})
    mark = fresh_name("mark")
    source = STREAM.replace("MARK", mark) + (
        f"""
def pieces():
    yield b"x"
    while fetch("{go}").read() == b"wait":
        time.sleep(0.05)
    yield b"y"
told(Body=Stream(pieces()))
"""
    )
    answer = _begun(s3, transformed(body(source)))
    with pytest.raises(HTTPClientError):
        answer["Body"].read()
    s3.put_object(Bucket=bucket, Key="go", Body=b"go")
    assert printed(mark) != "OK"
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert "within 2 seconds" in printed(f"{request_id} S3 Object Lambda: ValidationError:")


def test_a_reader_that_stops_in_the_middle(
    s3: Any, transformed: Callable[..., str], printed: Callable[[str], str]
) -> None:
    """The function does not wait for it longer than its time, though it is still connected."""
    point = transformed(
        body(STREAM + 'write(event, Body=Stream(iter(lambda: bytes(1 << 18), b"")))')  # never ends
    )
    answer = _begun(s3, point)
    assert answer["Body"].read(1) == b"\0"
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert "within 2 seconds" in printed(f"{request_id} S3 Object Lambda: ValidationError:")
    with pytest.raises(HTTPClientError):
        answer["Body"].read()


def _begun(s3: Any, point: str) -> Any:
    """An answer that began in time, as a cold start may not let it."""
    while True:
        try:
            return s3.get_object(Bucket=point, Key="k")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "LambdaTimeout"  # noqa: PT017
