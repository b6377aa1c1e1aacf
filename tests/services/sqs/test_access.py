"""Who may do what with a queue, and the older protocol that some SDKs still speak."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.serving import KEY_ID, REGION, SECRET
from tests.waiting import PATIENCE


@pytest.fixture
def queue(client: Callable[..., Any], fresh_name: Callable[..., str]) -> str:
    url: str = client("sqs").create_queue(QueueName=fresh_name())["QueueUrl"]
    return url


@pytest.fixture
def as_user(client: Callable[..., Any], fresh_name: Callable[..., str]) -> Callable[..., Any]:
    iam = client("iam")

    def make(*statements: dict[str, Any]) -> Any:
        name = fresh_name("user")
        iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(
            "sqs",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return make


def test_users_do_what_their_policies_say(client: Any, as_user: Any, queue: str) -> None:
    name = queue.rpartition("/")[2]
    sender = as_user(
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:*:*:{name}"}
    )
    assert sender.send_message(QueueUrl=queue, MessageBody="x")["MessageId"]
    assert sender.send_message_batch(QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "x"}])[
        "Successful"
    ]
    for user in (sender, as_user()):
        with pytest.raises(ClientError) as error:
            user.receive_message(QueueUrl=queue)
        assert "AccessDenied" in error.value.response["Error"]["Code"]
    with pytest.raises(ClientError):
        sender.delete_queue(QueueUrl=queue)
    assert client("sqs").get_queue_url(QueueName=name)["QueueUrl"] == queue


def test_the_queues_of_others_are_theirs(client: Any, queue: str) -> None:
    theirs = queue.replace("/123456789012/", "/999988887777/")
    with pytest.raises(ClientError) as error:
        client("sqs").send_message(QueueUrl=theirs, MessageBody="x")
    assert "AccessDenied" in error.value.response["Error"]["Code"]


def call(url: str, **fields: str) -> ElementTree.Element:
    """A signed request in the query protocol, as SDKs sent it before 2023."""
    body = urllib.parse.urlencode({"Version": "2012-11-05", **fields})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", url, data=body, headers=headers)
    SigV4Auth(Credentials(KEY_ID, SECRET), "sqs", REGION).add_auth(request)
    sent = urllib.request.Request(url, body.encode(), dict(request.headers.items()))
    with urllib.request.urlopen(sent, timeout=PATIENCE) as answer:
        return ElementTree.fromstring(answer.read())


SPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"


def test_the_query_protocol(server: Any, queue: str) -> None:
    sent = call(
        queue,
        Action="SendMessage",
        MessageBody="<x>",
        **{
            "MessageAttribute.1.Name": "a",
            "MessageAttribute.1.Value.DataType": "String",
            "MessageAttribute.1.Value.StringValue": "b",
        },
    )
    assert sent.find(f".//{SPACE}MD5OfMessageAttributes") is not None
    got = call(
        queue,
        Action="ReceiveMessage",
        **{"MessageAttributeName.1": "All", "AttributeName.1": "All"},
    )
    (message,) = got.iter(f"{SPACE}Message")
    assert message.findtext(f"{SPACE}Body") == "<x>"
    assert message.findtext(f"{SPACE}MessageAttribute/{SPACE}Name") == "a"
    facts = {
        one.findtext(f"{SPACE}Name"): one.findtext(f"{SPACE}Value")
        for one in message.iter(f"{SPACE}Attribute")
    }
    assert facts["ApproximateReceiveCount"] == "1"
    call(
        queue, Action="DeleteMessage", ReceiptHandle=str(message.findtext(f"{SPACE}ReceiptHandle"))
    )
    with pytest.raises(urllib.error.HTTPError) as error:
        call(f"{server.endpoint}/", Action="GetQueueUrl", QueueName="absent")
    assert b"<Code>AWS.SimpleQueueService.NonExistentQueue</Code>" in error.value.read()
