"""Topics over boto3: life, attributes, permissions, tags."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.serving import ACCOUNT


def attributes(sns: Any, topic: str) -> dict[str, str]:
    found: dict[str, str] = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    return found


def test_a_topic_lives_from_create_to_delete(sns: Any, fresh_name: Any) -> None:
    name = fresh_name()
    arn = sns.create_topic(Name=name)["TopicArn"]
    assert arn == f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}"
    assert sns.create_topic(Name=name)["TopicArn"] == arn
    shown = attributes(sns, arn)
    assert (shown["Owner"], shown["DisplayName"]) == (ACCOUNT, "")
    assert json.loads(shown["Policy"])["Id"] == "__default_policy_ID"
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_topic_attributes(TopicArn=arn)


def test_lists_come_in_pages(sns: Any, fresh_name: Any) -> None:
    prefix = fresh_name()
    made = {sns.create_topic(Name=f"{prefix}-{n}")["TopicArn"] for n in range(101)}
    pages = list(sns.get_paginator("list_topics").paginate())
    listed = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    assert len(listed) == len(set(listed))
    assert made <= set(listed)
    assert len(pages) >= 2


def test_creating_again_with_something_else_is_refused(sns: Any, fresh_name: Any) -> None:
    name = fresh_name()
    given = {"Attributes": {"DisplayName": "News"}, "Tags": [{"Key": "a", "Value": "1"}]}
    arn = sns.create_topic(Name=name, **given)["TopicArn"]
    assert sns.create_topic(Name=name, **given)["TopicArn"] == arn
    with pytest.raises(sns.exceptions.InvalidParameterException, match=r"different attributes$"):
        sns.create_topic(Name=name, Attributes={"DisplayName": "Olds"})
    with pytest.raises(sns.exceptions.InvalidParameterException, match="different tags"):
        sns.create_topic(Name=name, Tags=[{"Key": "a", "Value": "2"}])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"Name": "no spaces"}, "parameter: Topic Name$"),
        ({"Name": "x.fifo"}, "FIFO"),
        ({"Name": "x", "Attributes": {"FifoTopic": "true"}}, "FIFO"),
        ({"Name": "x", "Attributes": {"KmsMasterKeyId": "alias/aws/sns"}}, "KMS"),
        ({"Name": "x", "Attributes": {"SignatureVersion": "3"}}, "SignatureVersion"),
        ({"Name": "x", "Attributes": {"Policy": '{"Version": "2012-10-17"}'}}, "Policy"),
        ({"Name": "x", "Attributes": {"DeliveryPolicy": '{"http": 1}'}}, "DeliveryPolicy"),
        ({"Name": "x", "Attributes": {"Colour": "red"}}, "Colour"),
        ({"Name": "x", "Tags": [{"Key": "aws:x", "Value": ""}]}, "aws:x"),
        ({"Name": "x", "Tags": [{"Key": "a", "Value": ""}] * 2}, "keys are not allowed.$"),
    ],
)
def test_bad_topics_are_refused(sns: Any, arguments: Any, word: str) -> None:
    with pytest.raises(sns.exceptions.InvalidParameterException, match=word):
        sns.create_topic(**arguments)


def test_attributes_are_set_and_taken_away(sns: Any, topic: str) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="News")
    assert attributes(sns, topic)["DisplayName"] == "News"
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="")
    assert attributes(sns, topic)["DisplayName"] == ""
    policy = {"http": {"defaultHealthyRetryPolicy": {"numRetries": 9}}}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy)
    )
    effective = json.loads(attributes(sns, topic)["EffectiveDeliveryPolicy"])
    assert effective["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 9
    assert effective["http"]["defaultHealthyRetryPolicy"]["minDelayTarget"] == 20


def test_permissions_are_statements_of_the_policy(sns: Any, topic: str) -> None:
    grant = {
        "TopicArn": topic,
        "Label": "friends",
        "AWSAccountId": ["111122223333"],
        "ActionName": ["Publish"],
    }
    sns.add_permission(**grant)
    with pytest.raises(
        sns.exceptions.InvalidParameterException, match=r"Statement already exists$"
    ) as refused:
        sns.add_permission(**grant)
    assert "'friends' is taken" in refused.value.response["Error"]["Detail"]
    with pytest.raises(sns.exceptions.InvalidParameterException, match=r"out of service scope!$"):
        sns.add_permission(**{**grant, "Label": "more", "ActionName": ["Dance"]})
    added = json.loads(attributes(sns, topic)["Policy"])["Statement"][1]
    assert (added["Principal"], added["Action"]) == (
        {"AWS": "arn:aws:iam::111122223333:root"},
        "SNS:Publish",
    )
    labels = [
        statement["Sid"] for statement in json.loads(attributes(sns, topic)["Policy"])["Statement"]
    ]
    assert labels == ["__default_statement_ID", "friends"]
    sns.remove_permission(TopicArn=topic, Label="friends")
    labels = [
        statement["Sid"] for statement in json.loads(attributes(sns, topic)["Policy"])["Statement"]
    ]
    assert labels == ["__default_statement_ID"]


def test_tags(sns: Any, topic: str) -> None:
    sns.tag_resource(
        ResourceArn=topic, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    )
    sns.untag_resource(ResourceArn=topic, TagKeys=["b"])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "a", "Value": "1"}]
    with pytest.raises(sns.exceptions.TagLimitExceededException, match=r"resource exceeded$"):
        sns.tag_resource(ResourceArn=topic, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with pytest.raises(sns.exceptions.ResourceNotFoundException, match=r"does not exist$"):
        sns.list_tags_for_resource(ResourceArn=f"{topic}-absent")


@pytest.mark.parametrize(
    "arn", ["", "x", "arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sns:us-east-1::t"]
)
def test_what_is_no_topic_is_refused_as_a_parameter(sns: Any, arn: str) -> None:
    with pytest.raises(ClientError) as error:
        sns.publish(TopicArn=arn, Message="x")
    assert error.value.response["Error"]["Code"] == "InvalidParameter"


def test_the_topics_of_others_are_theirs(sns: Any) -> None:
    with pytest.raises(ClientError) as error:
        sns.publish(TopicArn="arn:aws:sns:us-east-1:999988887777:theirs", Message="x")
    assert error.value.response["Error"]["Code"] == "AuthorizationError"
