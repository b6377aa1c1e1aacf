"""Condition keys as requests bring them, through boto3."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from tests.services.iam.asking import allow, refused
from tests.services.sts.roles import trust


def test_a_referer_may_be_asked_for(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("reader")
    iam.create_user(UserName=name)
    condition = {"StringLike": {"aws:Referer": "https://press.example/*"}}
    document = allow("iam:ListUsers", Condition=condition)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    for referer, expected in (
        ("https://press.example/today", contextlib.nullcontext()),
        ("https://elsewhere.example/", refused("AccessDenied")),
    ):
        own = as_user(name, "iam")
        own.meta.events.register(
            "before-sign.iam",
            lambda request, referer=referer, **_: request.headers.add_header("Referer", referer),
        )
        with expected:
            own.list_users()


def test_tags_of_users_decide_about_them(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    desk, boss = fresh_name("desk"), fresh_name("boss")
    news, sport = fresh_name("news"), fresh_name("sport")
    iam.create_user(UserName=boss)
    iam.create_user(UserName=news, Tags=[{"Key": "desk", "Value": desk}])
    iam.create_user(UserName=sport)
    condition = {"StringEquals": {"iam:ResourceTag/desk": desk}}
    document = allow("iam:GetUser", "iam:TagUser", Condition=condition)
    iam.put_user_policy(UserName=boss, PolicyName="p", PolicyDocument=document)
    own = as_user(boss, "iam")
    assert own.get_user(UserName=news)["User"]["UserName"] == news
    with refused("AccessDenied", sport):
        own.get_user(UserName=sport)


def test_tags_of_a_request_decide_about_it(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    maker, made = fresh_name("maker"), fresh_name("made")
    iam.create_user(UserName=maker)
    condition = {
        "StringEquals": {"aws:RequestTag/desk": ["news", "sport"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["desk"]},
    }
    document = allow("iam:CreateUser", "iam:TagUser", Condition=condition)
    iam.put_user_policy(UserName=maker, PolicyName="p", PolicyDocument=document)
    own = as_user(maker, "iam")
    desk = {"Key": "desk", "Value": "news"}
    for tags in ([], [{"Key": "desk", "Value": "food"}], [desk, {"Key": "cost", "Value": "1"}]):
        with refused("AccessDenied", "iam:CreateUser"):
            own.create_user(UserName=made, Tags=tags)
    own.create_user(UserName=made, Tags=[desk])


@pytest.mark.parametrize(
    ("operation", "tagging", "arguments"),
    [
        ("create_user", "iam:TagUser", {"UserName": "{}"}),
        ("create_role", "iam:TagRole", {"RoleName": "{}", "AssumeRolePolicyDocument": trust("*")}),
        ("create_policy", "iam:TagPolicy", {"PolicyName": "{}", "PolicyDocument": allow("s3:*")}),
        ("create_instance_profile", "iam:TagInstanceProfile", {"InstanceProfileName": "{}"}),
        ("create_virtual_mfa_device", "iam:TagMFADevice", {"VirtualMFADeviceName": "{}"}),
        (
            "create_open_id_connect_provider",
            "iam:TagOpenIDConnectProvider",
            {"Url": "https://{}.example"},
        ),
    ],
)
def test_what_is_made_with_tags_needs_the_right_to_tag(
    iam: Any,
    as_user: Callable[..., Any],
    fresh_name: Callable[..., str],
    operation: str,
    tagging: str,
    arguments: dict[str, str],
) -> None:
    maker, made = fresh_name("maker"), fresh_name("made")
    iam.create_user(UserName=maker)
    iam.put_user_policy(UserName=maker, PolicyName="make", PolicyDocument=allow("iam:Create*"))
    named = {member: text.replace("{}", made) for member, text in arguments.items()}
    create = getattr(as_user(maker, "iam"), operation)
    tags = [{"Key": "desk", "Value": "news"}]
    with refused("AccessDenied", tagging, made):
        create(**named, Tags=tags)
    iam.put_user_policy(UserName=maker, PolicyName="tag", PolicyDocument=allow(tagging))
    create(**named, Tags=tags)


def test_who_names_nothing_needs_the_right_too(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("nosy")
    iam.create_user(UserName=name)
    own = as_user(name, "ssm", config=Config(parameter_validation=False))
    with refused("AccessDeniedException", "ssm:GetParameters"):
        own.get_parameters(Names=[])
