"""STS through boto3: who one is, and whose role one may assume."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.services.iam.asking import allow, refused
from tests.services.sts.roles import OTHER, make_role, trust
from tests.serving import ACCOUNT


def test_everybody_learns_who_they_are(user: Any, other: Callable[[str], Any]) -> None:
    who = user.client("sts").get_caller_identity()
    assert (who["Arn"], who["Account"]) == (user.arn, ACCOUNT)
    assert who["UserId"].startswith("AIDA")
    root = other("sts").get_caller_identity()
    assert (root["Arn"], root["UserId"]) == (f"arn:aws:iam::{OTHER}:root", OTHER)


def test_a_role_gives_its_rights_and_only_those(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("role")
    arn = make_role(iam, name, trust(user.arn), allow("iam:ListUsers"))
    answer = user.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/night"
    left = answer["Credentials"]["Expiration"] - datetime.now(UTC)
    assert 3500 < left.total_seconds() <= 3600
    who = as_session(answer, "sts").get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    session = as_session(answer, "iam")
    session.list_users()
    with refused("AccessDenied", "assumed-role", "iam:ListRoles"):
        session.list_roles()
    with refused("AccessDenied"):
        user.client("iam").list_users()
    assert iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]["Region"] == "us-east-1"


def test_trust_decides(
    iam: Any, user: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    closed = make_role(iam, fresh_name("closed"), trust(f"arn:aws:iam::{OTHER}:root"))
    with refused("AccessDenied", "sts:AssumeRole", closed):
        client("sts").assume_role(RoleArn=closed, RoleSessionName="night")
    account = make_role(iam, fresh_name("account"), trust(ACCOUNT))
    with refused("AccessDenied"):
        user.client("sts").assume_role(RoleArn=account, RoleSessionName="night")
    iam.put_user_policy(
        UserName=user.name, PolicyName="p", PolicyDocument=allow("sts:AssumeRole", resource=account)
    )
    user.client("sts").assume_role(RoleArn=account, RoleSessionName="night")
    with refused("AccessDenied"):
        client("sts").assume_role(RoleArn=account + "x", RoleSessionName="night")


def test_nobody_assumes_a_role_unsigned(
    iam: Any, client: Callable[..., Any], user: Any, fresh_name: Callable[..., str]
) -> None:
    open_to_all = make_role(iam, fresh_name("open"), trust("*"))
    user.client("sts").assume_role(RoleArn=open_to_all, RoleSessionName="night")
    unsigned = boto3.client(
        "sts",
        endpoint_url=client("sts").meta.endpoint_url,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    with refused("MissingAuthenticationToken", "AssumeRole"):
        unsigned.assume_role(RoleArn=open_to_all, RoleSessionName="night")


def test_across_accounts_both_sides_must_agree(
    iam: Any,
    user: Any,
    other: Callable[[str], Any],
    as_session: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    theirs = other("iam")
    external = {"StringEquals": {"sts:ExternalId": "deal:1"}}
    arn = make_role(theirs, fresh_name("guest"), trust(ACCOUNT, **external), allow("iam:ListUsers"))
    sts = user.client("sts")
    with refused("AccessDenied", "identity-based policy"):
        sts.assume_role(RoleArn=arn, RoleSessionName="visit", ExternalId="deal:1")
    document = allow("sts:AssumeRole", resource=arn)
    iam.put_user_policy(UserName=user.name, PolicyName="p", PolicyDocument=document)
    for wrong in ({}, {"ExternalId": "deal:2"}):
        with refused("AccessDenied", "trust policy"):
            sts.assume_role(RoleArn=arn, RoleSessionName="visit", **wrong)
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="visit", ExternalId="deal:1")
    session = as_session(answer, "iam")
    assert as_session(answer, "sts").get_caller_identity()["Account"] == OTHER
    assert user.name not in [one["UserName"] for one in session.list_users()["Users"]]
    with refused("AccessDenied", "root"):
        other("sts").assume_role(RoleArn=arn, RoleSessionName="visit", ExternalId="deal:1")


def test_a_session_policy_narrows(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = make_role(iam, fresh_name("wide"), trust(user.arn), allow("iam:*"))
    sts = user.client("sts")
    answer = sts.assume_role(
        RoleArn=arn, RoleSessionName="narrow", Policy=allow("iam:ListUsers", "s3:*")
    )
    assert 0 < answer["PackedPolicySize"] <= 100
    session = as_session(answer, "iam")
    session.list_users()
    with refused("AccessDenied", "session policy"):
        session.list_roles()
    named = sts.assume_role(
        RoleArn=arn,
        RoleSessionName="named",
        PolicyArns=[{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}],
    )
    session = as_session(named, "iam")
    session.list_roles()
    with refused("AccessDenied"):
        session.create_group(GroupName="no")
    with refused("MalformedPolicyDocument"):
        sts.assume_role(RoleArn=arn, RoleSessionName="bad", Policy="{}")
    long = allow(*[f"s3:Get{number:05d}" for number in range(200)])
    with refused("PackedPolicyTooLarge", "%"):
        sts.assume_role(RoleArn=arn, RoleSessionName="long", Policy=long)
    with refused("ValidationError", "policy/none"):
        sts.assume_role(
            RoleArn=arn,
            RoleSessionName="none",
            PolicyArns=[{"arn": "arn:aws:iam::aws:policy/none"}],
        )


def test_durations_have_limits(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    first, second = fresh_name("first"), fresh_name("second")
    one = make_role(iam, first, trust(user.arn), allow("sts:AssumeRole"), MaxSessionDuration=7200)
    two = make_role(iam, second, trust(one), MaxSessionDuration=43200)
    sts = user.client("sts")
    for seconds, word in ((899, "900"), (43201, "43200")):
        with refused("ValidationError", word):
            sts.assume_role(RoleArn=one, RoleSessionName="time", DurationSeconds=seconds)
    with pytest.raises(ClientError) as raised:
        sts.assume_role(RoleArn=one, RoleSessionName="time", DurationSeconds=7201)
    error: Any = raised.value.response["Error"]
    assert error["Message"] == (
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    )
    assert error["Detail"] == "7201 is more than 7200."
    answer = sts.assume_role(RoleArn=one, RoleSessionName="time", DurationSeconds=7200)
    chained = as_session(answer, "sts")
    with refused("ValidationError", "role chaining"):
        chained.assume_role(RoleArn=two, RoleSessionName="time", DurationSeconds=3601)
    chained.assume_role(RoleArn=two, RoleSessionName="time", DurationSeconds=3600)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"RoleSessionName": "a"}, "roleSessionName"),
        ({"RoleSessionName": "with space"}, "roleSessionName"),
        ({"RoleArn": "no arn of a role at all"}, "no arn of a role at all is invalid"),
        ({"RoleArn": "arn:a:a::aaaaaaaaaa:"}, "is invalid"),
        ({"RoleArn": "arn::iam::1:role/test-role"}, "is invalid"),
        ({"ExternalId": "ü!"}, "externalId"),
        ({"SourceIdentity": "s p"}, "sourceIdentity"),
    ],
)
def test_bad_requests_name_the_member(
    iam: Any, client: Callable[..., Any], fresh_name: Callable[..., str], wrong: Any, word: str
) -> None:
    arn = make_role(iam, fresh_name("open"), trust(ACCOUNT))
    with refused("ValidationError", word):
        client("sts").assume_role(**{"RoleArn": arn, "RoleSessionName": "good", **wrong})


def test_the_account_of_a_key(client: Callable[..., Any], two: Any) -> None:
    key_id = two[1].principal.access_key_id
    assert client("sts").get_access_key_info(AccessKeyId=key_id)["Account"] == OTHER
    with refused("ValidationError", "AKIAAAAAAAAAAAAAAAAA"):
        client("sts").get_access_key_info(AccessKeyId="AKIAAAAAAAAAAAAAAAAA")
