"""From Publish to queues: envelopes, filters, raw delivery, permissions, dead letters."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def subscribe(sns: Any, topic: str, inbox: Any, **attributes: str) -> str:
    arn: str = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=inbox.arn,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return arn


def text(value: str, kind: str = "String") -> dict[str, str]:
    return {"DataType": kind, "StringValue": value}


def test_a_queue_gets_the_message_in_its_envelope(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    subscription = subscribe(sns, topic, box)
    sent = sns.publish(
        TopicArn=topic, Message="hällo", Subject="news", MessageAttributes={"kind": text("new")}
    )
    envelope = box.envelope()
    assert envelope["Type"] == "Notification"
    assert envelope["MessageId"] == sent["MessageId"]
    assert (envelope["Subject"], envelope["Message"]) == ("news", "hällo")
    assert envelope["TopicArn"] == topic
    assert envelope["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}
    assert subscription in envelope["UnsubscribeURL"]


def test_raw_delivery_is_the_message_alone(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    subscribe(sns, topic, box, RawMessageDelivery="true")
    given = {"kind": text("new"), "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sns.publish(TopicArn=topic, Message="plain", Subject="unseen", MessageAttributes=given)
    message = box.next()
    assert message["Body"] == "plain"
    assert message["MessageAttributes"] == given


def test_binary_attributes_are_base64_in_envelopes(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    subscribe(sns, topic, box)
    given = {"bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sns.publish(TopicArn=topic, Message="x", MessageAttributes=given)
    value = box.envelope()["MessageAttributes"]["bytes"]["Value"]
    assert base64.b64decode(value) == b"\x00\xff"


def test_filters_choose_by_attributes_and_by_body(sns: Any, topic: str, inbox: Any) -> None:
    by_attribute, by_body, everything = inbox(), inbox(), inbox()
    subscribe(
        sns,
        topic,
        by_attribute,
        FilterPolicy='{"kind": [{"prefix": "n"}], "size": [{"numeric": [">", 1]}]}',
    )
    subscribe(
        sns,
        topic,
        by_body,
        FilterPolicyScope="MessageBody",
        FilterPolicy='{"article": {"premium": [true]}}',
    )
    subscribe(sns, topic, everything, RawMessageDelivery="true")
    sns.publish(
        TopicArn=topic,
        Message='{"article": {"premium": false}}',
        MessageAttributes={"kind": text("new"), "size": text("2", "Number")},
    )
    sns.publish(
        TopicArn=topic,
        Message='{"article": {"premium": true}}',
        MessageAttributes={"kind": text("old"), "size": text("2", "Number")},
    )
    sns.publish(TopicArn=topic, Message="no JSON at all")
    assert {box["Body"] for box in (everything.next(), everything.next(), everything.next())} == {
        '{"article": {"premium": false}}',
        '{"article": {"premium": true}}',
        "no JSON at all",
    }
    assert by_attribute.envelope()["Message"] == '{"article": {"premium": false}}'
    assert by_body.envelope()["Message"] == '{"article": {"premium": true}}'
    assert by_attribute.empty()
    assert by_body.empty()


def test_messages_by_protocol(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    subscribe(sns, topic, box)
    texts = {"default": "for all", "sqs": "for queues", "lambda": "for functions"}
    sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json")
    assert box.envelope()["Message"] == "for queues"


def test_a_batch_is_published_as_a_whole(sns: Any, topic: str, inbox: Any) -> None:
    box = inbox()
    subscribe(sns, topic, box)
    good: dict[str, Any] = {"Id": "good", "Message": "x"}
    wrong = {"attr": {"DataType": "Number", "StringValue": "x"}}
    for bad in ({"Subject": "two\nlines"}, {"MessageAttributes": wrong}):
        with pytest.raises(ClientError) as caught:
            entries = [good, {"Id": "bad", "Message": "y", **bad}]
            sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        assert caught.value.response["Error"]["Code"].startswith(("Invalid", "ParameterValue"))
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[good])
    (sent,) = answer["Successful"]
    assert answer.get("Failed", []) == []
    assert box.envelope()["MessageId"] == sent["MessageId"]


def test_batches_have_limits(sns: Any, topic: str) -> None:
    def publish(*entries: dict[str, str]) -> None:
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=list(entries))

    with pytest.raises(
        sns.exceptions.TooManyEntriesInBatchRequestException,
        match=r"more entries than permissible.$",
    ):
        publish(*({"Id": str(n), "Message": "x"} for n in range(11)))
    with pytest.raises(sns.exceptions.BatchEntryIdsNotDistinctException):
        publish({"Id": "a", "Message": "x"}, {"Id": "a", "Message": "x"})
    with pytest.raises(sns.exceptions.InvalidBatchEntryIdException):
        publish({"Id": "a b", "Message": "x"})
    with pytest.raises(sns.exceptions.BatchRequestTooLongException):
        publish(*({"Id": str(n), "Message": "x" * 140_000} for n in range(2)))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Message": ""}, "InvalidParameter"),
        ({"Message": "x" * 262_145}, "InvalidParameter"),
        ({"Message": "x" * 262_144, "MessageAttributes": {"a": text("b")}}, "InvalidParameter"),
        ({"Message": "x", "Subject": "x" * 101}, "InvalidParameter"),
        ({"Message": "x", "Subject": ""}, "InvalidParameter"),
        ({"Message": "x", "Subject": "two\nlines"}, "InvalidParameter"),
        ({"Message": "x", "MessageStructure": "json"}, "InvalidParameter"),
        ({"Message": '{"sqs": "x"}', "MessageStructure": "json"}, "InvalidParameter"),
        ({"Message": "x", "MessageDeduplicationId": "1"}, "InvalidParameter"),
        ({"Message": "x", "MessageAttributes": {"a": text("")}}, "ParameterValueInvalid"),
        (
            {"Message": "x", "MessageAttributes": {"a": text("x", "Number")}},
            "ParameterValueInvalid",
        ),
        ({"Message": "x", "MessageAttributes": {"a": text("x", "Text")}}, "ParameterValueInvalid"),
        ({"Message": "x", "MessageAttributes": {".a": text("x")}}, "ParameterValueInvalid"),
        ({"Message": "x", "MessageAttributes": {"a" * 257: text("x")}}, "ParameterValueInvalid"),
        (
            {"Message": "x", "MessageAttributes": {"a": text("x", "Binary")}},
            "ParameterValueInvalid",
        ),
        ({"Message": "x", "MessageAttributes": {"AWS.a": text("x")}}, "ParameterValueInvalid"),
    ],
)
def test_bad_messages_are_refused(sns: Any, topic: str, arguments: Any, code: str) -> None:
    with pytest.raises(ClientError) as error:
        sns.publish(TopicArn=topic, **arguments)
    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("arguments", "sentence", "detail"),
    [
        ({"Message": "x" * 262_145}, "Invalid parameter: Message too long", "262145 bytes"),
        ({"Message": "x", "Subject": "x" * 101}, "Invalid parameter: Subject", "101 characters"),
        ({"Message": "x", "Subject": "a\nb"}, "Invalid parameter: Subject", "line breaks"),
    ],
)
def test_refusals_are_aws_s_with_ours_beside_them(
    sns: Any, topic: str, arguments: Any, sentence: str, detail: str
) -> None:
    with pytest.raises(ClientError) as refused:
        sns.publish(TopicArn=topic, **arguments)
    error = refused.value.response["Error"]
    assert (error["Message"], detail in error["Detail"]) == (sentence, True)


def test_publishing_names_one_target(sns: Any, topic: str) -> None:
    assert sns.publish(TargetArn=topic, Message="x")["MessageId"]
    with pytest.raises(sns.exceptions.InvalidParameterException, match="PhoneNumber"):
        sns.publish(PhoneNumber="+1555", Message="x")
    with pytest.raises(sns.exceptions.InvalidParameterException, match="no value for required"):
        sns.publish(Message="x")
    with pytest.raises(sns.exceptions.InvalidParameterException, match="exactly one"):
        sns.publish(TopicArn=topic, TargetArn=topic, Message="x")
    with pytest.raises(sns.exceptions.NotFoundException):
        sns.publish(TopicArn=f"{topic}-absent", Message="x")
    with pytest.raises(sns.exceptions.InvalidParameterException, match="6 elements, not 2"):
        sns.publish(TopicArn="topic:1", Message="x")


def test_a_queue_that_does_not_allow_it_gets_nothing(sns: Any, topic: str, inbox: Any) -> None:
    closed, dead = inbox(allow=False), inbox()
    subscribe(sns, topic, closed, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    sent = sns.publish(TopicArn=topic, Message="x")
    assert dead.envelope()["MessageId"] == sent["MessageId"]
    assert closed.empty()


def test_policies_of_queues_see_which_topic_sends(
    sns: Any, topic: str, inbox: Any, fresh_name: Any
) -> None:
    other = sns.create_topic(Name=fresh_name())["TopicArn"]
    box, dead = inbox(allow=False), inbox()
    box.allow({"ArnEquals": {"aws:SourceArn": topic}})
    for arn in (other, topic):
        subscribe(sns, arn, box, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
        sns.publish(TopicArn=arn, Message="x")
    assert dead.envelope()["TopicArn"] == other
    assert box.envelope()["TopicArn"] == topic
    assert box.empty()


def test_dead_letters_of_raw_subscriptions_are_raw(sns: Any, topic: str, inbox: Any) -> None:
    closed, dead = inbox(allow=False), inbox()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn})
    subscribe(sns, topic, closed, RedrivePolicy=redrive, RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="plain", MessageAttributes={"a": text("b")})
    message = dead.next()
    assert message["Body"] == "plain"
    assert message["MessageAttributes"] == {"a": text("b")}


def test_many_subscribers_each_get_it(sns: Any, topic: str, inbox: Any) -> None:
    boxes = [inbox() for _ in range(12)]
    for box in boxes:
        subscribe(sns, topic, box)
    sent = sns.publish(TopicArn=topic, Message="x")
    assert {box.envelope()["MessageId"] for box in boxes} == {sent["MessageId"]}


def test_what_was_published_survives_a_killed_server(durable_server: Any, fresh_name: Any) -> None:
    server = durable_server()
    sns, sqs = server.client("sns"), server.client("sqs")
    from tests.services.sns.conftest import Inbox

    name, topic = fresh_name(), sns.create_topic(Name=fresh_name())["TopicArn"]
    subscribe(sns, topic, Inbox(sqs, name), RawMessageDelivery="true")
    sent = {
        sns.publish(TopicArn=topic, Message=f"message {n}")["MessageId"] and f"message {n}"
        for n in range(40)
    }
    server.kill()
    sqs = durable_server().client("sqs")
    box, got = Inbox(sqs, name), set()
    while got != sent:
        got.add(box.next()["Body"])
    assert got == sent
