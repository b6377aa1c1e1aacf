"""Ownership controls and access control lists."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.services.s3.test_accounts import OTHER

OWN = "123456789012"
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


@pytest.fixture
def listed(s3: Any, fresh_name: Callable[..., str]) -> str:
    """A bucket with lists, and nothing that blocks them."""
    name = fresh_name("bucket")
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


def granted(answer: dict[str, Any]) -> set[tuple[str, str]]:
    """Who has which permission; the owner is `owner`."""
    owner = answer["Owner"]["ID"]
    found = set()
    for grant in answer["Grants"]:
        whom = grant["Grantee"].get("URI") or grant["Grantee"]["ID"]
        found.add(("owner" if whom == owner else whom, grant["Permission"]))
    return found


def test_ownership_controls(
    s3: Any, bucket: str, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    def kind(name: str) -> str:
        answer = s3.get_bucket_ownership_controls(Bucket=name)
        return str(answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"])

    assert kind(bucket) == "BucketOwnerEnforced"
    for each in ("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"):
        rules = {"Rules": [{"ObjectOwnership": each}]}
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
        assert kind(bucket) == each
    for rules in ({"Rules": []}, {"Rules": [{"ObjectOwnership": "Everybody"}]}):
        answer = refused(s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=rules)
        assert answer["Code"] == "MalformedXML"
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    answer = refused(s3.get_bucket_ownership_controls, Bucket=bucket)
    assert (answer["Code"], answer["Status"]) == ("OwnershipControlsNotFoundError", 404)
    answer = refused(s3.create_bucket, Bucket=fresh_name("b"), ObjectOwnership="Everybody")
    assert answer["Code"] == "InvalidArgument"
    public = {"ObjectOwnership": "ObjectWriter", "ACL": "public-read"}
    answer = refused(s3.create_bucket, Bucket=fresh_name("b"), **public)
    assert answer["Code"] == "InvalidBucketAclWithBlockPublicAccessError"


def test_lists_are_turned_off_only_when_they_grant_nothing(
    s3: Any, listed: str, refused: Callable[..., Any]
) -> None:
    s3.put_bucket_acl(Bucket=listed, ACL="public-read")
    off = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    answer = refused(s3.put_bucket_ownership_controls, Bucket=listed, **off)
    assert answer["Code"] == "InvalidBucketAclWithObjectOwnership"
    s3.put_bucket_acl(Bucket=listed, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=listed, **off)
    answer = refused(s3.put_bucket_acl, Bucket=listed, ACL="private")
    assert answer["Code"] == "AccessControlListNotSupported"


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("private", set()),
        ("public-read", {(EVERYBODY, "READ")}),
        ("public-read-write", {(EVERYBODY, "READ"), (EVERYBODY, "WRITE")}),
        ("authenticated-read", {(AUTHENTICATED, "READ")}),
    ],
)
def test_canned_lists(s3: Any, listed: str, name: str, more: set[tuple[str, str]]) -> None:
    expected = {("owner", "FULL_CONTROL"), *more}
    s3.put_bucket_acl(Bucket=listed, ACL=name)
    assert granted(s3.get_bucket_acl(Bucket=listed)) == expected
    s3.put_object(Bucket=listed, Key="k", ACL=name)
    assert granted(s3.get_object_acl(Bucket=listed, Key="k")) == expected
    s3.put_object(Bucket=listed, Key="k")
    assert granted(s3.get_object_acl(Bucket=listed, Key="k")) == {("owner", "FULL_CONTROL")}
    s3.put_object_acl(Bucket=listed, Key="k", ACL=name)
    assert granted(s3.get_object_acl(Bucket=listed, Key="k")) == expected
    assert "ACL" not in s3.head_object(Bucket=listed, Key="k")


def test_an_objects_list_lets_people_in(
    s3: Any, listed: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=listed, Key="open", Body=b"x", ACL="public-read")
    s3.put_object(Bucket=listed, Key="shut", Body=b"x")
    assert anonymous.get_object(Bucket=listed, Key="open")["Body"].read() == b"x"
    for operation, key in (
        (anonymous.get_object, "shut"),
        (anonymous.get_object, "none"),
        (anonymous.get_object_acl, "open"),
        (anonymous.delete_object, "open"),
        (anonymous.put_object, "open"),
    ):
        assert refused(operation, Bucket=listed, Key=key)["Code"] == "AccessDenied"
    s3.put_public_access_block(
        Bucket=listed, PublicAccessBlockConfiguration={"IgnorePublicAcls": True}
    )
    assert refused(anonymous.get_object, Bucket=listed, Key="open")["Code"] == "AccessDenied"
    s3.delete_public_access_block(Bucket=listed)
    copy = {"Bucket": listed, "Key": "copy", "CopySource": {"Bucket": listed, "Key": "open"}}
    s3.copy_object(**copy)
    assert refused(anonymous.get_object, Bucket=listed, Key="copy")["Code"] == "AccessDenied"
    s3.copy_object(**copy, ACL="public-read")
    assert anonymous.get_object(Bucket=listed, Key="copy")["Body"].read() == b"x"


def test_a_denial_outweighs_a_list(
    s3: Any, listed: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=listed, Key="open", ACL="public-read")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{listed}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    s3.put_bucket_policy(Bucket=listed, Policy=json.dumps(policy))
    assert refused(anonymous.get_object, Bucket=listed, Key="open")["Code"] == "AccessDenied"


def test_each_version_has_its_list(
    s3: Any, listed: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.put_bucket_versioning(Bucket=listed, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=listed, Key="k", Body=b"1", ACL="public-read")["VersionId"]
    second = s3.put_object(Bucket=listed, Key="k", Body=b"2")["VersionId"]
    assert anonymous.get_object(Bucket=listed, Key="k", VersionId=first)["Body"].read() == b"1"
    for more in ({}, {"VersionId": second}):
        answer = refused(anonymous.get_object, Bucket=listed, Key="k", **more)
        assert answer["Code"] == "AccessDenied"
    s3.put_object_acl(Bucket=listed, Key="k", VersionId=first, ACL="private")
    answer = refused(anonymous.get_object, Bucket=listed, Key="k", VersionId=first)
    assert answer["Code"] == "AccessDenied"


def test_a_public_bucket_is_listed_and_written(
    s3: Any, listed: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.put_bucket_acl(Bucket=listed, ACL="public-read-write")
    anonymous.put_object(Bucket=listed, Key="k", Body=b"x")
    assert [each["Key"] for each in anonymous.list_objects_v2(Bucket=listed)["Contents"]] == ["k"]
    assert refused(anonymous.get_object, Bucket=listed, Key="k")["Code"] == "AccessDenied"
    assert refused(anonymous.get_bucket_acl, Bucket=listed)["Code"] == "AccessDenied"
    assert refused(anonymous.get_object, Bucket=listed, Key="none")["Code"] == "NoSuchKey"
    assert refused(anonymous.get_object_acl, Bucket=listed, Key="none")["Code"] == "AccessDenied"
    assert s3.get_object(Bucket=listed, Key="k")["Body"].read() == b"x"


def test_grants_in_headers_and_bodies(s3: Any, listed: str, anonymous: Any) -> None:
    s3.put_object(Bucket=listed, Key="k", Body=b"x", GrantReadACP=f'uri="{EVERYBODY}"')
    answer = s3.get_object_acl(Bucket=listed, Key="k")
    assert granted(answer) == {(EVERYBODY, "READ_ACP")}
    assert anonymous.get_object_acl(Bucket=listed, Key="k")["Owner"] == answer["Owner"]
    mine = {"Type": "CanonicalUser", "ID": answer["Owner"]["ID"]}
    body = {
        "Owner": answer["Owner"],
        "Grants": [
            {"Grantee": mine, "Permission": "FULL_CONTROL"},
            {"Grantee": {"Type": "Group", "URI": EVERYBODY}, "Permission": "READ"},
        ],
    }
    s3.put_object_acl(Bucket=listed, Key="k", AccessControlPolicy=body)
    assert granted(s3.get_object_acl(Bucket=listed, Key="k")) == {
        ("owner", "FULL_CONTROL"),
        (EVERYBODY, "READ"),
    }
    assert anonymous.get_object(Bucket=listed, Key="k")["Body"].read() == b"x"


def test_lists_are_checked(s3: Any, listed: str, refused: Callable[..., Any]) -> None:
    owner = s3.get_bucket_acl(Bucket=listed)["Owner"]

    def body(**grant: Any) -> dict[str, Any]:
        return {"AccessControlPolicy": {"Owner": owner, "Grants": [grant]}}

    everybody = {"Type": "Group", "URI": EVERYBODY}
    for code, arguments in (
        ("MissingSecurityHeader", {}),
        ("InvalidArgument", {"ACL": "nonsense"}),
        ("InvalidArgument", {"GrantRead": "nonsense"}),
        ("InvalidArgument", {"GrantRead": "id=_foo"}),
        ("InvalidArgument", {"GrantRead": 'uri="http://example.com/group"'}),
        ("UnresolvableGrantByEmailAddress", {"GrantRead": 'emailAddress="a@example.com"'}),
        ("InvalidRequest", {"ACL": "private", "GrantRead": f'uri="{EVERYBODY}"'}),
        ("UnexpectedContent", {"ACL": "private", **body(Grantee=everybody, Permission="READ")}),
        ("MalformedACLError", body(Grantee=everybody, Permission="EVERYTHING")),
        ("MalformedACLError", body(Grantee={"Type": "Group"}, Permission="READ")),
        ("MalformedACLError", {"AccessControlPolicy": {"Grants": []}}),
        (
            "UnresolvableGrantByEmailAddress",
            body(
                Grantee={"Type": "AmazonCustomerByEmail", "EmailAddress": "a@example.com"},
                Permission="READ",
            ),
        ),
        ("AccessDenied", {"AccessControlPolicy": {"Owner": {"ID": "0" * 64}, "Grants": []}}),
    ):
        assert refused(s3.put_bucket_acl, Bucket=listed, **arguments)["Code"] == code, arguments
    assert granted(s3.get_bucket_acl(Bucket=listed)) == {("owner", "FULL_CONTROL")}


def test_public_lists_can_be_blocked(s3: Any, listed: str, refused: Callable[..., Any]) -> None:
    s3.put_public_access_block(
        Bucket=listed, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    for operation, arguments in (
        (s3.put_bucket_acl, {"ACL": "public-read"}),
        (s3.put_object, {"Key": "k", "ACL": "authenticated-read"}),
        (s3.put_object, {"Key": "k", "GrantRead": f'uri="{EVERYBODY}"'}),
    ):
        answer = refused(operation, Bucket=listed, **arguments)
        assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
    s3.put_bucket_acl(Bucket=listed, ACL="private")


def test_other_accounts_have_what_the_lists_grant(
    durable_server: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    server = durable_server()
    s3 = server.client("s3")
    me = s3.list_buckets()["Owner"]["ID"]
    for name, ownership in (("theirs", "ObjectWriter"), ("kept", "BucketOwnerPreferred")):
        s3.create_bucket(Bucket=name, ObjectOwnership=ownership)
        s3.put_bucket_acl(Bucket=name, GrantRead=f"id={me}", GrantWrite=f"id={me}")
        s3.put_object(Bucket=name, Key="closed", Body=b"x")
        s3.put_object(Bucket=name, Key="open", Body=b"x", GrantRead=f"id={me}")
    server.stop()
    give_away(server.data)
    s3 = durable_server().client("s3")
    assert len(s3.list_objects_v2(Bucket="theirs")["Contents"]) == 2
    assert s3.get_object(Bucket="theirs", Key="open")["Body"].read() == b"x"
    for operation, key in ((s3.get_object, "closed"), (s3.delete_object, "open")):
        assert refused(operation, Bucket="theirs", Key=key)["Code"] == "AccessDenied"
    s3.put_object(Bucket="theirs", Key="mine", Body=b"x", ACL="bucket-owner-read")
    answer = s3.get_object_acl(Bucket="theirs", Key="mine")
    assert answer["Owner"]["ID"] == me
    assert {grant["Permission"] for grant in answer["Grants"]} == {"FULL_CONTROL", "READ"}
    s3.put_object(Bucket="kept", Key="given", Body=b"x", ACL="bucket-owner-full-control")
    assert refused(s3.get_object, Bucket="kept", Key="given")["Code"] == "AccessDenied"
    for bucket, acl, mine in (
        ("theirs", "bucket-owner-full-control", True),
        ("kept", "private", True),
        ("kept", "bucket-owner-full-control", False),
    ):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=acl, ACL=acl)["UploadId"]
        uploads = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
        (owner,) = (one["Owner"]["ID"] for one in uploads if one["UploadId"] == upload)
        assert (owner == me) is mine


def give_away(data: Path) -> None:
    """Makes all buckets, and the lists there are, those of another account."""
    database = sqlite3.connect(data / "inhouse.db")
    with database:
        database.execute(
            "UPDATE s3_buckets SET account = ?, acl = replace(acl, ?, ?)",
            (OTHER, f'"Account":"{OWN}"', f'"Account":"{OTHER}"'),
        )
        database.execute(
            "UPDATE s3_objects SET headers = replace(headers, ?, ?)",
            (f'"Account":"{OWN}"', f'"Account":"{OTHER}"'),
        )
    database.close()
