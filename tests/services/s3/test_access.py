"""Who may: identities, bucket policies, other accounts, nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.serving import RunningServer


def allow(bucket: str, actions: list[str], resource: str = "/*", **more: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": actions,
        "Resource": f"arn:aws:s3:::{bucket}{resource}",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_anonymous_callers_need_a_policy(
    server: RunningServer, s3: Any, bucket: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for operation, arguments in (
        (anonymous.get_object, {"Key": "k"}),
        (anonymous.get_object, {"Key": "none"}),
        (anonymous.put_object, {"Key": "k", "Body": b"y"}),
        (anonymous.list_objects_v2, {}),
    ):
        answer = refused(operation, Bucket=bucket, **arguments)
        assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, ["s3:GetObject"]))
    assert anonymous.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    unclaimed = httpx.get(f"{server.endpoint}/{bucket}/k", headers={"Authorization": ""})
    assert (unclaimed.status_code, unclaimed.content) == (200, b"x")
    batch = {"Objects": [{"Key": "k"}]}
    assert (
        anonymous.delete_objects(Bucket=bucket, Delete=batch)["Errors"][0]["Code"] == "AccessDenied"
    )
    override = refused(anonymous.get_object, Bucket=bucket, Key="k", ResponseContentType="a/b")
    assert override["Code"] == "InvalidRequest"
    s3.delete_bucket_policy(Bucket=bucket)
    assert refused(anonymous.get_object, Bucket=bucket, Key="k")["Code"] == "AccessDenied"


def test_missing_keys_are_told_to_those_who_may_list(
    s3: Any, bucket: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, ["s3:GetObject"]))
    assert refused(anonymous.get_object, Bucket=bucket, Key="none")["Code"] == "AccessDenied"
    both = json.loads(allow(bucket, ["s3:GetObject"]))
    both["Statement"] += json.loads(allow(bucket, ["s3:ListBucket"], ""))["Statement"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(both))
    assert refused(anonymous.get_object, Bucket=bucket, Key="none")["Code"] == "NoSuchKey"


def test_who_may_list_but_not_read_learns_what_is_missing(
    s3: Any, bucket: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.delete_public_access_block(Bucket=bucket)
    public = {"StringLike": {"s3:prefix": "public/*"}}
    s3.put_bucket_policy(
        Bucket=bucket, Policy=allow(bucket, ["s3:ListBucket"], "", Condition=public)
    )
    s3.put_object(Bucket=bucket, Key="public/there")
    for key, status in (("public/none", 404), ("public/there", 403), ("private/none", 403)):
        for read in (anonymous.head_object, anonymous.get_object):
            assert refused(read, Bucket=bucket, Key=key)["Status"] == status, key
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="public/there")["VersionId"]
    there = {"Bucket": bucket, "Key": "public/there", "VersionId": version}
    assert refused(anonymous.get_object, **there)["Code"] == "AccessDenied"
    s3.delete_object(**there)
    assert refused(anonymous.get_object, **there)["Code"] == "NoSuchVersion"


def test_prefixes_can_be_conditions(
    s3: Any, bucket: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": f"arn:aws:s3:::{bucket}",
        "Condition": {"StringLike": {"s3:prefix": "home/*"}},
    }
    theirs = user(statement)
    assert theirs.list_objects_v2(Bucket=bucket, Prefix="home/a")["KeyCount"] == 0
    assert refused(theirs.list_objects_v2, Bucket=bucket)["Code"] == "AccessDenied"
    assert refused(theirs.list_objects_v2, Bucket=bucket, Prefix="x")["Code"] == "AccessDenied"


def test_tags_can_be_conditions(
    s3: Any, bucket: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="open", Body=b"x", Tagging="class=public")
    s3.put_object(Bucket=bucket, Key="shut", Body=b"x", Tagging="class=secret")
    everything = f"arn:aws:s3:::{bucket}/*"
    theirs = user(
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": everything,
            "Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "public"}},
        },
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": everything},
        {
            "Effect": "Allow",
            "Action": "s3:PutObjectTagging",
            "Resource": everything,
            "Condition": {"StringEquals": {"s3:RequestObjectTag/class": "public"}},
        },
    )
    assert theirs.get_object(Bucket=bucket, Key="open")["Body"].read() == b"x"
    assert refused(theirs.get_object, Bucket=bucket, Key="shut")["Code"] == "AccessDenied"
    theirs.put_object(Bucket=bucket, Key="new", Tagging="class=public")
    answer = refused(theirs.put_object, Bucket=bucket, Key="new", Tagging="class=secret")
    assert answer["Code"] == "AccessDenied"


def test_a_copy_needs_both_sides(
    s3: Any, bucket: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="in/k", Body=b"x")
    write = {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/out/*",
    }
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/in/*"}
    copy = {"Bucket": bucket, "Key": "out/k", "CopySource": {"Bucket": bucket, "Key": "in/k"}}
    assert refused(user(write).copy_object, **copy)["Code"] == "AccessDenied"
    assert refused(user(read).copy_object, **copy)["Code"] == "AccessDenied"
    user(read, write).copy_object(**copy)


def test_a_batch_deletes_what_it_may(s3: Any, bucket: str, user: Callable[..., Any]) -> None:
    for key in ("mine/1", "yours/1"):
        s3.put_object(Bucket=bucket, Key=key)
    mine = {
        "Effect": "Allow",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/mine/*",
    }
    batch = {"Objects": [{"Key": "mine/1"}, {"Key": "yours/1"}]}
    answer = user(mine).delete_objects(Bucket=bucket, Delete=batch)
    assert [one["Key"] for one in answer["Deleted"]] == ["mine/1"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("yours/1", "AccessDenied")]
    assert s3.head_object(Bucket=bucket, Key="yours/1")


def test_policies_are_checked(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    assert refused(s3.get_bucket_policy, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"
    for policy in (
        "nonsense",
        "[]",
        allow("another-bucket", ["s3:GetObject"]),
        allow(bucket, ["sns:Publish"]),
        allow(bucket, ["s3:GetObject"], Effect="Perhaps"),
        allow(bucket + "-longer", ["s3:GetObject"]),
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            }
        ),
    ):
        assert (
            refused(s3.put_bucket_policy, Bucket=bucket, Policy=policy)["Code"] == "MalformedPolicy"
        )
    for policy in ("", "nonsense"):
        message = refused(s3.put_bucket_policy, Bucket=bucket, Policy=policy)["Message"]
        assert message == "Policies must be valid JSON and the first byte must be '{'"
    answer = refused(s3.put_bucket_policy, Bucket=bucket, Policy="{}")
    assert answer["Message"] == "Missing required field Statement"
    assert answer["Detail"].startswith("Statement: ")
    s3.delete_public_access_block(Bucket=bucket)
    policy = allow(bucket, ["s3:GetObject"])
    answer = s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    inside = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=allow(bucket, ["s3:GetObject"], Condition=inside))
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False
