from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.services.s3.conftest import code


def test_a_bucket_is_created_found_and_deleted(s3: Any, fresh_name: Any, refused: Any) -> None:
    name = fresh_name("bucket")
    assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    assert name in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    s3.delete_bucket(Bucket=name)
    assert refused(s3.head_bucket, Bucket=name)["Code"] == "404"
    assert refused(s3.list_objects_v2, Bucket=name)["Code"] == "NoSuchBucket"


def test_region_of_a_bucket(server: Any, fresh_name: Any, refused: Any) -> None:
    abroad = server.client("s3", region_name="eu-central-1")
    name = fresh_name("bucket")
    wanted = {"LocationConstraint": "eu-central-1"}
    for elsewhere in ("unspecified", "us-east-1", "us-west-2"):
        asked = {"LocationConstraint": elsewhere} if elsewhere != "unspecified" else {}
        answer = refused(abroad.create_bucket, Bucket=name, CreateBucketConfiguration=asked)
        assert answer["Code"] == "IllegalLocationConstraintException"
        assert answer["Message"] == (
            f"The {elsewhere} location constraint is incompatible for the region specific endpoint "
            "this request was sent to."
        )
        assert "eu-central-1" in answer["Detail"]
    abroad.create_bucket(Bucket=name, CreateBucketConfiguration=wanted)
    assert abroad.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-central-1"
    again = refused(abroad.create_bucket, Bucket=name, CreateBucketConfiguration=wanted)
    assert (again["Code"], again["Status"]) == ("BucketAlreadyOwnedByYou", 409)


def test_creating_again_in_us_east_1_changes_nothing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"still here")
    s3.create_bucket(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"still here"


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "Upper",
        "-begin",
        "end-",
        "a..b",
        "192.168.1.1",
        "x" * 64,
        "xn--a",
        "a_b",
        "a.-b",
        "a-.b",
    ],
)
def test_names_against_the_rules(server: Any, refused: Any, name: str) -> None:
    s3 = server.client("s3")
    s3.meta.events.unregister("before-parameter-build.s3.CreateBucket")
    answer = refused(s3.create_bucket, Bucket=name)
    assert answer["Code"] == "InvalidBucketName"
    assert answer["Message"] == "The specified bucket is not valid."
    assert (answer["BucketName"], answer["Detail"][-1]) == (name, ".")


def test_a_full_bucket_stays(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    assert refused(s3.delete_bucket, Bucket=bucket)["Code"] == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket, Key="k")
    s3.create_multipart_upload(Bucket=bucket, Key="begun")
    s3.delete_bucket(Bucket=bucket)


def test_buckets_are_listed_in_pages(s3: Any, fresh_name: Any) -> None:
    prefix = fresh_name("paged")
    names = [f"{prefix}-{number}" for number in range(5)]
    for name in names:
        s3.create_bucket(Bucket=name)
    pages = s3.get_paginator("list_buckets").paginate(
        Prefix=prefix, PaginationConfig={"PageSize": 2}
    )
    sizes = [[one["Name"] for one in page["Buckets"]] for page in pages]
    assert sizes == [names[:2], names[2:4], names[4:]]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"max-buckets": "0"}, "max-buckets"),
        ({"max-buckets": "10001"}, "max-buckets"),
        ({"bucket-region": "nowhere"}, "bucket-region"),
        ({"continuation-token": "nonsense"}, "continuation-token"),
    ],
)
def test_pages_of_buckets_that_cannot_be(raw: Any, query: dict[str, str], named: str) -> None:
    answer = raw("GET", f"/?{urlencode(query)}")
    assert (answer.status_code, code(answer)) == (400, "InvalidArgument")
    assert f"<ArgumentName>{named}</ArgumentName>" in answer.text


def test_buckets_of_one_region(server: Any, s3: Any, fresh_name: Any) -> None:
    prefix = fresh_name("somewhere")
    abroad = server.client("s3", region_name="eu-west-1")
    wanted = {"LocationConstraint": "eu-west-1"}
    for number in range(3):
        s3.create_bucket(Bucket=f"{prefix}-{number}-here")
        made = abroad.create_bucket(
            Bucket=f"{prefix}-{number}-there", CreateBucketConfiguration=wanted
        )
        assert made["Location"] == f"http://{prefix}-{number}-there.s3.amazonaws.com/"
    pages = s3.get_paginator("list_buckets").paginate(
        Prefix=prefix, BucketRegion="eu-west-1", PaginationConfig={"PageSize": 2}
    )
    sizes = [[one["Name"] for one in page["Buckets"]] for page in pages]
    names = [f"{prefix}-{number}-there" for number in range(3)]
    assert sizes == [names[:2], names[2:]]


def test_what_creating_again_cannot_change(s3: Any, bucket: str, refused: Any) -> None:
    tags = {"Tags": [{"Key": "a", "Value": "b"}]}
    answer = refused(s3.create_bucket, Bucket=bucket, CreateBucketConfiguration=tags)
    assert answer["Code"] == "BucketAlreadyOwnedByYou"


@pytest.mark.parametrize("region", ["us-east-1", "nowhere"])
def test_locations_that_are_none(s3: Any, fresh_name: Any, refused: Any, region: str) -> None:
    wanted = {"LocationConstraint": region}
    answer = refused(s3.create_bucket, Bucket=fresh_name("b"), CreateBucketConfiguration=wanted)
    assert (answer["Code"], answer["LocationConstraint"]) == ("InvalidLocationConstraint", region)


@pytest.mark.parametrize("name", ["named-s3alias", "named--ol-s3"])
def test_no_bucket_is_named_like_an_alias(s3: Any, refused: Any, name: str) -> None:
    assert refused(s3.create_bucket, Bucket=name)["Code"] == "InvalidBucketName"


def test_what_is_not_implemented_is_refused_by_name(s3: Any, fresh_name: Any, refused: Any) -> None:
    answer = refused(s3.create_bucket, Bucket=fresh_name("b"), ObjectLockEnabledForBucket=True)
    assert (answer["Code"], answer["Status"]) == ("NotImplemented", 501)
    answer = refused(s3.create_bucket, Bucket=fresh_name("b"), ACL="public-read")
    assert answer["Code"] == "InvalidBucketAclWithObjectOwnership"


def test_access_control_lists_are_off(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert acl["Grants"][0]["Permission"] == "FULL_CONTROL"
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    assert s3.get_object_acl(Bucket=bucket, Key="k")["Owner"] == acl["Owner"]
    for operation, arguments in (
        (s3.put_bucket_acl, {"ACL": "public-read"}),
        (s3.put_object_acl, {"Key": "k", "ACL": "public-read"}),
        (s3.put_object, {"Key": "k", "ACL": "public-read"}),
        (s3.put_object, {"Key": "k", "GrantRead": "id=1"}),
    ):
        answer = refused(operation, Bucket=bucket, **arguments)
        assert answer["Code"] == "AccessControlListNotSupported"
    s3.put_object(Bucket=bucket, Key="k", ACL="bucket-owner-full-control")


def test_another_expected_owner_is_refused(s3: Any, bucket: str, refused: Any) -> None:
    assert s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="123456789012")
    answer = refused(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner="000000000000")
    assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
