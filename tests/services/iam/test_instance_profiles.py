"""IAM through boto3: instance profiles and service-linked roles."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.iam.asking import allow, refused
from tests.serving import ACCOUNT

EC2_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)


def test_a_profile_wraps_one_role(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("profile")
    made = iam.create_instance_profile(InstanceProfileName=name, Path="/web/")["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/web/{name}"
    assert made["InstanceProfileId"].startswith("AIPA")
    assert "Tags" not in made
    with refused("EntityAlreadyExists", f"Instance Profile {name.upper()} already exists."):
        iam.create_instance_profile(InstanceProfileName=name.upper())
    roles = [fresh_name("role"), fresh_name("role")]
    for role in roles:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=EC2_TRUST)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=roles[0])
    with refused("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=roles[1])
    shown = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [role["RoleName"] for role in shown["Roles"]] == [roles[0]]
    assert shown["Roles"][0]["AssumeRolePolicyDocument"] == json.loads(EC2_TRUST)
    listed = iam.list_instance_profiles_for_role(RoleName=roles[0])["InstanceProfiles"]
    assert [one["InstanceProfileName"] for one in listed] == [name]
    details = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    (role,) = [one for one in details if one["RoleName"] == roles[0]]
    assert [one["Arn"] for one in role["InstanceProfileList"]] == [made["Arn"]]
    for delete in (
        lambda: iam.delete_role(RoleName=roles[0]),
        lambda: iam.delete_instance_profile(InstanceProfileName=name),
    ):
        with refused("DeleteConflict", "must remove roles from instance profile first"):
            delete()
    with refused("NoSuchEntity", f"Role {roles[1]} in Instance Profile {name} cannot be found."):
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=roles[1])
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=roles[0])
    iam.delete_instance_profile(InstanceProfileName=name)
    with refused("NoSuchEntity", f"Instance Profile {name} cannot be found."):
        iam.get_instance_profile(InstanceProfileName=name)


def test_profiles_are_listed_below_a_path(iam: Any, fresh_name: Callable[..., str]) -> None:
    path, names = f"/{fresh_name('path')}/", [fresh_name("Prof") for _ in range(3)]
    for name in names:
        iam.create_instance_profile(InstanceProfileName=name, Path=path)
    pages = iam.get_paginator("list_instance_profiles").paginate(
        PathPrefix=path, PaginationConfig={"PageSize": 2}
    )
    found = [one["InstanceProfileName"] for page in pages for one in page["InstanceProfiles"]]
    assert found == sorted(names)


def test_profiles_have_tags(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("tagged")
    tag = [{"Key": "desk", "Value": "news"}]
    made = iam.create_instance_profile(InstanceProfileName=name, Tags=tag)["InstanceProfile"]
    assert made["Tags"] == tag
    iam.tag_instance_profile(InstanceProfileName=name, Tags=[{"Key": "a", "Value": "1"}])
    listed = iam.list_instance_profile_tags(InstanceProfileName=name)
    assert [one["Key"] for one in listed["Tags"]] == ["a", "desk"]
    assert listed["IsTruncated"] is False
    iam.untag_instance_profile(InstanceProfileName=name, TagKeys=["desk"])
    shown = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert shown["Tags"] == [{"Key": "a", "Value": "1"}]
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    with refused("LimitExceeded", "The number of tags has reached the maximum limit."):
        iam.tag_instance_profile(InstanceProfileName=name, Tags=many)
    with refused("NoSuchEntity"):
        iam.tag_instance_profile(InstanceProfileName=name + "x", Tags=tag)


def test_a_role_goes_into_a_profile_only_by_who_may_pass_it(
    iam: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("pass")
    iam.create_user(UserName=name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=EC2_TRUST)
    iam.create_instance_profile(InstanceProfileName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    own = client(
        "iam",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    add = {"InstanceProfileName": name, "RoleName": name}
    document = allow("iam:AddRoleToInstanceProfile")
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    with refused("AccessDenied", "iam:PassRole"):
        own.add_role_to_instance_profile(**add)
    document = allow("iam:AddRoleToInstanceProfile", "iam:PassRole")
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    own.add_role_to_instance_profile(**add)


def test_a_service_linked_role_is_its_services_alone(
    iam: Any, fresh_name: Callable[..., str]
) -> None:
    suffix = fresh_name("x")
    request = {"AWSServiceName": "lexv2.amazonaws.com", "CustomSuffix": suffix}
    role = iam.create_service_linked_role(**request, Description="bots")["Role"]
    name = role["RoleName"]
    assert role["Arn"] == (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/lexv2.amazonaws.com/{name}"
    )
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"Service": "lexv2.amazonaws.com"}
    with refused("InvalidInput", f"Service role name {name} has been taken"):
        iam.create_service_linked_role(**request)
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    for change in (
        lambda: iam.delete_role(RoleName=name),
        lambda: iam.attach_role_policy(RoleName=name, PolicyArn=arn),
        lambda: iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allow("s3:*")),
        lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=EC2_TRUST),
        lambda: iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn),
    ):
        with refused("UnmodifiableEntity", name):
            change()
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert status["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=name)
    with refused("NoSuchEntity"):
        iam.get_service_linked_role_deletion_status(DeletionTaskId=task + "x")


@pytest.mark.parametrize(
    ("service", "spelled"),
    [
        ("elasticbeanstalk", "ElasticBeanstalk"),
        ("managedupdates.elasticbeanstalk", "ElasticBeanstalkManagedUpdates"),
        ("custom-resource.application-autoscaling", "ApplicationAutoScaling_CustomResource"),
        ("dynamodb.application-autoscaling", "ApplicationAutoScaling_DynamoDBTable"),
        ("new-thing.application-autoscaling", "NewThing"),
        ("custom-resource", "CustomResource"),
        ("lexv2", "LexV2Bots"),
    ],
)
def test_linked_roles_are_spelled_as_their_services(
    iam: Any, fresh_name: Callable[..., str], service: str, spelled: str
) -> None:
    suffix = fresh_name("x")
    made = iam.create_service_linked_role(
        AWSServiceName=f"{service}.amazonaws.com", CustomSuffix=suffix
    )
    assert made["Role"]["RoleName"] == f"AWSServiceRoleFor{spelled}_{suffix}"


@pytest.mark.parametrize("service", ["lexv2", "lexv2.example.com", "*.amazonaws.com"])
def test_only_services_have_linked_roles(iam: Any, service: str) -> None:
    with refused("InvalidInput", "AWSServiceName"):
        iam.create_service_linked_role(AWSServiceName=service)


def test_nobody_makes_a_role_that_looks_linked(iam: Any, fresh_name: Callable[..., str]) -> None:
    role = {"RoleName": fresh_name("x"), "AssumeRolePolicyDocument": EC2_TRUST}
    for path in ("/aws-service-role/", "/aws-service-role/lexv2.amazonaws.com/"):
        with refused("InvalidInput", path, "CreateServiceLinkedRole"):
            iam.create_role(**role, Path=path)
    made = iam.create_user(UserName=fresh_name("x"), Path="/aws-service-role/x/")
    assert made["User"]["Path"] == "/aws-service-role/x/"


def test_other_roles_are_not_linked(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("plain")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=EC2_TRUST)
    with refused("InvalidInput", "not a service-linked role"):
        iam.delete_service_linked_role(RoleName=name)
