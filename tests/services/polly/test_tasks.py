"""Synthesis tasks: into a bucket, told to a topic, done once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.polly.tasks import ended
from tests.serving import RunningServer


def start(polly: Any, bucket: str, **arguments: Any) -> dict[str, Any]:
    request = {"Text": "Good morning.", "VoiceId": "Tone", "OutputFormat": "pcm", **arguments}
    task: dict[str, Any] = polly.start_speech_synthesis_task(OutputS3BucketName=bucket, **request)
    return task["SynthesisTask"]


@pytest.fixture
def bucket(client: Callable[..., Any], fresh_name: Callable[..., str]) -> str:
    name = fresh_name("audio")
    client("s3").create_bucket(Bucket=name)
    return name


def test_a_task_lands_in_its_bucket(client: Callable[..., Any], bucket: str) -> None:
    polly, s3 = client("polly"), client("s3")
    task = start(polly, bucket, OutputS3KeyPrefix="news/today")
    assert task["TaskStatus"] == "scheduled"
    key = f"news/today.{task['TaskId']}.pcm"
    assert task["OutputUri"].endswith(f"/{bucket}/{key}")
    assert ended(polly, task["TaskId"])["TaskStatus"] == "completed"
    stored = s3.get_object(Bucket=bucket, Key=key)
    spoken = polly.synthesize_speech(Text="Good morning.", VoiceId="Tone", OutputFormat="pcm")
    assert stored["Body"].read() == spoken["AudioStream"].read()
    assert stored["ContentType"] == "audio/pcm"


def test_a_topic_is_told(
    client: Callable[..., Any], bucket: str, fresh_name: Callable[..., str]
) -> None:
    sns, sqs, polly = client("sns"), client("sqs"), client("polly")
    topic = sns.create_topic(Name=fresh_name())["TopicArn"]
    url = sqs.create_queue(QueueName=fresh_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    allow = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(allow)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    task = start(polly, bucket, SnsTopicArn=topic)
    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages", [])
    assert len(got) == 1
    told = json.loads(json.loads(got[0]["Body"])["Message"])
    assert told["taskId"] == task["TaskId"]
    assert told["taskStatus"] == "completed"
    assert told["outputUri"] == task["OutputUri"]


def test_to_publish_is_all_that_a_topic_asks_of_the_caller(
    client: Callable[..., Any], server: RunningServer, bucket: str, fresh_name: Callable[..., str]
) -> None:
    iam, user = client("iam"), fresh_name("speaker")
    topic = client("sns").create_topic(Name=fresh_name())["TopicArn"]
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    polly = server.client(
        "polly",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    for actions, allowed in ((["polly:*", "s3:PutObject"], False), (["sns:Publish"], True)):
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=user, PolicyName=f"policy{allowed}", PolicyDocument=document)
        if allowed:
            task = start(polly, bucket, SnsTopicArn=topic)
            assert ended(polly, task["TaskId"])["TaskStatus"] == "completed"
        else:
            with pytest.raises(ClientError, match="sns:Publish"):
                start(polly, bucket, SnsTopicArn=topic)


def test_tasks_are_listed_newest_first_in_pages(client: Callable[..., Any], bucket: str) -> None:
    polly = client("polly")
    made = [start(polly, bucket)["TaskId"] for _ in range(5)]
    for task in made:
        ended(polly, task)
    pages = polly.get_paginator("list_speech_synthesis_tasks").paginate(
        PaginationConfig={"PageSize": 2}
    )
    listed = [task["TaskId"] for page in pages for task in page["SynthesisTasks"]]
    assert len(listed) == len(set(listed))
    assert [task for task in listed if task in made] == made[::-1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"OutputS3BucketName": "no-such-bucket-anywhere"}, "InvalidS3BucketException"),
        ({"OutputS3BucketName": "NOT A NAME"}, "InvalidS3BucketException"),
        ({"OutputS3KeyPrefix": "späße"}, "InvalidS3KeyException"),
        (
            {"SnsTopicArn": "arn:aws:sns:us-east-1:123456789012:nothing"},
            "InvalidSnsTopicArnException",
        ),
        ({"SnsTopicArn": "topic"}, "InvalidSnsTopicArnException"),
        ({"Text": "x" * 100_001}, "TextLengthExceededException"),
    ],
)
def test_bad_input_is_named(
    client: Callable[..., Any], bucket: str, arguments: dict[str, Any], code: str
) -> None:
    request = {
        "Text": "t", "VoiceId": "Tone", "OutputFormat": "pcm", "OutputS3BucketName": bucket,
        **arguments,
    }  # fmt: skip
    with pytest.raises(ClientError) as raised:
        client("polly").start_speech_synthesis_task(**request)
    assert raised.value.response["Error"]["Code"] == code


def test_a_task_nobody_started(client: Callable[..., Any]) -> None:
    polly = client("polly")
    with pytest.raises(polly.exceptions.SynthesisTaskNotFoundException):
        polly.get_speech_synthesis_task(TaskId="nothing")


def test_tasks_of_a_status_in_pages(client: Callable[..., Any], bucket: str) -> None:
    polly = client("polly")
    made = [start(polly, bucket)["TaskId"] for _ in range(3)]
    for task in made:
        ended(polly, task)
    paginator = polly.get_paginator("list_speech_synthesis_tasks")
    pages = paginator.paginate(Status="completed", PaginationConfig={"PageSize": 2})
    listed = [task["TaskId"] for page in pages for task in page["SynthesisTasks"]]
    assert set(made) <= set(listed)
    with pytest.raises(ClientError) as raised:
        polly.list_speech_synthesis_tasks(Status="done")
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_an_id_that_is_none(client: Callable[..., Any]) -> None:
    polly = client("polly")
    with pytest.raises(polly.exceptions.InvalidTaskIdException):
        polly.get_speech_synthesis_task(TaskId="no id!")


def test_a_bucket_that_vanishes_fails_the_task(
    client: Callable[..., Any], bucket: str, fresh_name: Callable[..., str]
) -> None:
    polly, s3 = client("polly"), client("s3")
    long = "Word " * 10_000
    task = start(polly, bucket, Text=long)
    s3.delete_bucket(Bucket=bucket)
    failed = ended(polly, task["TaskId"])
    if failed["TaskStatus"] == "completed":
        pytest.skip("the task was faster than the deletion of its bucket")
    assert "NoSuchBucket" in failed["TaskStatusReason"]


@pytest.mark.slow
def test_kill_9_synthesizes_nothing_twice(durable_server: Callable[..., RunningServer]) -> None:
    first = durable_server()
    polly, s3 = first.client("polly"), first.client("s3")
    s3.create_bucket(Bucket="kept")
    tasks = [start(polly, "kept", Text=f"Number {n}. " * 50)["TaskId"] for n in range(40)]
    first.kill()
    stored = _objects(first)

    second = durable_server()
    polly, s3 = second.client("polly"), second.client("s3")
    assert {ended(polly, task)["TaskStatus"] for task in tasks} == {"completed"}
    listed = s3.list_objects_v2(Bucket="kept")["Contents"]
    assert sorted(one["Key"] for one in listed) == sorted(f"{task}.pcm" for task in tasks)
    assert _objects(second).items() >= stored.items(), "stored before the kill, made again"


def _objects(server: RunningServer) -> dict[str, str]:
    """What names the bytes of each object: written again, a key gets another."""
    with sqlite3.connect(server.data / "inhouse.db") as connection:
        rows = connection.execute("SELECT key, content FROM s3_objects").fetchall()
    assert all(content for _, content in rows), "objects kept in their row have no such name"
    return dict(rows)
