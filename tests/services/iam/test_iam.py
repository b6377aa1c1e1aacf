"""IAM through boto3: users, groups, keys, roles, the account."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

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


def test_unique_ids_have_the_length_of_aws_ids(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("id")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:*"))["Policy"]
    known = iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")["Policy"]
    profile = iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=LAMBDA_TRUST)["Role"]
    ids = {
        "AIDA": iam.create_user(UserName=name)["User"]["UserId"],
        "AGPA": iam.create_group(GroupName=name)["Group"]["GroupId"],
        "AROA": role["RoleId"],
        "AIPA": profile["InstanceProfileId"],
    }
    for prefix, unique in (*ids.items(), ("ANPA", policy["PolicyId"]), ("ANPA", known["PolicyId"])):
        assert re.fullmatch(prefix + "[A-Z2-7]{17}", unique)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", key["AccessKeyId"])


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
        (
            {"UserName": "no spaces"},
            "ValidationError",
            "The specified value for userName is invalid. It must contain only alphanumeric "
            "characters and/or the following: +=,.@_-",
        ),
        (
            {"UserName": "x" * 65, "Path": "/open"},
            "ValidationError",
            "2 validation errors detected: Value at 'path' failed to satisfy constraint: Member must satisfy",
        ),
        (
            {"UserName": "x" * 65},
            "ValidationError",
            "1 validation error detected: Value at 'userName' failed to satisfy constraint: "
            "Member must have length less than or equal to 64",
        ),
        ({"UserName": "ok", "Path": "/open"}, "ValidationError", "value for path is invalid"),
        ({"UserName": "ok", "Tags": [{"Key": "aws:x", "Value": ""}]}, "InvalidInput", "aws:"),
        (
            {"UserName": "ok", "Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]},
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"UserName": "ok", "Tags": [{"Key": "a!", "Value": ""}]},
            "ValidationError",
            "Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy "
            r"regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+",
        ),
        (
            {"UserName": "ok", "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:boundary/no"},
            "InvalidInput",
            "is not valid",
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
    with refused("ValidationError", "Invalid Marker."):
        iam.list_users(Marker="x")
    with refused("ValidationError", "'maxItems'", "less than or equal to 1000"):
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
    actions = ("iam:CreateUser", "iam:TagUser", "iam:AttachUserPolicy")
    document = allow(*actions, Condition=tagged)
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
    assert iam.get_role(RoleName=name)["Role"]["MaxSessionDuration"] == 7200
    told = iam.update_role_description(RoleName=name, Description="still works")["Role"]
    assert (told["Description"], "RoleLastUsed" in told) == ("still works", False)
    assert "MaxSessionDuration" not in made  # as on AWS: only GetRole tells
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
    with refused("ValidationError", "'maxSessionDuration'"):
        iam.update_role(RoleName=name, MaxSessionDuration=60)
    iam.delete_role(RoleName=name)


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
    with refused("NotImplemented", "AcceptDelegationRequest"):
        iam.accept_delegation_request(DelegationRequestId="x" * 20)
