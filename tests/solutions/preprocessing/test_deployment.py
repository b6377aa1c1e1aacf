"""Adding, changing, reading, counting and removing, on a running server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inhouse.solutions import preprocessing
from tests.serving import ACCOUNT, RunningServer


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
