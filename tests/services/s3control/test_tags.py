"""Tags of access points, and policies that ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.s3control.conftest import Door, configuration
from tests.serving import ACCOUNT

OTHER = "999999999999"


def pairs(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_tags_are_kept_changed_and_taken_away(
    control: Any, door: Door, fresh_name: Callable[..., str]
) -> None:
    made = control.create_access_point(
        AccountId=ACCOUNT,
        Name=fresh_name("d"),
        Bucket=door.bucket,
        Tags=pairs(team="vision", a="1"),
    )
    the = {"AccountId": ACCOUNT, "ResourceArn": made["AccessPointArn"]}
    assert control.list_tags_for_resource(**the)["Tags"] == pairs(team="vision", a="1")
    control.tag_resource(**the, Tags=pairs(a="2", größe="256 x 256"))
    control.untag_resource(**the, TagKeys=["team", "none"])
    assert control.list_tags_for_resource(**the)["Tags"] == pairs(a="2", größe="256 x 256")
    untagged = {"AccountId": ACCOUNT, "ResourceArn": door.arn}
    assert control.list_tags_for_resource(**untagged)["Tags"] == []


@pytest.mark.parametrize(
    ("tags", "code", "told"),
    [
        (pairs(**{"aws:x": "1"}), "InvalidTag", "aws:"),
        (pairs(**{"a*": "1"}), "InvalidTag", "valid"),
        (pairs(a="<"), "InvalidTag", "valid"),
        ([*pairs(a="1"), *pairs(a="2")], "InvalidTag", "duplicate"),
        (pairs(**{f"k{n}": "" for n in range(51)}), "BadRequest", "50"),
    ],
)
def test_tags_that_cannot_be(
    control: Any, door: Door, refused: Callable[..., Any], tags: Any, code: str, told: str
) -> None:
    answer = refused(control.tag_resource, AccountId=ACCOUNT, ResourceArn=door.arn, Tags=tags)
    assert (answer["Code"], answer["Status"]) == (code, 400)
    assert told in answer["Message"]


def test_what_has_no_tags_here(control: Any, door: Door, refused: Callable[..., Any]) -> None:
    for arn, code in (
        (f"{door.arn}x", "NoSuchResource"),
        (f"arn:aws:s3:::{door.bucket}", "NotImplemented"),
        ("arn:aws:s3:us-east-1:123456789012:job/1", "InvalidRequest"),
        (door.arn.replace(ACCOUNT, OTHER), "AccessDenied"),
    ):
        answer = refused(control.list_tags_for_resource, AccountId=ACCOUNT, ResourceArn=arn)
        assert answer["Code"] == code, arn
    answer = refused(control.list_tags_for_resource, AccountId=OTHER, ResourceArn=door.arn)
    assert answer["Code"] == "InvalidRequest"


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "s3:AccessPointTag/team"])
def test_policies_ask_for_tags(
    control: Any, door: Door, visitor: Callable[..., Any], refused: Callable[..., Any], key: str
) -> None:
    allow = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"{door.arn}/object/*",
        "Condition": {"StringEquals": {key: "vision"}},
    }
    guest = visitor(allow)
    read = {"Bucket": door.alias, "Key": "a/b c.txt"}
    assert refused(guest.get_object, **read)["Code"] == "AccessDenied"
    control.tag_resource(AccountId=ACCOUNT, ResourceArn=door.arn, Tags=pairs(team="vision"))
    assert guest.get_object(**read)["Body"].read() == b"hello"


@pytest.mark.parametrize("key", ["aws:ResourceTag/protected", "s3:AccessPointTag/protected"])
def test_policies_protect_what_is_tagged(
    control: Any,
    door: Door,
    visitor: Callable[..., Any],
    refused: Callable[..., Any],
    key: str,
) -> None:
    deny = {
        "Effect": "Deny",
        "Action": ["s3:DeleteAccessPoint", "s3:UntagResource"],
        "Resource": "*",
        "Condition": {"StringEquals": {key: "true"}},
    }
    guest = visitor({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, deny).control
    tagged = {"AccountId": ACCOUNT, "ResourceArn": door.arn}
    guest.tag_resource(**tagged, Tags=pairs(protected="true"))
    answer = refused(guest.untag_resource, **tagged, TagKeys=["protected"])
    assert answer["Code"] == "AccessDenied"
    the = {"AccountId": ACCOUNT, "Name": door.name}
    assert refused(guest.delete_access_point, **the)["Code"] == "AccessDenied"
    control.untag_resource(**tagged, TagKeys=["protected"])
    guest.delete_access_point(**the)


def test_policies_name_object_lambda_access_points_by_condition(
    control: Any,
    door: Door,
    visitor: Callable[..., Any],
    refused: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    the = {"AccountId": ACCOUNT, "Name": fresh_name("lens")}
    made = control.create_access_point_for_object_lambda(
        **the, Configuration=configuration(door.arn)
    )
    deny = {
        "Effect": "Deny",
        "Action": "s3:DeleteAccessPointForObjectLambda",
        "Resource": "*",
        "Condition": {"ArnEquals": {"s3:DataAccessPointArn": made["ObjectLambdaAccessPointArn"]}},
    }
    guest = visitor({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, deny).control
    remove = guest.delete_access_point_for_object_lambda
    assert refused(remove, **the)["Code"] == "AccessDenied"
