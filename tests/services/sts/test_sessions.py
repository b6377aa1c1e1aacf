"""STS through boto3: what sessions carry, and when they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.services.iam.asking import allow, refused
from tests.services.sts.roles import OTHER, make_role, trust
from tests.serving import ACCOUNT


def test_session_tags_need_leave_and_travel(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    both = ("sts:AssumeRole", "sts:TagSession")
    condition = {"StringEquals": {"aws:PrincipalTag/project": "atlas"}}
    untagged = make_role(iam, fresh_name("untagged"), trust(user.arn))
    one = make_role(iam, fresh_name("one"), trust(user.arn, *both), allow(*both))
    two = make_role(
        iam, fresh_name("two"), trust(one, *both), allow("iam:ListUsers", Condition=condition)
    )
    tags = {
        "Tags": [{"Key": "project", "Value": "atlas"}, {"Key": "desk", "Value": "x"}],
        "TransitiveTagKeys": ["project"],
    }
    sts = user.client("sts")
    with refused("AccessDenied", "sts:TagSession"):
        sts.assume_role(RoleArn=untagged, RoleSessionName="tags", **tags)
    first = as_session(sts.assume_role(RoleArn=one, RoleSessionName="tags", **tags), "sts")
    answer = first.assume_role(RoleArn=two, RoleSessionName="tags")
    as_session(answer, "iam").list_users()
    with refused("InvalidParameterValue", "conflicts with a transitive tag key"):
        first.assume_role(
            RoleArn=two, RoleSessionName="tags", Tags=[{"Key": "project", "Value": "other"}]
        )
    plain = as_session(sts.assume_role(RoleArn=one, RoleSessionName="tags"), "sts")
    answer = plain.assume_role(RoleArn=two, RoleSessionName="tags")
    with refused("AccessDenied"):
        as_session(answer, "iam").list_users()
    with refused("InvalidParameterValue", "must be included in the requested tags"):
        sts.assume_role(RoleArn=one, RoleSessionName="tags", TransitiveTagKeys=["missing"])


def test_a_source_identity_stays(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    both = ("sts:AssumeRole", "sts:SetSourceIdentity")
    one = make_role(iam, fresh_name("one"), trust(user.arn, *both), allow(*both))
    two = make_role(iam, fresh_name("two"), trust(one, *both))
    sts = user.client("sts")
    answer = sts.assume_role(RoleArn=one, RoleSessionName="src", SourceIdentity="ann")
    assert answer["SourceIdentity"] == "ann"
    session = as_session(answer, "sts")
    assert session.assume_role(RoleArn=two, RoleSessionName="src")["SourceIdentity"] == "ann"
    with refused("AccessDenied", "cannot change"):
        session.assume_role(RoleArn=two, RoleSessionName="src", SourceIdentity="bob")


def test_user_sessions_have_no_mfa(
    iam: Any, user: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = make_role(iam, fresh_name("role"), trust(user.arn))
    iam.put_user_policy(
        UserName=user.name, PolicyName="all", PolicyDocument=allow("iam:*", "ssm:*")
    )
    answer = user.client("sts").get_session_token(DurationSeconds=900)
    session = as_session(answer, "sts")
    assert session.get_caller_identity()["Arn"] == user.arn
    as_session(answer, "ssm").describe_parameters()
    with refused("AccessDenied", "session policy"):
        as_session(answer, "iam").list_users()
    with refused("AccessDenied", "session credentials"):
        session.get_session_token()
    session.assume_role(RoleArn=arn, RoleSessionName="night")
    with refused("ValidationError", "900"):
        user.client("sts").get_session_token(DurationSeconds=60)
    with refused("AccessDenied", "MFA"):
        user.client("sts").get_session_token(SerialNumber="x" * 9, TokenCode="123456")


def test_a_token_belongs_to_its_key(
    iam: Any, user: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = make_role(iam, fresh_name("role"), trust(user.arn))
    sts = user.client("sts")
    one = sts.assume_role(RoleArn=arn, RoleSessionName="one")["Credentials"]
    two = sts.assume_role(RoleArn=arn, RoleSessionName="two")["Credentials"]
    for token in (None, two["SessionToken"], one["SessionToken"] + "x"):
        stranger = client(
            "sts",
            aws_access_key_id=one["AccessKeyId"],
            aws_secret_access_key=one["SecretAccessKey"],
            aws_session_token=token,
        )
        with refused("InvalidClientTokenId"):
            stranger.get_caller_identity()


def test_trust_does_not_pass_to_a_namesake(
    iam: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name, role = fresh_name("friend"), fresh_name("role")
    with refused("MalformedPolicyDocument", "Invalid principal", name):
        make_role(iam, role, trust(f"arn:aws:iam::{ACCOUNT}:user/{name}"))

    def newcomer() -> Any:
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        key = iam.create_access_key(UserName=name)["AccessKey"]
        sts = client(
            "sts",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        return SimpleNamespace(arn=arn, key=key["AccessKeyId"], sts=sts)

    def trusted() -> Any:
        document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        return document["Statement"][0]["Principal"]["AWS"]

    first = newcomer()
    arn = make_role(iam, role, trust([first.arn, f"arn:aws:iam::{OTHER}:root"]))
    assert trusted() == [first.arn, f"arn:aws:iam::{OTHER}:root"]
    first.sts.assume_role(RoleArn=arn, RoleSessionName="night")
    iam.delete_access_key(UserName=name, AccessKeyId=first.key)
    iam.delete_user(UserName=name)
    second = newcomer()
    assert second.arn == first.arn
    with refused("AccessDenied", "sts:AssumeRole"):
        second.sts.assume_role(RoleArn=arn, RoleSessionName="night")
    assert trusted()[0].startswith("AIDA")


def test_an_expired_session_is_told_so(client: Callable[..., Any], expired: dict[str, Any]) -> None:
    for service, code, call in (
        ("sts", "ExpiredToken", "get_caller_identity"),
        ("ssm", "ExpiredTokenException", "describe_parameters"),
    ):
        session = client(
            service,
            aws_access_key_id=expired["id"],
            aws_secret_access_key=expired["secret"],
            aws_session_token=expired["token"],
        )
        with refused(code, "expired"):
            getattr(session, call)()


def test_the_session_of_a_deleted_role_may_do_nothing(
    client: Callable[..., Any],
    iam: Any,
    user: Any,
    as_session: Callable[..., Any],
    fresh_name: Callable[..., str],
) -> None:
    name = fresh_name("role")
    arn = make_role(iam, name, trust(user.arn), allow("iam:ListUsers"))
    answer = user.client("sts").assume_role(RoleArn=arn, RoleSessionName="night")
    session = as_session(answer, "iam")
    session.list_users()
    bucket, named = fresh_name("bucket"), as_session(answer, "s3")
    client("s3").create_bucket(Bucket=bucket)
    policy = json.loads(allow("s3:ListBucket", resource=f"arn:aws:s3:::{bucket}"))
    policy["Statement"][0]["Principal"] = {"AWS": arn}
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    named.list_objects_v2(Bucket=bucket)
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_role(RoleName=name)
    for again in range(2):
        with refused("InvalidClientTokenId"):
            session.list_users()
        with refused("InvalidAccessKeyId"):
            named.list_objects_v2(Bucket=bucket)
        if not again:  # a namesake
            make_role(iam, name, trust(user.arn), allow("iam:ListUsers"))
