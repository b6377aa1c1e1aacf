"""STS through boto3: federated users."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.iam.asking import allow, refused
from tests.services.sts.roles import OTHER
from tests.serving import ACCOUNT


@pytest.fixture
def broker(iam: Any, user: Any) -> Any:
    """A user that may make federated users, and more."""
    document = allow("sts:GetFederationToken", "sts:TagSession", "ssm:*", "iam:*")
    iam.put_user_policy(UserName=user.name, PolicyName="broker", PolicyDocument=document)
    return user


def test_a_federated_user_has_what_both_sides_allow(
    broker: Any, as_session: Callable[..., Any]
) -> None:
    answer = broker.client("sts").get_federation_token(
        Name="guest", Policy=allow("ssm:DescribeParameters", "sns:*", "iam:*"), DurationSeconds=900
    )
    assert answer["FederatedUser"] == {
        "FederatedUserId": f"{ACCOUNT}:guest",
        "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/guest",
    }
    assert answer["PackedPolicySize"] > 0
    as_session(answer, "ssm").describe_parameters()
    with refused("AuthorizationError", "federated-user/guest"):  # the broker may not
        as_session(answer, "sns").list_topics()
    with refused("AccessDeniedException", "session policy"):  # the session may not
        as_session(answer, "ssm").get_parameter(Name="x")
    with refused("AccessDenied", "explicit deny"):
        as_session(answer, "iam").list_users()
    who = as_session(answer, "sts").get_caller_identity()
    assert who["Arn"] == answer["FederatedUser"]["Arn"]
    assert who["UserId"] == f"{ACCOUNT}:guest"


def test_without_a_policy_only_resources_let_a_federated_user_in(
    broker: Any, client: Any, as_session: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    answer = broker.client("sts").get_federation_token(Name="plain")
    assert answer["PackedPolicySize"] == 0
    with refused("AccessDeniedException"):
        as_session(answer, "ssm").describe_parameters()
    bucket = fresh_name("bucket")
    client("s3").create_bucket(Bucket=bucket)
    policy = json.loads(allow("s3:ListBucket", resource=f"arn:aws:s3:::{bucket}"))
    policy["Statement"][0]["Principal"] = {"AWS": answer["FederatedUser"]["Arn"]}
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    as_session(answer, "s3").list_objects_v2(Bucket=bucket)


def test_tags_of_a_federated_user_count(broker: Any, as_session: Callable[..., Any]) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/desk": "news"}}
    policy = allow("ssm:DescribeParameters", Condition=condition)
    sts = broker.client("sts")
    tags = [{"Key": "desk", "Value": "news"}]
    tagged = sts.get_federation_token(Name="tagged", Policy=policy, Tags=tags)
    as_session(tagged, "ssm").describe_parameters()
    other = sts.get_federation_token(Name="tagged", Policy=policy)
    with refused("AccessDeniedException"):
        as_session(other, "ssm").describe_parameters()


def test_a_root_user_can_federate_within_its_policy(
    other: Callable[[str], Any], as_session: Callable[..., Any]
) -> None:
    answer = other("sts").get_federation_token(Name="guest", Policy=allow("ssm:*"))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{OTHER}:federated-user/guest"
    as_session(answer, "ssm").describe_parameters()
    with refused("AuthorizationError"):
        as_session(answer, "sns").list_topics()


def test_who_may_not_federate(
    user: Any, broker: Any, client: Any, iam: Any, as_session: Callable[..., Any]
) -> None:
    sts = broker.client("sts")
    session = as_session(sts.get_session_token(), "sts")
    with refused("AccessDenied"):
        session.get_federation_token(Name="guest")
    with refused("ValidationError", "'name'"):
        sts.get_federation_token(Name="x" * 33)
    with refused("MalformedPolicyDocument"):
        sts.get_federation_token(Name="guest", Policy="{}")
    iam.delete_user_policy(UserName=user.name, PolicyName="broker")
    with refused("AccessDenied", "federated-user/guest"):
        sts.get_federation_token(Name="guest")
