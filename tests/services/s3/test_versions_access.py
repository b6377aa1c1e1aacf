"""Versions have actions of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def two(s3: Any, bucket: str) -> tuple[str, str]:
    """An old version of `k`, which is tagged, and the current one."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old", Tagging="class=open")
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    return old["VersionId"], new["VersionId"]


def allow(bucket: str, *actions: str, **more: Any) -> dict[str, Any]:
    resource = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


@pytest.mark.parametrize(
    ("action", "operation", "arguments"),
    [
        ("GetObject", "get_object", {}),
        ("GetObject", "head_object", {}),
        ("GetObjectTagging", "get_object_tagging", {}),
        ("PutObjectTagging", "put_object_tagging", {"Tagging": {"TagSet": []}}),
        ("DeleteObjectTagging", "delete_object_tagging", {}),
        ("GetObjectAcl", "get_object_acl", {}),
        ("DeleteObject", "delete_object", {}),
    ],
)
def test_a_version_needs_its_own_action(
    s3: Any,
    bucket: str,
    two: tuple[str, str],
    user: Callable[..., Any],
    refused: Any,
    action: str,
    operation: str,
    arguments: dict[str, Any],
) -> None:
    here = {"Bucket": bucket, "Key": "k", **arguments}
    plain = getattr(user(allow(bucket, f"s3:{action}")), operation)
    of_version = action.replace("Object", "ObjectVersion")
    versioned = getattr(user(allow(bucket, f"s3:{of_version}")), operation)
    assert refused(plain, **here, VersionId=two[0])["Status"] == 403
    assert refused(versioned, **here)["Status"] == 403
    assert plain(**here)["ResponseMetadata"]["HTTPStatusCode"] < 300
    assert versioned(**here, VersionId=two[0])["ResponseMetadata"]["HTTPStatusCode"] < 300


def test_attributes_of_a_version(
    bucket: str, two: tuple[str, str], user: Callable[..., Any], refused: Any
) -> None:
    asked = {"Bucket": bucket, "Key": "k", "ObjectAttributes": ["ObjectSize"]}
    plain = user(allow(bucket, "s3:GetObject", "s3:GetObjectAttributes"))
    versioned = user(allow(bucket, "s3:GetObjectVersion", "s3:GetObjectVersionAttributes"))
    assert plain.get_object_attributes(**asked)["ObjectSize"] == 3
    assert versioned.get_object_attributes(**asked, VersionId=two[0])["ObjectSize"] == 3
    assert refused(plain.get_object_attributes, **asked, VersionId=two[0])["Status"] == 403
    half = user(allow(bucket, "s3:GetObjectVersion", "s3:GetObjectAttributes"))
    assert refused(half.get_object_attributes, **asked, VersionId=two[0])["Status"] == 403


def test_copies_read_versions(
    s3: Any, bucket: str, two: tuple[str, str], user: Callable[..., Any], refused: Any
) -> None:
    source = {"Bucket": bucket, "Key": "k", "VersionId": two[0]}
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": source, "TaggingDirective": "REPLACE"}
    plain = user(allow(bucket, "s3:GetObject", "s3:PutObject"))
    assert refused(plain.copy_object, **copy)["Code"] == "AccessDenied"
    versioned = user(allow(bucket, "s3:GetObjectVersion", "s3:PutObject"))
    versioned.copy_object(**copy)
    tagged = {**copy, "TaggingDirective": "COPY"}
    assert "GetObjectVersionTagging" in refused(versioned.copy_object, **tagged)["Message"]


def test_a_batch_deletes_versions_it_may(
    s3: Any, bucket: str, two: tuple[str, str], user: Callable[..., Any]
) -> None:
    batch = {"Objects": [{"Key": "k", "VersionId": two[0]}, {"Key": "k"}]}
    answer = user(allow(bucket, "s3:DeleteObject")).delete_objects(Bucket=bucket, Delete=batch)
    (failure,) = answer["Errors"]
    assert (failure["Code"], failure["VersionId"]) == ("AccessDenied", two[0])
    assert answer["Deleted"][0]["DeleteMarker"] is True


def test_the_version_and_its_tags_can_be_conditions(
    s3: Any, bucket: str, two: tuple[str, str], user: Callable[..., Any], refused: Any
) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    only = {"Condition": {"StringEquals": {"s3:VersionId": two[0]}}}
    tagged = {"Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "open"}}}
    for condition in (only, tagged):
        theirs = user(allow(bucket, "s3:GetObjectVersion", **condition))
        assert theirs.get_object(**here, VersionId=two[0])["Body"].read() == b"old"
        assert refused(theirs.get_object, **here, VersionId=two[1])["Code"] == "AccessDenied"


def test_listing_and_switching_have_actions(
    s3: Any, bucket: str, user: Callable[..., Any], refused: Any
) -> None:
    nobody = user(allow(bucket, "s3:ListBucket"))
    enable = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    assert refused(nobody.list_object_versions, Bucket=bucket)["Code"] == "AccessDenied"
    assert refused(nobody.get_bucket_versioning, Bucket=bucket)["Code"] == "AccessDenied"
    assert refused(nobody.put_bucket_versioning, **enable)["Code"] == "AccessDenied"
    actions = ("s3:ListBucketVersions", "s3:GetBucketVersioning", "s3:PutBucketVersioning")
    somebody = user(allow(bucket, *actions))
    somebody.put_bucket_versioning(**enable)
    assert somebody.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    somebody.list_object_versions(Bucket=bucket)
    inside = user(
        allow(bucket, "s3:ListBucketVersions", Condition={"StringEquals": {"s3:prefix": "mine/"}})
    )
    inside.list_object_versions(Bucket=bucket, Prefix="mine/")
    assert refused(inside.list_object_versions, Bucket=bucket)["Code"] == "AccessDenied"


def test_missing_versions_are_told_to_those_who_may_list(
    bucket: str, two: tuple[str, str], user: Callable[..., Any], refused: Any
) -> None:
    asked = {"Bucket": bucket, "Key": "k", "VersionId": "0" * 32}
    blind = user(allow(bucket, "s3:GetObjectVersion"))
    assert refused(blind.get_object, **asked)["Code"] == "AccessDenied"
    seeing = user(allow(bucket, "s3:GetObjectVersion", "s3:ListBucket"))
    assert refused(seeing.get_object, **asked)["Code"] == "NoSuchVersion"
