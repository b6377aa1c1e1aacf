"""The public access block, and what counts as public."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import inhouse
from inhouse.access.public import is_public
from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.iam.accounts import create_account
from inhouse.store import Store

ALL_ON = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def policy(bucket: str, **more: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def only(s3: Any, bucket: str, *names: str) -> None:
    """Turns on the settings named and no others."""
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(names, True)
    )


def test_new_buckets_are_blocked(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    answer = s3.get_public_access_block(Bucket=bucket)
    assert answer["PublicAccessBlockConfiguration"] == ALL_ON
    only(s3, bucket, "IgnorePublicAcls")
    answer = s3.get_public_access_block(Bucket=bucket)
    assert answer["PublicAccessBlockConfiguration"] == {
        **dict.fromkeys(ALL_ON, False),
        "IgnorePublicAcls": True,
    }
    nothing = refused(s3.put_public_access_block, Bucket=bucket, PublicAccessBlockConfiguration={})
    assert (nothing["Code"], nothing["Status"]) == ("InvalidRequest", 400)
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    missing = refused(s3.get_public_access_block, Bucket=bucket)
    assert missing["Code"] == "NoSuchPublicAccessBlockConfiguration"
    assert missing["Status"] == 404


def test_public_policies_are_refused(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    only(s3, bucket, "BlockPublicPolicy")
    answer = refused(s3.put_bucket_policy, Bucket=bucket, Policy=policy(bucket))
    assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
    assert "BlockPublicPolicy" in answer["Message"]
    assert refused(s3.get_bucket_policy, Bucket=bucket)["Code"] == "NoSuchBucketPolicy"
    inside = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, Condition=inside))


def test_a_restricted_bucket_lets_in_its_own_account_only(
    s3: Any, bucket: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket))
    assert anonymous.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    only(s3, bucket, "RestrictPublicBuckets")
    assert refused(anonymous.get_object, Bucket=bucket, Key="k")["Code"] == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    only(s3, bucket, "BlockPublicAcls")
    assert anonymous.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def second_account(data: Path) -> Any:
    """The key of another account's root user, made before a server uses the data directory."""
    house: Any = SimpleNamespace(clock=SystemClock(), ids=RandomIds())
    store = Store(data, durable=False)
    try:
        return store.write_now(lambda tx: create_account(house, tx, "210987654321", "research"))
    finally:
        store.close()


def test_a_restricted_bucket_grants_strangers_nothing_by_lists_either(
    durable_server: Callable[..., Any], tmp_path: Path, refused: Callable[..., Any]
) -> None:
    key = second_account(tmp_path / "data")
    server = durable_server()
    s3 = server.client("s3")
    guest = inhouse.session(
        server.endpoint,
        aws_access_key_id=key.principal.access_key_id,
        aws_secret_access_key=key.secret,
    ).client("s3")
    grants = {"GrantRead": f"id={guest.list_buckets()['Owner']['ID']}"}
    s3.create_bucket(Bucket="shared", ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="shared")
    s3.put_bucket_acl(Bucket="shared", **grants, GrantWrite=grants["GrantRead"])
    s3.put_object(Bucket="shared", Key="lent", Body=b"x", **grants)
    guest.put_object(Bucket="shared", Key="guests", Body=b"y", ACL="bucket-owner-full-control")
    deny = {"Effect": "Deny", "Principal": {"AWS": "210987654321"}, "Action": "s3:GetObject"}
    public = json.loads(policy("shared", Action="s3:GetObjectTagging"))
    public["Statement"].append({**deny, "Resource": "arn:aws:s3:::shared/lent"})
    s3.put_bucket_policy(Bucket="shared", Policy=json.dumps(public))
    assert refused(guest.get_object, Bucket="shared", Key="lent")["Code"] == "AccessDenied"
    assert guest.get_object(Bucket="shared", Key="guests")["Body"].read() == b"y"
    only(s3, "shared", "RestrictPublicBuckets")
    for name in ("lent", "guests"):
        assert refused(guest.get_object, Bucket="shared", Key=name)["Code"] == "AccessDenied"
    assert refused(guest.list_objects_v2, Bucket="shared")["Code"] == "AccessDenied"
    assert s3.get_object(Bucket="shared", Key="guests")["Body"].read() == b"y"


@pytest.mark.parametrize(
    ("more", "public"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["123456789012", "*"]}}, True),
        ({"Principal": {"AWS": "123456789012"}}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}, False),
        ({"Condition": {"StringEquals": {"AWS:SourceVpc": ["vpc-1", "vpc-2"]}}}, False),
        ({"Condition": {"StringLike": {"aws:SourceArn": "arn:aws:sns:*"}}}, True),
        ({"Condition": {"StringLike": {"aws:userid": "${aws:userid}"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}, True),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}}, True),
        ({"Condition": {"Null": {"aws:SourceVpc": "false"}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.1", "::/0"]}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/31"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "2a00:1450::/32"}}}, False),
    ],
)
def test_what_is_public(more: dict[str, Any], public: bool) -> None:
    assert is_public(policy("b", **more)) is public


def test_to_allow_all_but_a_few_is_public() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*"}
    assert is_public(json.dumps({"Version": "2012-10-17", "Statement": statement}))
