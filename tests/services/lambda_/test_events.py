"""Asynchronous invocation: accepted means handled, in the end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.lambda_.conftest import ACCOUNT, TRUST, allow, zipped
from tests.waiting import until

KEEP = (
    "import boto3, json\n"
    "def handler(e, c):\n"
    "    boto3.client('ssm').put_parameter(Name=e['name'], Value=json.dumps([e, c.aws_request_id]),\n"
    "        Type='String', Overwrite=True)\n"
)


def parameter(ssm: Any, name: str) -> Any:
    """The parameter a function writes, once it has."""
    (found,) = until(lambda: ssm.get_parameters(Names=[name])["Parameters"], f"parameter {name}")
    return json.loads(found["Value"])


def message(sqs: Any, url: str) -> dict[str, Any]:
    asked = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
    (found,) = until(lambda: sqs.receive_message(**asked).get("Messages"), "a message")
    return dict(found)


def test_an_event_is_accepted_and_handled(
    client: Callable[..., Any], lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    name, place = make(KEEP, "ssm:PutParameter"), fresh_name("p")
    answer = lam.invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({"name": place})
    )
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    event, request_id = parameter(client("ssm"), place)
    assert event == {"name": place}
    assert request_id == answer["ResponseMetadata"]["RequestId"]


def test_what_fails_for_good_is_told(
    client: Callable[..., Any], lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    sqs = client("sqs")
    urls = [sqs.create_queue(QueueName=fresh_name("q"))["QueueUrl"] for _ in range(2)]
    destination, dead = (f"arn:aws:sqs:us-east-1:{ACCOUNT}:{url.split('/')[-1]}" for url in urls)
    name = make(
        "def handler(e, c):\n    raise ValueError('bad event')\n",
        "sqs:SendMessage",
        DeadLetterConfig={"TargetArn": dead},
    )
    lam.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    answer = lam.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"a": 1}')
    request_id = answer["ResponseMetadata"]["RequestId"]
    record = json.loads(message(sqs, urls[0])["Body"])
    assert record["version"] == "1.0"
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 1,
    }
    assert record["requestPayload"] == {"a": 1}
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"] == "ValueError"
    letter = message(sqs, urls[1])
    assert json.loads(letter["Body"]) == {"a": 1}
    attributes = {k: v["StringValue"] for k, v in letter["MessageAttributes"].items()}
    assert attributes == {"RequestID": request_id, "ErrorCode": "200", "ErrorMessage": "bad event"}


def test_success_can_be_told_too(
    client: Callable[..., Any], lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    sqs = client("sqs")
    queue = fresh_name("q")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    name = make("def handler(e, c):\n    return 'fine'\n", "sqs:SendMessage")
    lam.put_function_event_invoke_config(
        FunctionName=name,
        DestinationConfig={
            "OnSuccess": {"Destination": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{queue}"}
        },
    )
    lam.invoke(FunctionName=name, InvocationType="Event")
    record = json.loads(message(sqs, url)["Body"])
    assert (record["requestContext"]["condition"], record["responsePayload"]) == ("Success", "fine")


def test_a_bucket_keeps_what_failed_through_an_alias(
    client: Callable[..., Any], lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    s3, bucket = client("s3"), fresh_name("failed")
    s3.create_bucket(Bucket=bucket)
    name = make("def handler(e, c):\n    raise ValueError(e)\n", "s3:PutObject", Publish=True)
    lam.create_alias(FunctionName=name, Name="PROD", FunctionVersion="1")
    lam.put_function_event_invoke_config(
        FunctionName=name,
        Qualifier="PROD",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}},
    )
    lam.invoke(FunctionName=name, Qualifier="PROD", InvocationType="Event", Payload=b'"odd"')
    (found,) = until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    key = found["Key"]
    assert re.fullmatch(
        rf"aws/lambda/async/{name}/\d{{4}}/\d\d/\d\d/"
        r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}",
        key,
    )
    record = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert record["requestContext"]["functionArn"].endswith(f":{name}:PROD")
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responseContext"]["executedVersion"] == "1"
    assert record["requestPayload"] == "odd"


@pytest.mark.parametrize(
    ("member", "target", "words"),
    [
        ("OnSuccess", "arn:aws:s3:::bucket", "a topic, a queue or a function"),
        ("OnSuccess", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:none", "no such function"),
        ("OnFailure", "arn:aws:events:us-east-1:123456789012:event-bus/x", "or a bucket"),
        ("OnFailure", None, "the function as a destination for itself"),
    ],
)
def test_destinations_that_cannot_be_are_refused(
    lam: Any, make: Callable[..., str], member: str, target: str | None, words: str
) -> None:
    name = make("")
    arn = target or f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    with pytest.raises(lam.exceptions.InvalidParameterValueException, match=words):
        lam.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={member: {"Destination": arn}}
        )


def test_a_function_and_a_topic_are_told(
    client: Callable[..., Any], lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    place = fresh_name("p")
    keeper = make(
        "import boto3, json\n"
        "def handler(e, c):\n"
        "    boto3.client('ssm').put_parameter(Name=e['requestPayload'], Value=json.dumps(e),\n"
        "        Type='String')\n",
        "ssm:PutParameter",
    )
    sns, sqs, queue = client("sns"), client("sqs"), fresh_name("q")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    queue_arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{queue}"
    topic = sns.create_topic(Name=fresh_name("topic"))["TopicArn"]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    name = make(
        "def handler(e, c):\n    if e == 'bad': raise ValueError(e)\n    return 'fine'\n",
        "sns:Publish",
        "lambda:InvokeFunction",
    )
    lam.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={
            "OnSuccess": {"Destination": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{keeper}"},
            "OnFailure": {"Destination": topic},
        },
    )
    for event in (place, "bad"):
        lam.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    assert parameter(client("ssm"), place)["responsePayload"] == "fine"
    record = json.loads(json.loads(message(sqs, url)["Body"])["Message"])
    assert (record["requestPayload"], record["responseContext"]["statusCode"]) == ("bad", 200)


def test_the_event_configuration_is_kept(lam: Any, make: Callable[..., str]) -> None:
    name = make("")
    lam.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60
    )
    lam.update_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=2)
    found = lam.get_function_event_invoke_config(FunctionName=name)
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (2, 60)
    assert len(lam.list_function_event_invoke_configs(FunctionName=name)[
        "FunctionEventInvokeConfigs"
    ]) == 1  # fmt: skip
    with pytest.raises(lam.exceptions.InvalidParameterValueException, match="at least one of"):
        lam.put_function_event_invoke_config(FunctionName=name)
    lam.delete_function_event_invoke_config(FunctionName=name)
    with pytest.raises(lam.exceptions.ResourceNotFoundException):
        lam.get_function_event_invoke_config(FunctionName=name)


def test_a_killed_server_loses_no_event_and_leaves_no_worker(
    durable_server: Callable[..., Any],
) -> None:
    """kill -9 while a function runs: its worker dies too, and the event is run again."""
    server = durable_server()
    iam, lam = server.client("iam"), server.client("lambda")
    iam.create_role(RoleName="fn", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(
        RoleName="fn", PolicyName="p", PolicyDocument=allow("ssm:PutParameter", "ssm:GetParameters")
    )
    source = (
        "import boto3, time, os\n"
        "ssm = boto3.client('ssm')\n"
        "def handler(e, c):\n"
        "    if not ssm.get_parameters(Names=['begun'])['Parameters']:\n"
        "        ssm.put_parameter(Name='begun', Value='1', Type='String')\n"
        "        time.sleep(600)\n"
        "    ssm.put_parameter(Name='done', Value='\"' + c.aws_request_id + '\"', Type='String')\n"
    )
    lam.create_function(
        FunctionName="slow",
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/fn",
        Handler="main.handler",
        Timeout=900,
        Code={"ZipFile": zipped({"main.py": source})},
    )
    answer = lam.invoke(FunctionName="slow", InvocationType="Event")
    parameter(server.client("ssm"), "begun")
    workers = _descendants(server.process.pid)
    assert len(workers) >= 2
    server.kill()
    until(lambda: not any(map(_alive, workers)), "the end of the workers")
    again = durable_server()
    done = parameter(again.client("ssm"), "done")
    assert done == answer["ResponseMetadata"]["RequestId"]


def _descendants(pid: int) -> list[int]:
    from inhouse.compute import usage

    return usage.tree(pid)[1:]


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
