"""Condition keys as requests bring them, through boto3."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tests.services.iam.asking import allow, refused


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
    document = allow("iam:CreateUser", Condition=condition)
    iam.put_user_policy(UserName=maker, PolicyName="p", PolicyDocument=document)
    own = as_user(maker, "iam")
    desk = {"Key": "desk", "Value": "news"}
    for tags in ([], [{"Key": "desk", "Value": "food"}], [desk, {"Key": "cost", "Value": "1"}]):
        with refused("AccessDenied", "iam:CreateUser"):
            own.create_user(UserName=made, Tags=tags)
    own.create_user(UserName=made, Tags=[desk])
