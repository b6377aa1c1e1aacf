"""Messages over boto3: sending, receiving, hiding, dead letters, order."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import PATIENCE


@pytest.fixture
def sqs(client: Any) -> Any:
    return client("sqs")


@pytest.fixture
def queue(sqs: Any, fresh_name: Any) -> str:
    url: str = sqs.create_queue(QueueName=fresh_name())["QueueUrl"]
    return url


def arn_of(sqs: Any, url: str) -> str:
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn: str = shown["Attributes"]["QueueArn"]
    return arn


def counts(sqs: Any, url: str) -> list[int]:
    names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    shown = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [int(shown[name]) for name in names]


def receive(sqs: Any, url: str, **arguments: Any) -> list[Any]:
    found: list[Any] = sqs.receive_message(QueueUrl=url, **arguments).get("Messages", [])
    return found


def test_a_message_is_hidden_until_it_is_deleted(sqs: Any, queue: str) -> None:
    sent = sqs.send_message(QueueUrl=queue, MessageBody="grüße")
    assert sent["MD5OfMessageBody"] == hashlib.md5("grüße".encode()).hexdigest()
    (message,) = receive(sqs, queue)
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "grüße")
    assert receive(sqs, queue) == []
    assert counts(sqs, queue) == [0, 1, 0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert counts(sqs, queue) == [0, 0, 0]


def test_a_message_that_is_not_deleted_comes_back(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="again")
    (first,) = receive(sqs, queue, VisibilityTimeout=1)
    (second,) = receive(
        sqs, queue, WaitTimeSeconds=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )
    assert second["Attributes"] == {"ApproximateReceiveCount": "2"}
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    assert counts(sqs, queue) == [0, 1, 0], "an old receipt deletes nothing that others work on"


def test_message_attributes_and_their_digest(sqs: Any, queue: str) -> None:
    # botocore's SQS client compares the digests of what it sends by itself.
    given = {
        "text": {"DataType": "String", "StringValue": "é"},
        "number": {"DataType": "Number.int", "StringValue": "7"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=given)
    (message,) = receive(sqs, queue, MessageAttributeNames=["All"], VisibilityTimeout=0)
    assert message["MessageAttributes"] == given
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    (message,) = receive(sqs, queue, MessageAttributeNames=["nu.*", "text"], VisibilityTimeout=0)
    assert set(message["MessageAttributes"]) == {"text"}
    (message,) = receive(sqs, queue)
    assert "MessageAttributes" not in message


def test_the_digest_of_attributes_is_the_documented_one(sqs: Any, queue: str) -> None:
    given = {"name": {"DataType": "String", "StringValue": "value"}}
    encoded = b"\0\0\0\4name\0\0\0\6String\1\0\0\0\5value"
    sent = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=given)
    assert sent["MD5OfMessageAttributes"] == hashlib.md5(encoded).hexdigest()


def test_long_polls_end_when_a_message_comes(client: Any, queue: str) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(receive, client("sqs"), queue, WaitTimeSeconds=20)
        client("sqs").send_message(QueueUrl=queue, MessageBody="here")
        (message,) = waiting.result(timeout=PATIENCE)
    assert message["Body"] == "here"


def test_each_message_goes_to_one_consumer(client: Any, queue: str) -> None:
    sqs = client("sqs")
    for batch in range(3):
        entries = [{"Id": str(n), "MessageBody": f"{batch}-{n}"} for n in range(10)]
        assert "Failed" not in sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    def drain(_: int) -> list[str]:
        mine, consumer = [], client("sqs")
        while found := receive(consumer, queue, MaxNumberOfMessages=4):
            mine += [message["Body"] for message in found]
        return mine

    with ThreadPoolExecutor(4) as pool:
        bodies = [body for mine in pool.map(drain, range(4)) for body in mine]
    assert sorted(bodies) == sorted(f"{batch}-{n}" for batch in range(3) for n in range(10))


def test_delayed_messages(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=2)
    assert receive(sqs, queue) == []
    assert counts(sqs, queue) == [0, 0, 1]
    (message,) = receive(sqs, queue, WaitTimeSeconds=10)
    assert message["Body"] == "later"


def test_visibility_can_be_changed(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = receive(sqs, queue)
    handle = message["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    with pytest.raises(sqs.exceptions.MessageNotInflight):
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=9)
    assert len(receive(sqs, queue)) == 1
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle="junk", VisibilityTimeout=0)


def test_messages_received_too_often_become_dead_letters(sqs: Any, fresh_name: Any) -> None:
    dead = sqs.create_queue(QueueName=fresh_name("dead"))["QueueUrl"]
    policy = {"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 2}
    url = sqs.create_queue(
        QueueName=fresh_name(), Attributes={"RedrivePolicy": json.dumps(policy)}
    )["QueueUrl"]
    sent = sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert len(receive(sqs, url, VisibilityTimeout=0)) == 1
    assert len(receive(sqs, url, VisibilityTimeout=0)) == 1
    assert receive(sqs, url) == []
    (message,) = receive(sqs, dead, AttributeNames=["All"])
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn_of(sqs, url)
    assert counts(sqs, url) == [0, 0, 0]


def test_purging_empties_a_queue_once_a_minute(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="gone")
    sqs.purge_queue(QueueUrl=queue)
    assert receive(sqs, queue) == []
    with pytest.raises(sqs.exceptions.PurgeQueueInProgress):
        sqs.purge_queue(QueueUrl=queue)
    sqs.send_message(QueueUrl=queue, MessageBody="new")
    assert [message["Body"] for message in receive(sqs, queue)] == ["new"]


def test_batches_succeed_and_fail_entry_by_entry(sqs: Any, queue: str) -> None:
    answer = sqs.send_message_batch(
        QueueUrl=queue,
        Entries=[{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "\x00"}],
    )
    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert [(one["Id"], one["SenderFault"]) for one in answer["Failed"]] == [("bad", True)]
    (message,) = receive(sqs, queue)
    answer = sqs.delete_message_batch(
        QueueUrl=queue,
        Entries=[
            {"Id": "a", "ReceiptHandle": message["ReceiptHandle"]},
            {"Id": "b", "ReceiptHandle": "junk"},
        ],
    )
    assert [one["Id"] for one in answer["Successful"]] == ["a"]
    assert [one["Id"] for one in answer["Failed"]] == ["b"]
    assert counts(sqs, queue) == [0, 0, 0]


def test_batches_have_limits(sqs: Any, queue: str) -> None:
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=queue, Entries=[])
    with pytest.raises(sqs.exceptions.TooManyEntriesInBatchRequest):
        entries = [{"Id": str(n), "MessageBody": "x"} for n in range(11)]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "x", "MessageBody": "x"}] * 2)
    with pytest.raises(sqs.exceptions.BatchRequestTooLong):
        large = "x" * 600_000
        entries = [{"Id": str(n), "MessageBody": large} for n in range(2)]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)


@pytest.mark.parametrize(
    "arguments",
    [
        {"MessageBody": "x" * (1 << 20) + "x"},
        {"MessageBody": "\x01"},
        {"MessageBody": ""},
        {"MessageBody": "x", "DelaySeconds": 901},
        {"MessageBody": "x", "MessageDeduplicationId": "1"},
        {
            "MessageBody": "x",
            "MessageAttributes": {"n": {"DataType": "Number", "StringValue": "x"}},
        },
        {
            "MessageBody": "x",
            "MessageAttributes": {"AWS.n": {"DataType": "String", "StringValue": "x"}},
        },
        {"MessageBody": "x", "MessageAttributes": {"n": {"DataType": "Text", "StringValue": "x"}}},
        {"MessageBody": "x", "MessageAttributes": {"n": {"DataType": "String", "StringValue": ""}}},
    ],
)
def test_bad_messages_are_refused(sqs: Any, queue: str, arguments: Any) -> None:
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue, **arguments)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert counts(sqs, queue) == [0, 0, 0]


@pytest.mark.parametrize(
    "arguments",
    [{"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21}, {"VisibilityTimeout": 43_201}],
)
def test_bad_receives_are_refused(sqs: Any, queue: str, arguments: Any) -> None:
    with pytest.raises(ClientError) as error:
        sqs.receive_message(QueueUrl=queue, **arguments)
    assert next(iter(arguments)) in error.value.response["Error"]["Message"]


@pytest.fixture
def fifo(sqs: Any, fresh_name: Any) -> str:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url: str = sqs.create_queue(QueueName=f"{fresh_name()}.fifo", Attributes=attributes)["QueueUrl"]
    return url


def test_fifo_queues_keep_order_within_a_group(sqs: Any, fifo: str) -> None:
    for group, body in [("a", "a1"), ("a", "a2"), ("b", "b1")]:
        sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group)
    (first,) = receive(sqs, fifo)
    (second,) = receive(sqs, fifo)
    assert [first["Body"], second["Body"]] == ["a1", "b1"], "a2 waits for a1"
    assert receive(sqs, fifo) == []
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first["ReceiptHandle"])
    assert [message["Body"] for message in receive(sqs, fifo)] == ["a2"]


def test_fifo_queues_take_the_same_message_once(sqs: Any, fifo: str) -> None:
    first = sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g")
    second = sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g")
    third = sqs.send_message(QueueUrl=fifo, MessageBody="y", MessageGroupId="g")
    assert first["MessageId"] == second["MessageId"]
    assert first["SequenceNumber"] == second["SequenceNumber"] < third["SequenceNumber"]
    assert counts(sqs, fifo) == [2, 0, 0]
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=fifo, MessageBody="no group")


def test_messages_survive_a_killed_server(durable_server: Any, fresh_name: Any) -> None:
    server = durable_server()
    sqs = server.client("sqs")
    name = fresh_name()
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    for n in range(5):
        sqs.send_message(QueueUrl=url, MessageBody=str(n))
    (taken,) = receive(sqs, url)
    server.process.kill()
    server.process.wait()
    sqs = durable_server().client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    assert counts(sqs, url) == [4, 1, 0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=taken["ReceiptHandle"])
    assert counts(sqs, url) == [4, 0, 0]
