"""IAM through boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
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


def allow(*actions: str, resource: Any = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def refused(code: str, *words: str) -> Any:
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    for word in words:
        assert word in error["Message"], error


@pytest.fixture
def iam(client: Callable[..., Any]) -> Any:
    return client("iam", config=Config(parameter_validation=False, retries={"max_attempts": 0}))


@pytest.fixture
def as_user(client: Callable[..., Any], iam: Any) -> Callable[..., Any]:
    """Clients of a user with a new access key: `as_user("ann", "sts")`."""

    def make(name: str, service: str) -> Any:
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(
            service,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return make


def test_a_user_lives(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("Ann")
    made = iam.create_user(UserName=name, Path="/press/", Tags=[{"Key": "desk", "Value": "news"}])
    assert made["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/press/{name}"
    assert made["User"]["UserId"].startswith("AIDA")
    got = iam.get_user(UserName=name.lower())["User"]
    assert got["UserName"] == name
    assert got["Tags"] == [{"Key": "desk", "Value": "news"}]
    with refused("EntityAlreadyExists", name.upper()):
        iam.create_user(UserName=name.upper())
    assert [u["UserName"] for u in iam.list_users(PathPrefix="/press/")["Users"]].count(name) == 1
    iam.update_user(UserName=name, NewPath="/print/", NewUserName=name + "2")
    assert iam.get_user(UserName=name + "2")["User"]["UserId"] == got["UserId"]
    with refused("NoSuchEntity", name):
        iam.get_user(UserName=name)
    iam.delete_user(UserName=name + "2")
    with refused("NoSuchEntity"):
        iam.delete_user(UserName=name + "2")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ({"UserName": "no spaces"}, "ValidationError", "no spaces"),
        ({"UserName": "x" * 65}, "ValidationError", "64"),
        ({"UserName": "ok", "Path": "/open"}, "ValidationError", "/open"),
        ({"UserName": "ok", "Tags": [{"Key": "aws:x", "Value": ""}]}, "ValidationError", "aws:"),
        (
            {"UserName": "ok", "Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]},
            "InvalidInput",
            "twice",
        ),
        (
            {"UserName": "ok", "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/no"},
            "NoSuchEntity",
            "policy/no",
        ),
    ],
)
def test_bad_users_are_refused(iam: Any, arguments: Any, code: str, word: str) -> None:
    with refused(code, word):
        iam.create_user(**arguments)


def test_pages_hold_everybody_once(iam: Any, fresh_name: Callable[..., str]) -> None:
    path = f"/{fresh_name('page')}/"
    names = [fresh_name("u") for _ in range(5)]
    for name in names:
        iam.create_user(UserName=name, Path=path)
    pages = list(
        iam.get_paginator("list_users").paginate(PathPrefix=path, PaginationConfig={"PageSize": 2})
    )
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert sorted(user["UserName"] for page in pages for user in page["Users"]) == sorted(names)
    with refused("InvalidInput", "Marker"):
        iam.list_users(Marker="x")
    with refused("ValidationError", "MaxItems"):
        iam.list_users(MaxItems=1001)


def test_keys_are_two_and_work_while_active(
    iam: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("key")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    iam.create_access_key(UserName=name)
    with refused("LimitExceeded", "AccessKeysPerUser: 2"):
        iam.create_access_key(UserName=name)
    with refused("DeleteConflict", "access keys"):
        iam.delete_user(UserName=name)
    sts = client(
        "sts",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert sts.get_caller_identity()["Arn"].endswith(f"user/{name}")
    assert "SecretAccessKey" not in str(iam.list_access_keys(UserName=name))
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    with refused("InvalidClientTokenId"):
        sts.get_caller_identity()
    with refused("NoSuchEntity"):
        iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Active")


def test_the_last_use_of_a_key_is_told(
    durable_server: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    server = durable_server()
    iam = server.client("iam")
    name = fresh_name("last")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    unused = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert unused["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    server.client(
        "sts",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        region_name="eu-central-1",
    ).get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == name
    told = used["AccessKeyLastUsed"]
    assert (told["ServiceName"], told["Region"]) == ("sts", "eu-central-1")
    server.stop()
    iam = durable_server().client("iam")
    again = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert again["AccessKeyLastUsed"] == told


def test_policies_take_effect_at_once(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name, group = fresh_name("ann"), fresh_name("desk")
    iam.create_user(UserName=name)
    own = as_user(name, "iam")
    with refused("AccessDenied", "iam:ListGroups", f"arn:aws:iam::{ACCOUNT}:group/", name):
        own.list_groups()
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=allow("iam:ListGroups"))
    own.list_groups()
    iam.delete_user_policy(UserName=name, PolicyName="p")
    with refused("AccessDenied"):
        own.list_groups()
    iam.create_group(GroupName=group)
    iam.attach_group_policy(GroupName=group, PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    iam.add_user_to_group(GroupName=group, UserName=name)
    own.list_groups()
    iam.put_user_permissions_boundary(
        UserName=name, PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3FullAccess"
    )
    with refused("AccessDenied", "permissions boundary"):
        own.list_groups()
    iam.delete_user_permissions_boundary(UserName=name)
    own.list_groups()
    iam.remove_user_from_group(GroupName=group, UserName=name)
    with refused("AccessDenied"):
        own.list_groups()


def test_paths_count_in_authorization(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    chief, inside, outside = fresh_name("chief"), fresh_name("in"), fresh_name("out")
    iam.create_user(UserName=chief)
    iam.create_user(UserName=inside, Path="/press/")
    iam.create_user(UserName=outside)
    document = allow("iam:*", resource=f"arn:aws:iam::{ACCOUNT}:user/press/*")
    iam.put_user_policy(UserName=chief, PolicyName="p", PolicyDocument=document)
    own = as_user(chief, "iam")
    own.get_user(UserName=inside.upper())
    with refused("AccessDenied", f"user/{outside}"):
        own.get_user(UserName=outside)
    own.create_user(UserName=fresh_name("new"), Path="/press/")
    with refused("AccessDenied"):
        own.create_user(UserName=fresh_name("new"))
    with refused("AccessDenied", f"user/{inside}"):
        own.update_user(UserName=inside, NewPath="/")


def test_a_boundary_can_be_demanded(
    iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("delegate")
    iam.create_user(UserName=name)
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    wanted = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    tagged = {"ForAllValues:StringEquals": {"aws:TagKeys": ["desk"]}, **wanted}
    document = allow("iam:CreateUser", "iam:AttachUserPolicy", Condition=tagged)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    own = as_user(name, "iam")
    with refused("AccessDenied"):
        own.create_user(UserName=fresh_name("free"))
    bound = fresh_name("bound")
    with refused("AccessDenied"):
        own.create_user(
            UserName=bound, PermissionsBoundary=boundary, Tags=[{"Key": "x", "Value": "1"}]
        )
    own.create_user(
        UserName=bound, PermissionsBoundary=boundary, Tags=[{"Key": "desk", "Value": "1"}]
    )
    own.attach_user_policy(UserName=bound, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    with refused("AccessDenied"):
        own.attach_user_policy(
            UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
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


def test_roles_have_valid_trust(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("role")
    made = iam.create_role(
        RoleName=name,
        Path="/service/",
        AssumeRolePolicyDocument=LAMBDA_TRUST,
        Description="works",
        MaxSessionDuration=7200,
    )["Role"]
    assert made["AssumeRolePolicyDocument"] == json.loads(LAMBDA_TRUST)
    assert made["MaxSessionDuration"] == 7200
    iam.update_role(RoleName=name, Description="rests", MaxSessionDuration=3600)
    got = iam.get_role(RoleName=name)["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("rests", 3600)
    iam.tag_role(RoleName=name, Tags=[{"Key": "Team", "Value": "a"}])
    iam.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "b"}])
    assert iam.list_role_tags(RoleName=name)["Tags"] == [{"Key": "team", "Value": "b"}]
    iam.untag_role(RoleName=name, TagKeys=["TEAM"])
    assert iam.list_role_tags(RoleName=name)["Tags"] == []
    with refused("MalformedPolicyDocument"):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=allow("sts:AssumeRole"))
    with refused("ValidationError", "MaxSessionDuration"):
        iam.update_role(RoleName=name, MaxSessionDuration=60)
    iam.delete_role(RoleName=name)


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ("{", "JSON"),
        ("[]", ""),
        (json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}), "Action"),
        (allow("no-colon"), "no-colon"),
        (allow("s3:*", resource="bucket"), "bucket"),
    ],
)
def test_malformed_policies_are_refused(
    iam: Any, fresh_name: Callable[..., str], document: str, word: str
) -> None:
    name = fresh_name("bad")
    iam.create_user(UserName=name)
    with refused("MalformedPolicyDocument", word):
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    with refused("MalformedPolicyDocument", word):
        iam.create_policy(PolicyName=name, PolicyDocument=document)


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


def test_the_whole_account_at_once(iam: Any, fresh_name: Callable[..., str]) -> None:
    name, group = fresh_name("all"), fresh_name("all")
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_user(UserName=name)
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=allow("s3:*"))
    after = iam.get_account_summary()["SummaryMap"]
    assert after["Users"] == before["Users"] + 1
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User"], PaginationConfig={"PageSize": 3}
    )
    users = {user["UserName"]: user for page in pages for user in page["UserDetailList"]}
    assert users[name]["GroupList"] == [group]
    assert users[name]["UserPolicyList"][0]["PolicyDocument"] == json.loads(allow("s3:*"))
    details = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"])
    assert "AdministratorAccess" in [one["PolicyName"] for one in details["Policies"]]
    with refused("DeleteConflict", "group"):
        iam.delete_group(GroupName=group)


def test_what_is_not_built_says_so(iam: Any) -> None:
    with refused("NotImplemented", "CreateInstanceProfile"):
        iam.create_instance_profile(InstanceProfileName="x")
