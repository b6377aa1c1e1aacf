"""IAM through boto3: which services policies grant, and when they were last called."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inhouse.access.granting import grants
from inhouse.services.iam import service_uses
from inhouse.services.iam.service_uses import ServiceUse
from inhouse.store import Store
from tests.services.iam.asking import allow, refused


@pytest.fixture
def reader(iam: Any, fresh_name: Callable[..., str]) -> str:
    """A user who may use S3 and SQS, the latter through a group."""
    name, group = fresh_name("reader"), fresh_name("group")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="s3", PolicyDocument=allow("s3:Get*"))
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="sqs", PolicyDocument=allow("sqs:*"))
    iam.add_user_to_group(GroupName=group, UserName=name)
    return name


def report(iam: Any, arn: str) -> tuple[str, dict[str, Any]]:
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    told = iam.get_service_last_accessed_details(JobId=job)
    assert told["JobStatus"] == "COMPLETED"
    return job, {one["ServiceNamespace"]: one for one in told["ServicesLastAccessed"]}


def test_calls_are_told_by_service(
    iam: Any, reader: str, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    arn = iam.get_user(UserName=reader)["User"]["Arn"]
    _, before = report(iam, arn)
    assert set(before) == {"s3", "sqs"}
    assert all(one["TotalAuthenticatedEntities"] == 0 for one in before.values())
    started = datetime.now(UTC).replace(microsecond=0)
    with refused("AccessDenied"):
        as_user(reader, "s3").list_buckets()
    job, after = report(iam, arn)
    used = after["s3"]
    assert used["ServiceName"] == "Amazon Simple Storage Service"
    assert used["LastAuthenticatedEntity"] == arn
    assert (used["LastAuthenticatedRegion"], used["TotalAuthenticatedEntities"]) == ("us-east-1", 1)
    assert used["LastAuthenticated"] >= started
    assert "LastAuthenticated" not in after["sqs"]
    told = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="s3")
    (entity,) = told["EntityDetailsList"]
    assert (entity["EntityInfo"]["Arn"], entity["EntityInfo"]["Type"]) == (arn, "USER")
    group = iam.list_groups_for_user(UserName=reader)["Groups"][0]["Arn"]
    assert set(report(iam, group)[1]) == {"sqs"}


def test_a_policy_tells_of_all_who_have_it(
    iam: Any, reader: str, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    policy = {"PolicyName": fresh_name("policy"), "PolicyDocument": allow("s3:*", "sns:*")}
    arn = iam.create_policy(**policy)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=reader, PolicyArn=arn)
    as_user(reader, "s3").list_buckets()
    _, told = report(iam, arn)
    assert (told["s3"]["TotalAuthenticatedEntities"], set(told)) == (1, {"s3", "sns"})


def test_policies_that_grant_a_service(iam: Any, reader: str) -> None:
    arn = iam.get_user(UserName=reader)["User"]["Arn"]
    aws = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.attach_user_policy(UserName=reader, PolicyArn=aws)
    found = iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["s3", "sqs"])
    s3, sqs = found["PoliciesGrantingServiceAccess"]
    assert [one["PolicyName"] for one in s3["Policies"]] == ["AmazonS3ReadOnlyAccess", "s3"]
    assert (s3["Policies"][0]["PolicyArn"], s3["Policies"][0]["PolicyType"]) == (aws, "MANAGED")
    assert s3["Policies"][1]["EntityName"] == reader
    assert [one["EntityType"] for one in sqs["Policies"]] == ["GROUP"]


def test_uses_do_not_go_backwards(tmp_path: Path) -> None:
    store = Store(tmp_path, durable=False)
    late, early = (ServiceUse("123456789012", at, "us-east-1") for at in (20.0, 10.0))
    for uses in ({("A", "s3control"): late, ("A", "s3"): early}, {("A", "s3"): early}):
        store.write_now(lambda tx, uses=uses: service_uses.write(tx, uses))
        assert service_uses.of(store.reader(), "A") == {"s3": late}
    store.close()


def test_old_reports_are_dropped(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    iam = server.client("iam")
    name, trust = "worker", allow("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
    trust = trust.replace('"Resource": "*", ', "")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def task() -> str:
        role = iam.create_service_linked_role(AWSServiceName="lexv2.amazonaws.com")["Role"]
        done = iam.delete_service_linked_role(RoleName=role["RoleName"])
        return str(done["DeletionTaskId"])

    old = report(iam, arn)[0], task()
    server.stop()
    with sqlite3.connect(server.data / "inhouse.db") as database:
        database.execute("UPDATE iam_resources SET created = created - 90000")
    database.close()
    iam = durable_server().client("iam")
    new = report(iam, arn)[0], task()
    for job, done in (old, new):
        kept = (job, done) == new
        with nullcontext() if kept else refused("NoSuchEntity"):
            iam.get_service_last_accessed_details(JobId=job)
        with nullcontext() if kept else refused("NoSuchEntity"):
            iam.get_service_linked_role_deletion_status(DeletionTaskId=done)


def test_what_is_not_there_is_refused(iam: Any) -> None:
    nobody = "arn:aws:iam::123456789012:user/nobody"
    with refused("NoSuchEntity"):
        iam.generate_service_last_accessed_details(Arn=nobody)
    with refused("NoSuchEntity"):
        iam.generate_service_last_accessed_details(Arn=nobody.replace("user", "policy"))
    with refused("NoSuchEntity"):
        iam.list_policies_granting_service_access(Arn=nobody, ServiceNamespaces=["s3"])
    with refused("InvalidInput"):
        iam.generate_service_last_accessed_details(Arn="arn:aws:s3:::a-bucket-of-mine")
    with refused("InvalidInput", "SERVICE_LEVEL"):
        iam.generate_service_last_accessed_details(Arn=nobody, Granularity="ACTION_LEVEL")
    with refused("NoSuchEntity", "No such job"):
        iam.get_service_last_accessed_details(JobId="0" * 36)


@pytest.mark.parametrize(
    ("statement", "granted"),
    [
        ({"Action": "s3:GetObject"}, True),
        ({"Action": ["sns:*", "S3:Get*"]}, True),
        ({"Action": "*"}, True),
        ({"Action": "sns:*"}, False),
        ({"Action": "s3-object-lambda:*"}, False),
        ({"NotAction": "iam:*"}, True),
        ({"NotAction": "s3:*"}, False),
        ({"NotAction": "s3:DeleteObject"}, True),
        ({"Action": "s3:*", "Effect": "Deny"}, False),
    ],
)
def test_services_of_a_policy(statement: dict[str, Any], granted: bool) -> None:
    whole = {"Effect": "Allow", "Resource": "*", **statement}
    assert grants(json.dumps({"Version": "2012-10-17", "Statement": whole}), "s3") is granted
