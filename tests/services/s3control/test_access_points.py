"""Access points as things: made, told, listed, removed, with policies and blocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.s3control.conftest import Door, configuration
from tests.serving import ACCOUNT, REGION

OTHER = "999999999999"


def policy(arn: str, principal: Any = None, action: str = "s3:GetObject") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal or {"AWS": ACCOUNT},
        "Action": action,
        "Resource": [arn, f"{arn}/object/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def test_an_access_point_is_told_as_it_was_made(control: Any, door: Door) -> None:
    told = control.get_access_point(AccountId=ACCOUNT, Name=door.name)
    assert door.arn == f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{door.name}"
    assert door.alias.endswith("-s3alias")
    assert len(door.alias) <= 63
    assert told["Bucket"] == door.bucket
    assert told["Alias"] == door.alias
    assert told["NetworkOrigin"] == "Internet"
    assert told["BucketAccountId"] == ACCOUNT
    assert set(told["PublicAccessBlockConfiguration"].values()) == {True}
    assert told["Endpoints"]["fips_dualstack"] == (
        f"s3-accesspoint-fips.dualstack.{REGION}.amazonaws.com"
    )


@pytest.mark.parametrize("given", [{}, {"BlockPublicAcls": True}])
def test_what_a_block_leaves_out_is_off(
    control: Any, door: Door, fresh_name: Callable[..., str], given: dict[str, bool]
) -> None:
    the = {"AccountId": ACCOUNT, "Name": fresh_name("open")}
    control.create_access_point(**the, Bucket=door.bucket, PublicAccessBlockConfiguration=given)
    told = control.get_access_point(**the)["PublicAccessBlockConfiguration"]
    assert {name for name, on in told.items() if on} == set(given)


def test_listings_go_by_name_and_bucket(
    control: Any, s3: Any, fresh_name: Callable[..., str]
) -> None:
    bucket, start = fresh_name("listed"), fresh_name("door")
    s3.create_bucket(Bucket=bucket)
    names = [f"{start}-{letter}" for letter in "abc"]
    for name in reversed(names):
        control.create_access_point(AccountId=ACCOUNT, Name=name, Bucket=bucket)
    first = control.list_access_points(AccountId=ACCOUNT, Bucket=bucket, MaxResults=2)
    rest = control.list_access_points(
        AccountId=ACCOUNT, Bucket=bucket, NextToken=first["NextToken"]
    )
    found = [one["Name"] for page in (first, rest) for one in page["AccessPointList"]]
    assert found == names
    assert "NextToken" not in rest
    everything = control.list_access_points(AccountId=ACCOUNT)["AccessPointList"]
    assert set(names) <= {one["Name"] for one in everything}


def test_what_is_removed_is_gone(
    control: Any, s3: Any, door: Door, refused: Callable[..., Any]
) -> None:
    control.delete_access_point(AccountId=ACCOUNT, Name=door.name)
    for operation in (control.get_access_point, control.delete_access_point):
        answer = refused(operation, AccountId=ACCOUNT, Name=door.name)
        assert (answer["Code"], answer["Status"]) == ("NoSuchAccessPoint", 404)
    assert refused(s3.get_object, Bucket=door.alias, Key="a")["Code"] == "NoSuchAccessPoint"


def test_a_bucket_stays_as_long_as_it_has_access_points(
    control: Any, s3: Any, door: Door, refused: Callable[..., Any]
) -> None:
    s3.delete_object(Bucket=door.bucket, Key="a/b c.txt")
    answer = refused(s3.delete_bucket, Bucket=door.bucket)
    assert (answer["Code"], answer["Status"]) == ("BucketHasAccessPointsAttached", 400)
    control.delete_access_point(AccountId=ACCOUNT, Name=door.name)
    s3.delete_bucket(Bucket=door.bucket)
    assert refused(s3.head_bucket, Bucket=door.bucket)["Status"] == 404


@pytest.mark.parametrize(
    "name", ["x" * 51, "Upper", "under_score", "-a-b", "ab-", "xn--ab", "a.b.c"]
)
def test_names_have_rules(control: Any, door: Door, refused: Callable[..., Any], name: str) -> None:
    answer = refused(control.create_access_point, AccountId=ACCOUNT, Name=name, Bucket=door.bucket)
    assert (answer["Code"], answer["Status"]) == ("InvalidURI", 400)
    assert answer["URI"] == f"accesspoint/{name}"
    assert "3 to 50 lower case letters" in answer["Detail"]


def test_what_cannot_be_made(
    control: Any, s3: Any, door: Door, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    make, name = control.create_access_point, fresh_name("new")
    taken = refused(make, AccountId=ACCOUNT, Name=door.name, Bucket=door.bucket)
    assert (taken["Code"], taken["Status"]) == ("AccessPointAlreadyOwnedByYou", 409)
    nowhere = refused(make, AccountId=ACCOUNT, Name=name, Bucket=fresh_name("nowhere"))
    assert (nowhere["Code"], nowhere["Status"]) == ("InvalidRequest", 400)
    assert nowhere["Message"].endswith("can only be created for existing bucket")
    foreign = refused(make, AccountId=ACCOUNT, Name=name, Bucket=door.bucket, BucketAccountId=OTHER)
    assert foreign["Code"] == "AccessDenied"
    for member, value in (("VpcConfiguration", {"VpcId": "vpc-1"}), ("Scope", {"Prefixes": ["a"]})):
        other = refused(make, AccountId=ACCOUNT, Name=name, Bucket=door.bucket, **{member: value})
        assert (other["Code"], other["Status"]) == ("NotImplemented", 501)
        assert member in other["Message"]
    others = refused(make, AccountId=OTHER, Name=name, Bucket=door.bucket)
    assert others["Code"] == "AccessDenied"
    s3.create_bucket(Bucket=f"{name}-{ACCOUNT}")
    shadow = refused(make, AccountId=ACCOUNT, Name=name, Bucket=door.bucket)
    assert shadow["Code"] == "InvalidRequest"
    assert f"{name}-{ACCOUNT}" in shadow["Message"]


def test_nobody_takes_the_host_of_an_access_point(
    s3: Any, door: Door, refused: Callable[..., Any]
) -> None:
    answer = refused(s3.create_bucket, Bucket=f"{door.name}-{ACCOUNT}")
    assert (answer["Code"], answer["Status"]) == ("BucketAlreadyExists", 409)


def test_policies_are_kept_checked_and_dropped(
    control: Any, door: Door, refused: Callable[..., Any]
) -> None:
    the = {"AccountId": ACCOUNT, "Name": door.name}
    none = refused(control.get_access_point_policy, **the)
    assert (none["Code"], none["Status"]) == ("NoSuchAccessPointPolicy", 404)
    control.put_access_point_policy(**the, Policy=policy(door.arn))
    assert json.loads(control.get_access_point_policy(**the)["Policy"]) == json.loads(
        policy(door.arn)
    )
    status = control.get_access_point_policy_status(**the)["PolicyStatus"]
    assert status["IsPublic"] is False
    for bad in ("{", policy("arn:aws:s3:::other"), policy(door.arn, action="iam:ListUsers")):
        answer = refused(control.put_access_point_policy, **the, Policy=bad)
        assert (answer["Code"], answer["Status"]) == ("MalformedPolicy", 400)
    public = refused(control.put_access_point_policy, **the, Policy=policy(door.arn, "*"))
    assert (public["Code"], public["Status"]) == ("AccessDenied", 403)
    assert "BlockPublicPolicy" in public["Message"]
    control.delete_access_point_policy(**the)
    assert refused(control.get_access_point_policy, **the)["Code"] == "NoSuchAccessPointPolicy"


def test_object_lambda_access_points(
    control: Any, door: Door, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("ol")
    the = {"AccountId": ACCOUNT, "Name": name}
    wanted = configuration(door.arn, AllowedFeatures=["GetObject-Range"])
    made = control.create_access_point_for_object_lambda(**the, Configuration=wanted)
    arn = f"arn:aws:s3-object-lambda:{REGION}:{ACCOUNT}:accesspoint/{name}"
    assert made["ObjectLambdaAccessPointArn"] == arn
    assert made["Alias"]["Status"] == "READY"
    assert made["Alias"]["Value"].endswith("--ol-s3")
    told = control.get_access_point_for_object_lambda(**the)
    assert (told["Name"], told["Alias"]) == (name, made["Alias"])
    kept = control.get_access_point_configuration_for_object_lambda(**the)["Configuration"]
    assert kept == {**wanted, "CloudWatchMetricsEnabled": False}
    other = configuration(door.arn, "HeadObject", CloudWatchMetricsEnabled=True)
    control.put_access_point_configuration_for_object_lambda(**the, Configuration=other)
    kept = control.get_access_point_configuration_for_object_lambda(**the)["Configuration"]
    assert kept == {**other, "AllowedFeatures": []}
    every = control.list_access_points_for_object_lambda(AccountId=ACCOUNT)
    assert arn in {
        one["ObjectLambdaAccessPointArn"] for one in every["ObjectLambdaAccessPointList"]
    }
    own = policy(arn, action="s3-object-lambda:GetObject")
    control.put_access_point_policy_for_object_lambda(**the, Policy=own)
    assert control.get_access_point_policy_for_object_lambda(**the)["Policy"] == own
    status = control.get_access_point_policy_status_for_object_lambda(**the)
    assert status["PolicyStatus"] == {"IsPublic": False}
    wrong = refused(control.put_access_point_policy_for_object_lambda, **the, Policy=policy(arn))
    assert wrong["Code"] == "MalformedPolicy"
    control.delete_access_point_policy_for_object_lambda(**the)
    control.delete_access_point_for_object_lambda(**the)
    gone = refused(control.get_access_point_for_object_lambda, **the)
    assert (gone["Code"], gone["Status"]) == ("NoSuchAccessPoint", 404)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"SupportingAccessPoint": "arn:aws:s3:::bucket"}, "SupportingAccessPoint"),
        (
            {"SupportingAccessPoint": f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/door"},
            "eu-west-1",
        ),
        ({"AllowedFeatures": ["PutObject-Range"]}, "PutObject-Range"),
        ({"TransformationConfigurations": []}, "TransformationConfigurations"),
    ],
)
def test_configurations_are_checked(
    control: Any,
    door: Door,
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
    change: dict[str, Any],
    told: str,
) -> None:
    answer = refused(
        control.create_access_point_for_object_lambda,
        AccountId=ACCOUNT,
        Name=fresh_name("ol"),
        Configuration={**configuration(door.arn), **change},
    )
    assert answer["Status"] == 400
    assert told in answer["Message"]


def test_an_action_is_transformed_once(
    control: Any, door: Door, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    wanted = configuration(door.arn)
    wanted["TransformationConfigurations"] *= 2
    answer = refused(
        control.create_access_point_for_object_lambda,
        AccountId=ACCOUNT,
        Name=fresh_name("ol"),
        Configuration=wanted,
    )
    assert answer["Code"] == "InvalidRequest"
    assert "'GetObject'" in answer["Message"]


def test_the_block_of_an_account(control: Any, refused: Callable[..., Any]) -> None:
    the = {"AccountId": ACCOUNT}
    none = refused(control.get_public_access_block, **the)
    assert (none["Code"], none["Status"]) == ("NoSuchPublicAccessBlockConfiguration", 404)
    empty = refused(control.put_public_access_block, **the, PublicAccessBlockConfiguration={})
    assert (empty["Code"], empty["Status"]) == ("InvalidRequest", 400)
    control.put_public_access_block(
        **the, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}
    )
    try:
        kept = control.get_public_access_block(**the)["PublicAccessBlockConfiguration"]
        assert {name for name, on in kept.items() if on} == {"BlockPublicPolicy"}
    finally:
        gone = control.delete_public_access_block(**the)
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(control.get_public_access_block, AccountId=OTHER)["Code"] == "AccessDenied"


def test_an_accounts_block_covers_its_buckets(
    control: Any, s3: Any, refused: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    bucket = fresh_name("public")
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    public = json.dumps({"Version": "2012-10-17", "Statement": statement})
    on = {"BlockPublicPolicy": True}
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=on)
    try:
        answer = refused(s3.put_bucket_policy, Bucket=bucket, Policy=public)
        assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
    finally:
        control.delete_public_access_block(AccountId=ACCOUNT)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
