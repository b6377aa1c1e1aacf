"""Subscriptions over boto3: asking, agreeing, web delivery, signatures, ending."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.waiting import PATIENCE


def attributes(sns: Any, arn: str) -> dict[str, str]:
    found: dict[str, str] = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return found


def subscribe(sns: Any, topic: str, endpoint: Any, **given: str) -> str:
    """Subscribes and confirms."""
    arn: str = sns.subscribe(
        TopicArn=topic,
        Protocol="http",
        Endpoint=endpoint.url,
        Attributes=given,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    sns.confirm_subscription(TopicArn=topic, Token=endpoint.envelope()["Token"])
    return arn


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
        return text


def verify(message: dict[str, Any], names: tuple[str, ...]) -> None:
    """As receivers do it: documented names and values, the certificate fetched from its URL."""
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    certificate = x509.load_pem_x509_certificate(get(message["SigningCertURL"]).encode())
    digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[message["SignatureVersion"]]
    key: Any = certificate.public_key()
    key.verify(base64.b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), digest)


NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def test_a_web_endpoint_is_asked_first(sns: Any, topic: str, endpoint: Any) -> None:
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    assert answer["SubscriptionArn"] == "pending confirmation"
    headers, body = endpoint.next()
    question = json.loads(body)
    assert headers["x-amz-sns-message-type"] == question["Type"] == "SubscriptionConfirmation"
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    verify(question, CONFIRMATION)
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    sns.publish(TopicArn=topic, Message="too early")
    page = get(question["SubscribeURL"])
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] in page
    shown = attributes(sns, listed["SubscriptionArn"])
    assert (shown["PendingConfirmation"], shown["ConfirmationWasAuthenticated"]) == (
        "false",
        "false",
    )
    sns.publish(TopicArn=topic, Message="now")
    headers, body = endpoint.next()
    assert json.loads(body)["Message"] == "now"
    assert headers["x-amz-sns-subscription-arn"] == listed["SubscriptionArn"]


@pytest.mark.parametrize("version", ["1", "2"])
def test_notifications_are_signed(sns: Any, topic: str, endpoint: Any, version: str) -> None:
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version
    )
    subscribe(sns, topic, endpoint)
    for subject in ({}, {"Subject": "news"}):
        sns.publish(TopicArn=topic, Message="hällo\n", **subject)
        message = endpoint.envelope()
        assert message["SignatureVersion"] == version
        verify(message, NOTIFICATION)
        with pytest.raises(InvalidSignature):
            verify({**message, "Message": "forged"}, NOTIFICATION)


def test_only_the_token_confirms(sns: Any, topic: str, endpoint: Any, fresh_name: Any) -> None:
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    token = endpoint.envelope()["Token"]
    other = sns.create_topic(Name=fresh_name())["TopicArn"]
    for arn, wrong in ((topic, "guess"), (other, token)):
        with pytest.raises(sns.exceptions.InvalidParameterException, match="Token"):
            sns.confirm_subscription(TopicArn=arn, Token=wrong)
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    with pytest.raises(sns.exceptions.InvalidParameterException, match="Token"):
        sns.confirm_subscription(TopicArn=f"{topic}-absent", Token=token)
    newer = endpoint.envelope()["Token"]
    with pytest.raises(sns.exceptions.InvalidParameterException, match="Token"):
        sns.confirm_subscription(TopicArn=topic, Token=token)
    arn = sns.confirm_subscription(TopicArn=topic, Token=newer)["SubscriptionArn"]
    assert sns.confirm_subscription(TopicArn=topic, Token=newer)["SubscriptionArn"] == arn


def test_raw_web_delivery(sns: Any, topic: str, endpoint: Any) -> None:
    policy = {"requestPolicy": {"headerContentType": "application/json"}}
    subscribe(sns, topic, endpoint, RawMessageDelivery="true", DeliveryPolicy=json.dumps(policy))
    sns.publish(TopicArn=topic, Message='{"a": 1}')
    headers, body = endpoint.next()
    assert body == '{"a": 1}'
    assert headers["x-amz-sns-rawdelivery"] == "true"
    assert headers["content-type"] == "application/json"


def test_server_errors_are_retried(sns: Any, topic: str, endpoint: Any) -> None:
    retry = {"numRetries": 3, "numNoDelayRetries": 3}
    subscribe(sns, topic, endpoint, DeliveryPolicy=json.dumps({"healthyRetryPolicy": retry}))
    for status in (500, 429, 503):
        endpoint.statuses.put(status)
    sent = sns.publish(TopicArn=topic, Message="x")["MessageId"]
    assert [endpoint.envelope()["MessageId"] for _ in range(4)] == [sent] * 4
    sns.publish(TopicArn=topic, Message="y")
    assert endpoint.envelope()["Message"] == "y"


@pytest.mark.parametrize("statuses", [[404], [302], [500, 500]])
def test_what_a_web_endpoint_does_not_take_is_a_dead_letter(
    sns: Any, topic: str, endpoint: Any, inbox: Any, statuses: list[int]
) -> None:
    dead = inbox()
    retry = {"numRetries": 1, "numNoDelayRetries": 1}
    subscribe(
        sns,
        topic,
        endpoint,
        DeliveryPolicy=json.dumps({"healthyRetryPolicy": retry}),
        RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}),
    )
    for status in statuses:
        endpoint.statuses.put(status)
    sent = sns.publish(TopicArn=topic, Message="x")["MessageId"]
    for _ in statuses:
        endpoint.next()
    assert dead.envelope()["MessageId"] == sent
    assert endpoint.posts.empty()


def test_anybody_with_the_link_may_unsubscribe_a_web_endpoint(
    sns: Any, topic: str, endpoint: Any
) -> None:
    arn = subscribe(sns, topic, endpoint)
    sns.publish(TopicArn=topic, Message="x")
    get(endpoint.envelope()["UnsubscribeURL"])
    with pytest.raises(sns.exceptions.NotFoundException):
        attributes(sns, arn)
    goodbye = endpoint.envelope()
    assert goodbye["Type"] == "UnsubscribeConfirmation"
    verify(goodbye, CONFIRMATION)
    get(goodbye["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="back again")
    assert endpoint.envelope()["Message"] == "back again"


def test_a_guarded_subscription_is_ended_by_its_owner_only(
    sns: Any, topic: str, endpoint: Any
) -> None:
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    question = endpoint.envelope()
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(question["SubscribeURL"] + "&AuthenticateOnUnsubscribe=true")
    assert refused.value.code == 403
    arn = sns.confirm_subscription(
        TopicArn=topic, Token=question["Token"], AuthenticateOnUnsubscribe="true"
    )["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="x")
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(endpoint.envelope()["UnsubscribeURL"])
    assert refused.value.code == 403
    assert attributes(sns, arn)["ConfirmationWasAuthenticated"] == "true"
    sns.unsubscribe(SubscriptionArn=arn)
    sns.unsubscribe(SubscriptionArn=arn)


def test_links_of_queues_end_nothing(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=box.arn)
    sns.publish(TopicArn=topic, Message="x")
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(box.envelope()["UnsubscribeURL"])
    assert refused.value.code == 403


def test_a_queue_of_another_account_is_asked_first(sns: Any, topic: str) -> None:
    theirs = "arn:aws:sqs:us-east-1:999988887777:q"
    given = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": theirs}
    assert sns.subscribe(**given)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**given, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert attributes(sns, arn)["PendingConfirmation"] == "true"


def test_subscribing_again_answers_the_same(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    given = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": box.arn}
    arn = sns.subscribe(**given, Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]
    assert sns.subscribe(**given)["SubscriptionArn"] == arn
    with pytest.raises(sns.exceptions.InvalidParameterException, match="different attributes"):
        sns.subscribe(**given, Attributes={"RawMessageDelivery": "false"})
    shown = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (shown["SubscriptionsConfirmed"], shown["SubscriptionsPending"]) == ("1", "0")


def test_attributes_are_set_and_taken_away(sns: Any, topic: str, inbox: Any) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox().arn)["SubscriptionArn"]

    def put(name: str, value: str) -> None:
        sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName=name, AttributeValue=value
        )

    put("FilterPolicy", '{"a": ["b"]}')
    assert attributes(sns, arn)["FilterPolicyScope"] == "MessageAttributes"
    with pytest.raises(sns.exceptions.InvalidParameterException, match="nested"):
        put("FilterPolicy", '{"a": {"b": ["c"]}}')
    put("FilterPolicyScope", "MessageBody")
    put("FilterPolicy", '{"a": {"b": ["c"]}}')
    with pytest.raises(sns.exceptions.InvalidParameterException, match="nested"):
        put("FilterPolicyScope", "MessageAttributes")
    put("FilterPolicy", "{}")
    assert "FilterPolicy" not in attributes(sns, arn)


@pytest.mark.parametrize(
    ("protocol", "endpoint", "given", "word"),
    [
        ("email", "a@b.example", {}, "does not support this protocol string: email$"),
        ("sms", "+1555", {}, "sms"),
        ("http", "https://x.example", {}, "Endpoint must match the specified protocol$"),
        ("http", "http://", {}, "URL"),
        ("http", "http://x.example:99999/", {}, "Port"),
        ("sqs", "https://x.example/q", {}, "parameter: SQS endpoint ARN$"),
        ("sqs", "arn:aws:lambda:us-east-1:123456789012:q", {}, "parameter: SQS endpoint ARN$"),
        (
            "sqs",
            "arn:aws:sqs:us-east-1:123456789012:q.fifo",
            {},
            "FIFO SQS Queues can not be subscribed to standard SNS topics$",
        ),
        ("lambda", "arn:aws:sqs:us-east-1:123456789012:q", {}, "function"),
        ("lambda", "arn:aws:lambda:us-east-1:999988887777:function:f", {}, "999988887777"),
        ("http", "http://x.example", {"FilterPolicy": "[]"}, "FilterPolicy"),
        (
            "http",
            "http://x.example",
            {"FilterPolicy": '{"a": [["x"]]}'},
            "FilterPolicy: Match value must be String, number, true, false, or null$",
        ),
        ("http", "http://x.example", {"DeliveryPolicy": "[]"}, "DeliveryPolicy"),
        ("http", "http://x.example", {"RedrivePolicy": "{}"}, "RedrivePolicy"),
        ("http", "http://x.example", {"Colour": "red"}, "Colour"),
        (
            "lambda",
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            {"RawMessageDelivery": "true"},
            "lambda",
        ),
    ],
)
def test_bad_subscriptions_are_refused(
    sns: Any, topic: str, protocol: str, endpoint: str, given: dict[str, str], word: str
) -> None:
    with pytest.raises(sns.exceptions.InvalidParameterException, match=word):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=given)


def test_lists_come_in_pages(sns: Any, topic: str) -> None:
    base = "arn:aws:sqs:us-east-1:123456789012:q"
    made = {
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{base}{n}")["SubscriptionArn"]
        for n in range(103)
    }
    for name, arguments in (
        ("list_subscriptions_by_topic", {"TopicArn": topic}),
        ("list_subscriptions", {}),
    ):
        pages = sns.get_paginator(name).paginate(**arguments)
        listed = [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]
        assert made <= set(listed)
        assert len(listed) == len(set(listed)) or name == "list_subscriptions"


def test_deleting_a_topic_ends_its_subscriptions(sns: Any, topic: str, inbox: Any) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox().arn)["SubscriptionArn"]
    sns.delete_topic(TopicArn=topic)
    with pytest.raises(ClientError):
        attributes(sns, arn)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RawMessageDelivery", "maybe", "Invalid value [maybe]. Must be true or false"),
        ("RawMessageDelivery", "", "Invalid value []. Must be true or false"),
        ("FilterPolicyScope", "Headers", "Please use either MessageBody or MessageAttributes"),
        ("RedrivePolicy", '{"deadLetterTargetArn": "x"}', "deadLetterTargetArn is an invalid arn"),
        ("RedrivePolicy", "{x}", "RedrivePolicy: failed to parse JSON"),
        ("Colour", "red", "AttributeName"),
    ],
)
def test_what_is_wrong_with_an_attribute_is_told(
    sns: Any, topic: str, inbox: Any, name: str, value: str, words: str
) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox().arn)["SubscriptionArn"]
    with pytest.raises(sns.exceptions.InvalidParameterException) as caught:
        sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName=name, AttributeValue=value
        )
    assert words in caught.value.response["Error"]["Message"]
