"""Adding, changing, reading, counting and removing, on a running server."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from botocore.exceptions import ClientError

from inhouse.solutions import preprocessing
from tests.serving import ACCOUNT, RunningServer
from tests.solutions.preprocessing.making import decoded, encoded, photograph

JPEG = encoded(photograph(800, 600))


@pytest.fixture
def session(server: RunningServer) -> Any:
    return server.session()


@pytest.fixture
def bucket(session: Any, fresh_name: Callable[..., str]) -> str:
    name = fresh_name("raw")
    session.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def add(session: Any, bucket: str, fresh_name: Callable[..., str]) -> Iterator[Any]:
    """`add(transform, options)` on the bucket; removed at the end."""
    names: list[str] = []

    def made(transform: str, **options: Any) -> preprocessing.Preprocessing:
        names.append(fresh_name("p"))
        return preprocessing.add(session, names[-1], bucket, transform, options)

    yield made
    for name in names:
        preprocessing.remove(session, name)


def test_again_changes_nothing_and_remove_leaves_nothing(
    session: Any, bucket: str, fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("p")
    first = preprocessing.add(session, name, bucket, "images", {"size": "64x64", "gray": True})
    assert first.changes == (
        f"created role {first.role.rpartition('/')[2]}",
        f"created function preprocessing-{name}",
        f"created access point {name}-stored",
        f"created Object Lambda access point {name}",
    )
    assert json.loads(first.to_json())["access_point_arn"] == (
        f"arn:aws:s3-object-lambda:us-east-1:{ACCOUNT}:accesspoint/{name}"
    )
    again = preprocessing.add(session, name, bucket, "images", {"gray": True, "size": "64x64"})
    assert again.changes == ()
    other = preprocessing.add(session, name, bucket, "images", {"size": "32x32"})
    assert other.changes == (f"updated Object Lambda access point {name}",)
    assert preprocessing.add(session, name, bucket, "redact").changes == (
        f"updated function preprocessing-{name}",
        f"updated Object Lambda access point {name}",
    )
    (found,) = (one for one in preprocessing.preprocessings(session) if one.name == name)
    assert (found.bucket, found.transform, found.options) == (bucket, "redact", {})
    assert len(preprocessing.remove(session, name)) == 4
    assert preprocessing.remove(session, name) == []
    session.client("s3").head_bucket(Bucket=bucket)


def test_an_image_is_read_as_the_model_wants_it(session: Any, bucket: str, add: Any) -> None:
    s3 = session.client("s3")
    s3.put_object(Bucket=bucket, Key="a/b c.jpg", Body=JPEG, Metadata={"label": "cat"})
    point = add("images", size="256x256", gray=True, format="npy")
    expected = cv2.resize(
        decoded(JPEG, cv2.IMREAD_GRAYSCALE), (256, 256), interpolation=cv2.INTER_AREA
    )
    for name in (point.access_point_arn, point.alias):
        answer = s3.get_object(Bucket=name, Key="a/b c.jpg")
        assert np.array_equal(np.load(io.BytesIO(answer["Body"].read())), expected)
        assert answer["Metadata"] == {"label": "cat"}
    head = s3.head_object(Bucket=point.alias, Key="a/b c.jpg")
    assert (head["ContentLength"], head["ETag"]) == (answer["ContentLength"], answer["ETag"])
    part = s3.get_object(Bucket=point.alias, Key="a/b c.jpg", Range="bytes=0-5")
    assert part["Body"].read() == b"\x93NUMPY"
    with pytest.raises(ClientError) as unchanged:
        s3.get_object(Bucket=point.alias, Key="a/b c.jpg", IfNoneMatch=answer["ETag"])
    assert unchanged.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304


def test_what_cannot_be_transformed_says_why(session: Any, bucket: str, add: Any) -> None:
    s3 = session.client("s3")
    s3.put_object(Bucket=bucket, Key="text", Body=b"no image")
    point = add("images")
    for key, code in (("text", "NotAnImage"), ("absent", "NoSuchKey")):
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket=point.alias, Key=key)
        assert refused.value.response["Error"]["Code"] == code


def test_a_reader_that_vanishes_leaves_the_next_one_unharmed(
    session: Any, bucket: str, add: Any
) -> None:
    """The function's connections to S3 were given up in the middle of an answer."""
    s3 = session.client("s3")
    point = add("decompress")
    s3.put_object(Bucket=bucket, Key="long.gz", Body=gzip.compress(bytes(64 << 20)))
    s3.put_object(Bucket=bucket, Key="short.gz", Body=gzip.compress(b"short"))
    for _ in range(3):
        left = s3.get_object(Bucket=point.alias, Key="long.gz")["Body"]
        assert left.read(1 << 20) == bytes(1 << 20)
        left.close()
        assert s3.get_object(Bucket=point.alias, Key="short.gz")["Body"].read() == b"short"


def test_what_it_took_is_counted(session: Any, bucket: str, add: Any) -> None:
    s3 = session.client("s3")
    s3.put_object(Bucket=bucket, Key="a.csv", Body=b"id,age\n1,5\n2,50\n")
    point = add("csv-filter", where="age > 18", columns=["id"])
    for _ in range(3):
        assert s3.get_object(Bucket=point.alias, Key="a.csv")["Body"].read() == b"id\n2\n"
    (cost,) = (one for one in preprocessing.costs(session) if one.name == point.name)
    assert (cost.invocations, cost.memory_mib) == (3, 512)
    assert 0 < cost.milliseconds <= cost.milliseconds_billed
    assert cost.lambda_arm < cost.lambda_x86


@pytest.mark.parametrize(
    ("name", "transform", "options", "reason"),
    [
        ("Capital", "images", {}, "name is 'Capital'"),
        ("a-s3alias", "images", {}, "not ending with"),
        ("fine", "shrink", {}, "images, redact, decompress, csv-filter"),
        ("fine", "images", {"size": "large"}, "size is 'large'"),
        ("fine", "images", {"where": "a = 1"}, "images has no option 'where'"),
    ],
)
def test_what_cannot_be_added(
    session: Any, bucket: str, name: str, transform: str, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        preprocessing.add(session, name, bucket, transform, options)


def test_a_bucket_must_be_there(session: Any, fresh_name: Callable[..., str]) -> None:
    with pytest.raises(ValueError, match="which is not there"):
        preprocessing.add(session, fresh_name("p"), fresh_name("none"), "redact")


def test_a_name_belongs_to_its_bucket(
    session: Any, add: Any, fresh_name: Callable[..., str]
) -> None:
    point, other = add("redact"), fresh_name("raw")
    session.client("s3").create_bucket(Bucket=other)
    with pytest.raises(
        ValueError, match=f"bucket is '{other}', but {point.name}-stored reads from"
    ):
        preprocessing.add(session, point.name, other, "redact")
