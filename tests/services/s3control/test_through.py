"""Requests through access points: every form of the name, and both doors' policies."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.s3control.conftest import Door, configuration
from tests.serving import ACCOUNT, RunningServer


def allow(action: str, *resources: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources)}


def grant(arn: str, to: str, *actions: str, effect: str = "Allow") -> str:
    statement = {
        "Effect": effect,
        "Principal": {"AWS": to},
        "Action": list(actions),
        "Resource": [arn, f"{arn}/object/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def delegation(bucket: str) -> str:
    arn = f"arn:aws:s3:::{bucket}"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.mark.parametrize("form", ["arn", "alias"])
def test_objects_are_read_and_written_by(s3: Any, door: Door, form: str) -> None:
    named = getattr(door, form)
    assert s3.get_object(Bucket=named, Key="a/b c.txt")["Body"].read() == b"hello"
    assert s3.head_object(Bucket=named, Key="a/b c.txt")["ContentLength"] == 5
    s3.put_object(Bucket=named, Key="new", Body=b"n")
    s3.copy_object(Bucket=named, Key="copy", CopySource={"Bucket": door.bucket, "Key": "new"})
    listed = s3.list_objects_v2(Bucket=named)["Contents"]
    assert [one["Key"] for one in listed] == ["a/b c.txt", "copy", "new"]
    assert [one["Key"] for one in s3.list_objects(Bucket=named, Prefix="c")["Contents"]] == ["copy"]
    upload = s3.create_multipart_upload(Bucket=named, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=named, Key="parts", UploadId=upload, PartNumber=1, Body=b"p")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=named, Key="parts", UploadId=upload, MultipartUpload=parts)
    s3.delete_object(Bucket=named, Key="new")
    assert s3.get_object(Bucket=door.bucket, Key="parts")["Body"].read() == b"p"
    assert "new" not in {one["Key"] for one in s3.list_objects_v2(Bucket=door.bucket)["Contents"]}


def test_the_alias_needs_no_names_to_resolve(server: RunningServer, door: Door) -> None:
    s3 = server.client("s3")
    assert s3.get_object(Bucket=door.alias, Key="a/b c.txt")["Body"].read() == b"hello"


@pytest.mark.parametrize("form", ["alias", "bucket"])
def test_presigned(server: RunningServer, door: Door, form: str) -> None:
    url = server.client("s3").generate_presigned_url(
        "get_object", {"Bucket": getattr(door, form), "Key": "a/b c.txt"}
    )
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"hello"


def test_buckets_own_affairs_need_the_bucket(
    s3: Any, door: Door, refused: Callable[..., Any]
) -> None:
    for operation, arguments in (
        (s3.delete_bucket, {}),
        (s3.put_bucket_policy, {"Policy": "{}"}),
    ):
        answer = refused(operation, Bucket=door.alias, **arguments)
        assert (answer["Code"], answer["Status"]) == ("MethodNotAllowed", 405)


def test_unknown_doors(s3: Any, door: Door, refused: Callable[..., Any]) -> None:
    for named in (f"{'x' * 20}-s3alias", door.arn + "x", door.arn.replace(ACCOUNT, "1" * 12)):
        answer = refused(s3.get_object, Bucket=named, Key="k")
        assert (answer["Code"], answer["Status"]) == ("NoSuchAccessPoint", 404) or (
            answer["Code"] == "NoSuchBucket"
        )


def test_the_callers_policies_name_the_access_point(
    door: Door, visitor: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    through = visitor(allow("s3:GetObject", f"{door.arn}/object/*"))
    got = through.get_object(Bucket=door.arn, Key="a/b c.txt")
    assert got["Body"].read() == b"hello"
    direct = refused(through.get_object, Bucket=door.bucket, Key="a/b c.txt")
    assert direct["Code"] == "AccessDenied"
    bucket_only = visitor(allow("s3:GetObject", f"arn:aws:s3:::{door.bucket}/*"))
    assert refused(bucket_only.get_object, Bucket=door.arn, Key="a/b c.txt")["Code"] == (
        "AccessDenied"
    )
    denied = allow("s3:*", f"arn:aws:s3:::{door.bucket}/*") | {"Effect": "Deny"}
    torn = visitor(allow("s3:GetObject", f"{door.arn}/object/*"), denied)
    assert refused(torn.get_object, Bucket=door.arn, Key="a/b c.txt")["Code"] == "AccessDenied"
    nobody = visitor()
    assert refused(nobody.get_object, Bucket=door.alias, Key="a/b c.txt")["Code"] == "AccessDenied"


def test_what_the_access_point_grants_the_bucket_must_grant_too(
    s3: Any, control: Any, door: Door, visitor: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    guest = visitor()
    control.put_access_point_policy(
        AccountId=ACCOUNT, Name=door.name, Policy=grant(door.arn, guest.user_arn, "s3:GetObject")
    )
    answer = refused(guest.get_object, Bucket=door.arn, Key="a/b c.txt")
    assert answer["Code"] == "AccessDenied"
    s3.put_bucket_policy(Bucket=door.bucket, Policy=delegation(door.bucket))
    assert guest.get_object(Bucket=door.arn, Key="a/b c.txt")["Body"].read() == b"hello"
    assert refused(guest.put_object, Bucket=door.arn, Key="k")["Code"] == "AccessDenied"
    assert refused(guest.get_object, Bucket=door.bucket, Key="a/b c.txt")["Code"] == "AccessDenied"


def test_either_door_denies(
    s3: Any, control: Any, door: Door, visitor: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    guest = visitor(allow("s3:*", "*"))
    the = {"AccountId": ACCOUNT, "Name": door.name}
    assert guest.get_object(Bucket=door.arn, Key="a/b c.txt")
    closed = grant(door.arn, guest.user_arn, "s3:GetObject", effect="Deny")
    control.put_access_point_policy(**the, Policy=closed)
    assert refused(guest.get_object, Bucket=door.arn, Key="a/b c.txt")["Code"] == "AccessDenied"
    assert guest.get_object(Bucket=door.bucket, Key="a/b c.txt"), "the other way stays open"
    control.delete_access_point_policy(**the)
    arn = f"arn:aws:s3:::{door.bucket}"
    only_doors = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{arn}/*",
        "Condition": {"ArnNotLike": {"s3:DataAccessPointArn": door.arn}},
    }
    s3.put_bucket_policy(
        Bucket=door.bucket,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": only_doors}),
    )
    assert guest.get_object(Bucket=door.arn, Key="a/b c.txt")
    assert refused(guest.get_object, Bucket=door.bucket, Key="a/b c.txt")["Code"] == "AccessDenied"


def test_object_lambda_passes_on_what_it_does_not_transform(
    control: Any,
    door: Door,
    visitor: Callable[..., Any],
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    made = control.create_access_point_for_object_lambda(
        AccountId=ACCOUNT,
        Name=fresh_name("ol"),
        Configuration=configuration(door.arn, "GetObject"),
    )
    arn = made["ObjectLambdaAccessPointArn"]
    both = visitor(
        allow("s3-object-lambda:*", arn), allow("s3:*", door.arn, f"{door.arn}/object/*")
    )
    assert both.head_object(Bucket=arn, Key="a/b c.txt")["ContentLength"] == 5
    assert both.list_objects_v2(Bucket=made["Alias"]["Value"])["KeyCount"] == 1
    outer = visitor(allow("s3-object-lambda:*", arn))
    assert refused(outer.list_objects_v2, Bucket=arn)["Code"] == "AccessDenied"
    inner = visitor(allow("s3:*", "*"))
    assert refused(inner.list_objects_v2, Bucket=arn)["Code"] == "AccessDenied"
    via = allow("s3:*", door.arn, f"{door.arn}/object/*")
    via["Condition"] = {
        "ForAnyValue:StringEquals": {"aws:CalledVia": ["s3-object-lambda.amazonaws.com"]}
    }
    fenced = visitor(allow("s3-object-lambda:*", arn), via)
    assert fenced.list_objects_v2(Bucket=arn)["KeyCount"] == 1
    assert refused(fenced.list_objects_v2, Bucket=door.arn)["Code"] == "AccessDenied"
