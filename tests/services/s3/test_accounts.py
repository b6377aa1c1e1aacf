"""Buckets of other accounts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OTHER = "999999999999"


def give_away(data: Path, bucket: str) -> None:
    """Makes a bucket another account's, while its server is down."""
    with sqlite3.connect(data / "inhouse.db") as database:
        database.execute("UPDATE s3_buckets SET account = ? WHERE name = ?", (OTHER, bucket))
    database.close()


@pytest.fixture
def foreign(durable_server: Callable[..., Any]) -> tuple[Any, str]:
    """A client, and a bucket of another account whose policy names the client's."""
    server = durable_server()
    s3 = server.client("s3")
    for name in ("closed-bucket", "open-bucket"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="k", Body=b"x")
    arn = "arn:aws:s3:::open-bucket"
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": "123456789012"},
        "Action": ["s3:GetObject", "s3:*BucketPolicy"],
        "Resource": [arn, f"{arn}/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    s3.put_bucket_policy(Bucket="open-bucket", Policy=json.dumps(policy))
    server.stop()
    for name in ("closed-bucket", "open-bucket"):
        give_away(server.data, name)
    return durable_server().client("s3"), "open-bucket"


def test_other_accounts_keep_their_names_and_objects(
    foreign: tuple[Any, str], refused: Callable[..., Any]
) -> None:
    s3, bucket = foreign
    assert s3.list_buckets()["Buckets"] == []
    taken = refused(s3.create_bucket, Bucket="closed-bucket")
    assert (taken["Code"], taken["Status"]) == ("BucketAlreadyExists", 409)
    for operation, arguments in (
        (s3.get_object, {"Key": "k"}),
        (s3.put_object, {"Key": "k"}),
        (s3.list_objects_v2, {}),
        (s3.delete_bucket, {}),
    ):
        answer = refused(operation, Bucket="closed-bucket", **arguments)
        assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    assert refused(s3.put_object, Bucket=bucket, Key="k")["Code"] == "AccessDenied"
    assert refused(s3.get_object, Bucket=bucket, Key="none")["Code"] == "AccessDenied"
    assert refused(s3.delete_bucket_policy, Bucket=bucket)["Code"] == "MethodNotAllowed"
    owner = {"ExpectedBucketOwner": OTHER}
    assert s3.get_object(Bucket=bucket, Key="k", **owner)["Body"].read() == b"x"
