"""From Publish to a running function."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

SOURCE = """
import json, os, boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["INBOX"], MessageBody=json.dumps(event))
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
ANYTHING = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}


@pytest.fixture
def function(client: Callable[..., Any], fresh_name: Callable[..., str]) -> Callable[[str], str]:
    """The ARN of a function that sends its event to the queue at a URL."""

    def make(inbox: str) -> str:
        iam, name = client("iam"), fresh_name("fn")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [ANYTHING]})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("main.py", SOURCE)
        made = client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=role["Arn"],
            Handler="main.handler",
            Code={"ZipFile": package.getvalue()},
            Environment={"Variables": {"INBOX": inbox}},
            Timeout=30,
        )
        return str(made["FunctionArn"])

    return make


def test_a_function_gets_the_event_of_aws(
    client: Any, sns: Any, topic: str, inbox: Any, function: Callable[[str], str]
) -> None:
    box = inbox()
    arn = function(box.url)
    client("lambda").add_permission(
        FunctionName=arn,
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)["SubscriptionArn"]
    given = {"kind": {"DataType": "String", "StringValue": "new"}}
    sent = sns.publish(TopicArn=topic, Message="hällo", MessageAttributes=given)
    (record,) = json.loads(box.next()["Body"])["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventVersion"] == "1.0"
    assert record["EventSubscriptionArn"] == subscription
    message = record["Sns"]
    assert message["Type"] == "Notification"
    assert (message["MessageId"], message["TopicArn"]) == (sent["MessageId"], topic)
    assert (message["Subject"], message["Message"]) == (None, "hällo")
    assert message["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}
    assert set(message) == {
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertUrl",
        "UnsubscribeUrl",
        "MessageAttributes",
    }


@pytest.mark.parametrize("permitted", ["nobody", "another topic", "no such function"])
def test_functions_that_do_not_allow_it_are_not_run(
    client: Any, sns: Any, topic: str, inbox: Any, function: Callable[[str], str], permitted: str
) -> None:
    box, dead = inbox(), inbox()
    arn = function(box.url)
    if permitted == "another topic":
        client("lambda").add_permission(
            FunctionName=arn,
            StatementId="sns",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=f"{topic}-another",
        )
    if permitted == "no such function":
        client("lambda").delete_function(FunctionName=arn)
    redrive = json.dumps({"deadLetterTargetArn": dead.arn})
    sns.subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes={"RedrivePolicy": redrive}
    )
    sent = sns.publish(TopicArn=topic, Message="x")
    assert dead.envelope()["MessageId"] == sent["MessageId"]
    assert box.empty()
