"""IAM through boto3: managed and inline policies, and the simulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.iam.asking import allow, refused
from tests.serving import ACCOUNT

LAMBDA_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)


def test_managed_policies_have_five_versions(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("managed")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:GetObject"))["Policy"]["Arn"]
    with refused("EntityAlreadyExists", name):
        iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:GetObject"))
    for number in range(4):
        made = iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=allow(f"s3:Get{number}"), SetAsDefault=number == 3
        )
    assert made["PolicyVersion"]["VersionId"] == "v5"
    with refused("LimitExceeded", "5 versions"):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow("s3:GetObject"))
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v5"
    found = iam.get_policy_version(PolicyArn=arn, VersionId="v5")["PolicyVersion"]
    assert found["Document"]["Statement"][0]["Action"] == ["s3:Get3"]
    with refused("DeleteConflict", "default version"):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    with refused("DeleteConflict", "more than one version"):
        iam.delete_policy(PolicyArn=arn)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [v["VersionId"] for v in listed] == ["v5", "v4", "v3", "v2", "v1"]
    assert [v["VersionId"] for v in listed if v["IsDefaultVersion"]] == ["v1"]
    for version in ("v2", "v3", "v4", "v5"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity", arn):
        iam.get_policy(PolicyArn=arn)


def test_policies_show_their_tags(iam: Any, fresh_name: Callable[..., str]) -> None:
    managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    assert iam.get_policy(PolicyArn=managed)["Policy"]["Tags"] == []
    tags = [{"Key": "a", "Value": "lower"}, {"Key": "A", "Value": ""}]
    name = fresh_name("tagged")
    made = iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:*"), Tags=tags)["Policy"]
    assert made["Tags"] == tags
    listed = iam.list_policy_tags(PolicyArn=made["Arn"])["Tags"]
    assert [tag["Key"] for tag in listed] == ["A", "a"]
    iam.untag_policy(PolicyArn=made["Arn"], TagKeys=["a"])
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["Tags"] == tags[1:]
    with refused("InvalidInput", "Duplicate tag keys found."):
        iam.tag_policy(PolicyArn=made["Arn"], Tags=[tags[0], tags[0]])
    with refused("InvalidInput", "ARN longpolicynamebutnoarn is not valid."):
        iam.get_policy(PolicyArn="longpolicynamebutnoarn")


def test_a_policy_in_use_stays(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("used")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST, PermissionsBoundary=arn)
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    found = iam.list_entities_for_policy(PolicyArn=arn)
    assert [role["RoleName"] for role in found["PolicyRoles"]] == [name]
    with refused("DeleteConflict", "attached"):
        iam.delete_policy(PolicyArn=arn)
    with refused("DeleteConflict", "detach all policies"):
        iam.delete_role(RoleName=name)
    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    with refused("NoSuchEntity"):
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    with refused("DeleteConflict", "boundary"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName=name)
    iam.delete_policy(PolicyArn=arn)


def test_ten_managed_policies_are_enough(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("many")
    iam.create_user(UserName=name)
    arns = [p["Arn"] for p in iam.list_policies(Scope="AWS")["Policies"]][:11]
    for arn in arns[:10]:
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    with refused("LimitExceeded", "PoliciesPerUser: 10"):
        iam.attach_user_policy(UserName=name, PolicyArn=arns[10])
    held = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
    assert sorted(one["PolicyArn"] for one in held) == sorted(arns[:10])


@pytest.mark.parametrize(
    ("document", "message", "detail"),
    [
        ("{", "Syntax errors in policy.", "JSON"),
        ("[]", "Syntax errors in policy.", "expected an object"),
        (
            json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}),
            "Policy statement must contain actions.",
            "Statement[0]: it has neither Action nor NotAction",
        ),
        (
            allow("no-colon"),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            "'no-colon' is no action",
        ),
        (
            allow("s3:*", resource="bucket"),
            'Resource bucket must be in ARN format or "*".',
            "Statement[0].Resource: 'bucket' is no ARN",
        ),
    ],
)
def test_malformed_policies_are_refused(
    iam: Any, fresh_name: Callable[..., str], document: str, message: str, detail: str
) -> None:
    name = fresh_name("bad")
    iam.create_user(UserName=name)
    for put in (
        lambda: iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document),
        lambda: iam.create_policy(PolicyName=name, PolicyDocument=document),
    ):
        with pytest.raises(ClientError) as caught:
            put()
        error = caught.value.response["Error"]
        assert (error["Code"], error["Message"]) == ("MalformedPolicyDocument", message)
        assert detail in error["Detail"]


def test_inline_policies_share_a_quota(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("long")
    iam.create_user(UserName=name)
    half = allow(*[f"s3:Get{number:04d}" for number in range(80)])
    iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=half)
    iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=half)
    with refused("LimitExceeded", "2048", name):
        iam.put_user_policy(UserName=name, PolicyName="two", PolicyDocument=half)
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["one"]
    got = iam.get_user_policy(UserName=name, PolicyName="one")
    assert got["PolicyDocument"] == json.loads(half)


def test_the_simulator_says_what_would_be(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("sim")
    iam.create_user(UserName=name)
    document = allow("s3:GetObject", resource="arn:aws:s3:::press/${aws:username}/*")
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    answer = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/{name}",
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=[f"arn:aws:s3:::press/{name}/a", "arn:aws:s3:::press/other/a"],
    )["EvaluationResults"]
    assert [one["EvalDecision"] for one in answer] == [
        "allowed",
        "implicitDeny",
        "implicitDeny",
        "implicitDeny",
    ]
    matched = answer[0]["MatchedStatements"][0]
    assert (matched["SourcePolicyId"], matched["SourcePolicyType"]) == ("own", "user")
    custom = iam.simulate_custom_policy(
        PolicyInputList=[allow("sns:Publish", Condition={"Bool": {"aws:SecureTransport": "true"}})],
        ActionNames=["sns:Publish"],
    )["EvaluationResults"][0]
    assert custom["EvalDecision"] == "implicitDeny"
    assert custom["MissingContextValues"] == ["aws:SecureTransport"]
    entry = {
        "ContextKeyName": "aws:SecureTransport",
        "ContextKeyValues": ["true"],
        "ContextKeyType": "boolean",
    }
    custom = iam.simulate_custom_policy(
        PolicyInputList=[allow("sns:Publish", Condition={"Bool": {"aws:SecureTransport": "true"}})],
        PermissionsBoundaryPolicyInputList=[allow("s3:*")],
        ActionNames=["sns:Publish"],
        ContextEntries=[entry],
    )["EvaluationResults"][0]
    assert custom["EvalDecision"] == "implicitDeny"
    bounded = custom["PermissionsBoundaryDecisionDetail"]
    assert bounded == {"AllowedByPermissionsBoundary": False}
    with refused("InvalidInput", "PolicyInputList.1"):
        iam.simulate_custom_policy(PolicyInputList=["{"], ActionNames=["a:b"])
    with refused("NoSuchEntity"):
        iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/{name}x", ActionNames=["a:b"]
        )


def test_nobody_in_particular_has_no_name(iam: Any) -> None:
    own = allow("s3:*", resource="arn:aws:s3:::home/${aws:username}/*")
    asked = {"PolicyInputList": [own], "ActionNames": ["s3:GetObject"]}
    asked["ResourceArns"] = ["arn:aws:s3:::home/ann/letter"]
    (result,) = iam.simulate_custom_policy(**asked)["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MissingContextValues"] == ["aws:username"]
    ann = {
        "ContextKeyName": "aws:username",
        "ContextKeyValues": ["ann"],
        "ContextKeyType": "string",
    }
    (result,) = iam.simulate_custom_policy(**asked, ContextEntries=[ann])["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"
