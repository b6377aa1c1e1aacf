"""Queues over boto3: life, attributes, permissions, tags."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.serving import ACCOUNT


@pytest.fixture
def sqs(client: Any) -> Any:
    return client("sqs")


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_a_queue_lives_from_create_to_delete(sqs: Any, fresh_name: Any) -> None:
    name = fresh_name()
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    assert url.endswith(f"/{ACCOUNT}/{name}")
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == url
    assert sqs.list_queues(QueueNamePrefix=name)["QueueUrls"] == [url]
    sqs.delete_queue(QueueUrl=url)
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix=name)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as error:
        sqs.get_queue_url(QueueName=name)
    assert code(error) == "AWS.SimpleQueueService.NonExistentQueue"


def test_messages_of_a_deleted_queue_do_not_come_back(sqs: Any, fresh_name: Any) -> None:
    name = fresh_name()
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="old")
    sqs.delete_queue(QueueUrl=url)
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == url
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_creating_again_is_fine_unless_attributes_differ(sqs: Any, fresh_name: Any) -> None:
    name = fresh_name()
    url = sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "5"})["QueueUrl"]
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == url
    assert sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "5"})["QueueUrl"] == url
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName=name, Attributes={"DelaySeconds": "6"})


@pytest.mark.parametrize(
    ("attributes", "wrong"),
    [
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"DelaySeconds": "-1"}, "InvalidAttributeValue"),
        ({"MaximumMessageSize": "1048577"}, "InvalidAttributeValue"),
        ({"Policy": "{"}, "InvalidAttributeValue"),
        ({"RedrivePolicy": "[]"}, "InvalidAttributeValue"),
        (
            {"RedrivePolicy": '{"deadLetterTargetArn": 1, "maxReceiveCount": 1}'},
            "InvalidAttributeValue",
        ),
        ({"RedriveAllowPolicy": '{"redrivePermission": "byQueue"}'}, "InvalidAttributeValue"),
        ({"KmsMasterKeyId": "alias/x"}, "InvalidAttributeValue"),
        ({"ContentBasedDeduplication": "true"}, "InvalidAttributeName"),
        ({"Colour": "red"}, "InvalidAttributeName"),
    ],
)
def test_bad_attributes_are_refused_by_name(
    sqs: Any, fresh_name: Any, attributes: dict[str, str], wrong: str
) -> None:
    with pytest.raises(ClientError) as error:
        sqs.create_queue(QueueName=fresh_name(), Attributes=attributes)
    assert wrong in code(error)
    assert next(iter(attributes)) in error.value.response["Error"]["Message"]


def test_bad_names_and_urls(sqs: Any) -> None:
    with pytest.raises(ClientError):
        sqs.create_queue(QueueName="no spaces")
    with pytest.raises(ClientError):
        sqs.create_queue(QueueName="x.fifo")
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl="http://127.0.0.1/nowhere", MessageBody="x")
    assert "InvalidAddress" in code(error)


def test_attributes_are_shown_and_set(sqs: Any, fresh_name: Any) -> None:
    url = sqs.create_queue(QueueName=fresh_name())["QueueUrl"]
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert shown["VisibilityTimeout"] == "30"
    assert shown["MessageRetentionPeriod"] == "345600"
    assert shown["QueueArn"].startswith(f"arn:aws:sqs:us-east-1:{ACCOUNT}:")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    one = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert one["Attributes"] == {"VisibilityTimeout": "7"}
    with pytest.raises(sqs.exceptions.InvalidAttributeName):
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Nope"])


def test_lists_come_in_pages(sqs: Any, fresh_name: Any) -> None:
    prefix = fresh_name()
    made = sorted(sqs.create_queue(QueueName=f"{prefix}-{n}")["QueueUrl"] for n in range(5))
    pages = sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=prefix, PaginationConfig={"PageSize": 2}
    )
    assert [url for page in pages for url in page.get("QueueUrls", [])] == made


def test_tags(sqs: Any, fresh_name: Any) -> None:
    url = sqs.create_queue(QueueName=fresh_name(), tags={"a": "1"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"b": "2"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}


def test_permissions_are_statements_of_the_policy(sqs: Any, fresh_name: Any) -> None:
    url = sqs.create_queue(QueueName=fresh_name())["QueueUrl"]
    sqs.add_permission(
        QueueUrl=url, Label="friends", AWSAccountIds=["111122223333"], Actions=["SendMessage"]
    )
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    (statement,) = json.loads(shown["Policy"])["Statement"]
    assert (statement["Sid"], statement["Action"]) == ("friends", ["SQS:SendMessage"])
    sqs.remove_permission(QueueUrl=url, Label="friends")
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    with pytest.raises(ClientError):
        sqs.remove_permission(QueueUrl=url, Label="friends")


def test_a_dead_letter_queue_must_exist_and_agree(sqs: Any, fresh_name: Any) -> None:
    closed = {"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})}
    dead = sqs.create_queue(QueueName=fresh_name("dead"), Attributes=closed)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})}
    name = fresh_name()
    with pytest.raises(ClientError, match="RedriveAllowPolicy"):
        sqs.create_queue(QueueName=name, Attributes=redrive)
    sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": ""})
    url = sqs.create_queue(QueueName=name, Attributes=redrive)["QueueUrl"]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    absent = {"RedrivePolicy": redrive["RedrivePolicy"].replace(arn, f"{arn}-absent")}
    with pytest.raises(ClientError, match="does not exist"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=absent)
