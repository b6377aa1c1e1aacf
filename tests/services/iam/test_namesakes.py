"""Policies of resources mean the very users that they name, not later namesakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.iam.asking import refused
from tests.serving import ACCOUNT, RunningServer


@dataclass
class Door:
    """A resource with a policy: how it is put and read, and what a guest does there."""

    put: Callable[[str], Any]
    get: Callable[[], str]
    enter: Callable[[Callable[[str], Any]], Any]
    action: str
    resource: str
    refusal: str
    malformed: str

    def policy(self, principal: str) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": self.action,
            "Resource": self.resource,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def principal(self) -> str:
        shown: str = json.loads(self.get())["Statement"][0]["Principal"]["AWS"]
        return shown


def bucket(server: RunningServer, name: str) -> Door:
    s3 = server.client("s3")
    s3.create_bucket(Bucket=name)
    return Door(
        put=lambda text: s3.put_bucket_policy(Bucket=name, Policy=text),
        get=lambda: s3.get_bucket_policy(Bucket=name)["Policy"],
        enter=lambda own: own("s3").list_objects_v2(Bucket=name),
        action="s3:ListBucket",
        resource=f"arn:aws:s3:::{name}",
        refusal="AccessDenied",
        malformed="MalformedPolicy",
    )


def access_point(server: RunningServer, name: str) -> Door:
    points = server.session().client("s3control")
    key = {"AccountId": ACCOUNT, "Name": name}
    server.client("s3").create_bucket(Bucket=f"{name}-bucket")
    arn = points.create_access_point(**key, Bucket=f"{name}-bucket")["AccessPointArn"]
    delegated = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{name}-bucket",
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": delegated})
    server.client("s3").put_bucket_policy(Bucket=f"{name}-bucket", Policy=text)
    alias = points.get_access_point(**key)["Alias"]
    return Door(
        put=lambda text: points.put_access_point_policy(**key, Policy=text),
        get=lambda: points.get_access_point_policy(**key)["Policy"],
        enter=lambda own: own("s3").list_objects_v2(Bucket=alias),
        action="s3:ListBucket",
        resource=arn,
        refusal="AccessDenied",
        malformed="MalformedPolicy",
    )


def topic(server: RunningServer, name: str) -> Door:
    sns = server.client("sns")
    arn = sns.create_topic(Name=name)["TopicArn"]
    return Door(
        put=lambda text: sns.set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=text
        ),
        get=lambda: sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"],
        enter=lambda own: own("sns").publish(TopicArn=arn, Message="hello"),
        action="sns:Publish",
        resource=arn,
        refusal="AuthorizationError",
        malformed="InvalidParameter",
    )


def queue(server: RunningServer, name: str) -> Door:
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return Door(
        put=lambda text: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text}),
        get=lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"][
            "Policy"
        ],
        enter=lambda own: own("sqs").send_message(QueueUrl=url, MessageBody="hello"),
        action="sqs:SendMessage",
        resource=f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}",
        refusal="AccessDenied",
        malformed="InvalidAttributeValue",
    )


@pytest.mark.parametrize("make", [bucket, access_point, topic, queue])
def test_a_namesake_is_a_stranger(
    iam: Any,
    server: RunningServer,
    as_user: Callable[..., Any],
    fresh_name: Callable[..., str],
    make: Callable[[RunningServer, str], Door],
) -> None:
    door, name = make(server, fresh_name("door")), fresh_name("guest")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    door.put(door.policy(arn))
    assert door.principal() == arn
    door.enter(lambda service: as_user(name, service))
    user_id = iam.get_user(UserName=name)["User"]["UserId"]
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
    assert door.principal() == user_id
    assert iam.create_user(UserName=name)["User"]["Arn"] == arn
    with refused(door.refusal):
        door.enter(lambda service: as_user(name, service))
    door.put(door.policy(arn))
    door.enter(lambda service: as_user(name, service))


@pytest.mark.parametrize("make", [bucket, access_point, topic, queue])
def test_nobody_cannot_be_named(
    server: RunningServer,
    fresh_name: Callable[..., str],
    make: Callable[[RunningServer, str], Door],
) -> None:
    door, nobody = make(server, fresh_name("door")), f"arn:aws:iam::{ACCOUNT}:user/nobody"
    with pytest.raises(ClientError) as caught:
        door.put(door.policy(nobody))
    error = caught.value.response["Error"]
    assert error["Code"] == door.malformed
    assert nobody in str(error)
    door.put(door.policy("arn:aws:iam::999999999999:user/elsewhere"))
