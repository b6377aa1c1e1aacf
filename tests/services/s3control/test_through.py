"""Requests through access points: every form of the name, and both doors' policies."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config

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
    transforming = door.arn.replace(":s3:", ":s3-object-lambda:")
    for named in (
        f"{'x' * 20}-s3alias",
        f"{'x' * 20}--ol-s3",
        f"{door.arn}x",
        door.arn.replace(ACCOUNT, "1" * 12),
        transforming,
    ):
        answer = refused(s3.get_object, Bucket=named, Key="k")
        assert (answer["Code"], answer["Status"]) == ("NoSuchAccessPoint", 404)


@pytest.mark.parametrize(
    "host", ["localhost", "s3-accesspoint.us-east-1.localhost", "s3.us-east-1.localhost"]
)
def test_hosts(server: RunningServer, door: Door, host: str) -> None:
    """botocore puts NAME-ACCOUNT before the host of the endpoint."""
    port = urlsplit(server.endpoint).port
    s3 = server.session().client("s3", endpoint_url=f"http://{host}:{port}")
    assert s3.get_object(Bucket=door.arn, Key="a/b c.txt")["Body"].read() == b"hello"


def test_a_bucket_keeps_a_host_that_could_be_an_access_points(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    s3 = server.session().client("s3", config=Config(s3={"addressing_style": "virtual"}))
    name = f"{fresh_name('b')}-{ACCOUNT}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"own")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"own"


@pytest.mark.parametrize("form", ["arn", "alias"])
def test_copies_are_made_from(
    s3: Any, door: Door, fresh_name: Callable[..., str], form: str
) -> None:
    other = fresh_name("other")
    s3.create_bucket(Bucket=other)
    source = {"Bucket": getattr(door, form), "Key": "a/b c.txt"}
    s3.copy_object(Bucket=other, Key="copy", CopySource=source)
    upload = s3.create_multipart_upload(Bucket=other, Key="parts")["UploadId"]
    part = s3.upload_part_copy(
        Bucket=other, Key="parts", UploadId=upload, PartNumber=1, CopySource=source
    )["CopyPartResult"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=other, Key="parts", UploadId=upload, MultipartUpload=parts)
    for key in ("copy", "parts"):
        assert s3.get_object(Bucket=other, Key=key)["Body"].read() == b"hello"


def test_sources_of_copies_that_are_none(
    s3: Any, control: Any, door: Door, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    made = control.create_access_point_for_object_lambda(
        AccountId=ACCOUNT, Name=fresh_name("ol"), Configuration=configuration(door.arn)
    )
    for source, code, status in (
        (f"{door.arn}x/object/k", "NoSuchAccessPoint", 404),
        (f"{'x' * 20}-s3alias/k", "NoSuchAccessPoint", 404),
        (f"{made['Alias']['Value']}/k", "MethodNotAllowed", 405),
        (f"{made['ObjectLambdaAccessPointArn']}/object/k", "MethodNotAllowed", 405),
        (f"{door.arn}/k", "InvalidArgument", 400),
        ("arn:aws:s3:::bucket/k", "InvalidArgument", 400),
    ):
        answer = refused(s3.copy_object, Bucket=door.bucket, Key="c", CopySource=source)
        assert (answer["Code"], answer["Status"]) == (code, status), source


def test_a_copy_is_judged_at_the_doors_it_goes_through(
    s3: Any, door: Door, visitor: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    bucket = f"arn:aws:s3:::{door.bucket}/*"
    reads, writes = (
        visitor(allow(f"s3:{one}", f"{door.arn}/object/*"), allow(f"s3:{other}", bucket))
        for one, other in (("GetObject", "PutObject"), ("PutObject", "GetObject"))
    )
    inside = {"Bucket": door.arn, "Key": "a/b c.txt"}
    outside = {"Bucket": door.bucket, "Key": "a/b c.txt"}
    reads.copy_object(Bucket=door.bucket, Key="c", CopySource=inside)
    writes.copy_object(Bucket=door.arn, Key="c", CopySource=outside)
    for client, to, source in (
        (reads, door.bucket, outside),
        (reads, door.arn, inside),
        (writes, door.bucket, outside),
        (writes, door.arn, inside),
    ):
        answer = refused(client.copy_object, Bucket=to, Key="c", CopySource=source)
        assert answer["Code"] == "AccessDenied"


def test_browsers_are_told_of_the_bucket_s_cors(
    s3: Any, control: Any, door: Door, server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    page = "https://www.example.com"
    rule = {"AllowedOrigins": [page], "AllowedMethods": ["GET"]}
    s3.put_bucket_cors(Bucket=door.bucket, CORSConfiguration={"CORSRules": [rule]})
    name = fresh_name("ol")
    made = control.create_access_point_for_object_lambda(
        AccountId=ACCOUNT, Name=name, Configuration=configuration(door.arn)
    )

    def ask(method: str, path: str, host: str = "localhost") -> tuple[int, str | None]:
        port = urlsplit(server.endpoint).port
        asked = {"Origin": page, "Access-Control-Request-Method": "GET", "Host": f"{host}:{port}"}
        request = urllib.request.Request(f"{server.endpoint}{path}", method=method, headers=asked)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.headers["Access-Control-Allow-Origin"]
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers["Access-Control-Allow-Origin"]

    for alias in (door.alias, made["Alias"]["Value"]):
        assert ask("OPTIONS", f"/{alias}/k") == (200, page)
        assert ask("OPTIONS", "/k", f"{alias}.localhost") == (200, page)
        assert ask("GET", f"/{alias}/k") == (403, page)
    for host in (door.name, name):
        assert ask("OPTIONS", "/k", f"{host}-{ACCOUNT}.localhost") == (200, page)
    assert ask("OPTIONS", "/k", f"{name}-{ACCOUNT}.s3-object-lambda.us-east-1.localhost") == (
        200, page,
    )  # fmt: skip
    assert ask("OPTIONS", f"/{'x' * 20}-s3alias/k")[0] == 404
    s3.delete_bucket_cors(Bucket=door.bucket)
    assert ask("OPTIONS", f"/{door.alias}/k")[0] == 403


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
