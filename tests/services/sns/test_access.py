"""Who may do what with a topic."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.waiting import PATIENCE


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def as_user(client: Callable[..., Any], fresh_name: Callable[..., str]) -> Callable[..., Any]:
    """An SNS client of a new user with one policy."""
    iam = client("iam")

    def make(*statements: dict[str, Any]) -> Any:
        name = fresh_name("user")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(
            "sns",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return make


def refused(error: pytest.ExceptionInfo[ClientError]) -> bool:
    answer = error.value.response
    denied = answer["Error"]["Code"] == "AuthorizationError"
    return denied and answer["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_users_do_what_their_policies_say(
    as_user: Any, sns: Any, topic: str, fresh_name: Any
) -> None:
    other = sns.create_topic(Name=fresh_name())["TopicArn"]
    user = as_user({"Effect": "Allow", "Action": "sns:Publish", "Resource": topic})
    assert user.publish(TopicArn=topic, Message="x")["MessageId"]
    entries = [{"Id": "a", "Message": "x"}]
    assert user.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)["Successful"]
    for arn in (other, f"{topic}-absent"):
        with pytest.raises(ClientError) as error:
            user.publish(TopicArn=arn, Message="x")
        assert refused(error)
    with pytest.raises(ClientError) as error:
        user.delete_topic(TopicArn=topic)
    assert refused(error)
    assert "sns:DeleteTopic" in error.value.response["Error"]["Message"].replace("SNS:", "sns:")


def test_without_a_policy_nothing(as_user: Any, topic: str) -> None:
    user = as_user()
    for operation, arguments in (
        ("publish", {"TopicArn": topic, "Message": "x"}),
        ("create_topic", {"Name": "x"}),
        ("list_topics", {}),
        ("get_topic_attributes", {"TopicArn": topic}),
    ):
        with pytest.raises(ClientError) as error:
            getattr(user, operation)(**arguments)
        assert refused(error), operation


def test_topic_policies_let_users_in_and_keep_them_out(as_user: Any, sns: Any, topic: str) -> None:
    user = as_user()
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document(everybody)
    )
    assert user.publish(TopicArn=topic, Message="x")["MessageId"]
    nobody = {**everybody, "Effect": "Deny"}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document(nobody)
    )
    for publisher in (user, sns):
        with pytest.raises(ClientError) as error:
            publisher.publish(TopicArn=topic, Message="x")
        assert refused(error)


def test_policies_see_protocol_and_endpoint(as_user: Any, topic: str) -> None:
    user = as_user(
        {
            "Effect": "Allow",
            "Action": "sns:Subscribe",
            "Resource": topic,
            "Condition": {
                "StringEquals": {"sns:Protocol": "sqs"},
                "StringLike": {"sns:Endpoint": "arn:aws:sqs:*:*:ours-*"},
            },
        }
    )
    base = "arn:aws:sqs:us-east-1:123456789012:"
    assert user.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{base}ours-1")
    for protocol, endpoint in (("sqs", f"{base}theirs"), ("http", "http://ours-x.example/")):
        with pytest.raises(ClientError) as error:
            user.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        assert refused(error)


def test_subscriptions_are_looked_after_by_those_who_may(
    as_user: Any, sns: Any, topic: str
) -> None:
    endpoint = "arn:aws:sqs:us-east-1:123456789012:q"
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)["SubscriptionArn"]
    stranger = as_user()
    for operation, more in (
        ("unsubscribe", {}),
        ("get_subscription_attributes", {}),
        ("set_subscription_attributes", {"AttributeName": "FilterPolicy", "AttributeValue": "{}"}),
    ):
        with pytest.raises(ClientError) as error:
            getattr(stranger, operation)(SubscriptionArn=arn, **more)
        assert refused(error), operation
    keeper = as_user({"Effect": "Allow", "Action": "sns:*", "Resource": f"{topic}:*"})
    assert keeper.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    keeper.unsubscribe(SubscriptionArn=arn)
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.get_subscription_attributes(SubscriptionArn=arn)


def test_nobody_is_refused_unless_the_policy_says_so(
    client: Any, sns: Any, topic: str, server: Any
) -> None:
    nobody = client("sns", config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}))
    with pytest.raises(ClientError) as error:
        nobody.publish(TopicArn=topic, Message="x")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    with pytest.raises(urllib.error.HTTPError) as http:
        query = urllib.parse.urlencode(
            {"Action": "DeleteTopic", "Version": "2010-03-31", "TopicArn": topic}
        )
        urllib.request.urlopen(f"{server.endpoint}/?{query}", timeout=PATIENCE)
    assert http.value.code == 403
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document(everybody)
    )
    assert nobody.publish(TopicArn=topic, Message="x")["MessageId"]
