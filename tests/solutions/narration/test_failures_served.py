"""Failures on a running server: tasks that fail, saves from many clients, buckets and functions gone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from inhouse.solutions.narration import deploy
from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom, seconds
from tests.waiting import until

ONE, TWO = "The first paragraph.", "The second one."


@contextmanager
def unwritable(newsroom: Newsroom) -> Iterator[None]:
    """Tasks can be started, and fail when they store their sound: that request has no address."""
    bucket = newsroom.deployment.fragments_bucket
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{bucket}/fragments/*",
                "Condition": {"Null": {"aws:SourceIp": "true"}},
            }
        ],
    }
    newsroom.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    yield
    newsroom.s3.delete_bucket_policy(Bucket=bucket)


@contextmanager
def listener(newsroom: Newsroom, name: str) -> Iterator[Callable[[], dict[str, Any]]]:
    """A queue that is subscribed to the topic for failures; its next message."""
    sqs = newsroom.sqs
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    topic = newsroom.deployment.failures_topic_arn
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn["QueueArn"],
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    newsroom.sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )

    def message() -> dict[str, Any]:
        def received() -> dict[str, Any] | None:
            answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
            for letter in answer.get("Messages", ()):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
                return dict(json.loads(letter["Body"]))
            return None

        return dict(until(received, "a message about a failure"))

    yield message
    sqs.delete_queue(QueueUrl=url)


def test_a_task_that_fails_for_good_is_told_of_and_any_save_heals_it(
    newsroom: Newsroom, fresh_name: Callable[..., str]
) -> None:
    newsroom.save("bad", 1, ONE)
    newsroom.narrated("bad", 1)
    audio = newsroom.audio("bad/full.mp3")
    with listener(newsroom, fresh_name()) as told:
        with unwritable(newsroom):
            newsroom.save("bad", 2, ONE, TWO)
            message = told()
        assert (message["article_id"], message["version"], message["text"]) == ("bad", 2, TWO)
        assert "Polly failed 3 times" in message["reason"]
        assert message["kind"] == "paragraph"
        assert newsroom.manifest("bad")["version"] == 1  # type: ignore[index]
        assert newsroom.audio("bad/full.mp3") == audio
        assert newsroom.report().failed == 1
    newsroom.save("bad", 2, ONE, TWO)
    newsroom.narrated("bad", 2)
    report = newsroom.report()
    assert (report.failed, report.refused, report.fragments) == (0, 0, 3)


@pytest.mark.slow
@pytest.mark.parametrize("different", [True, False])
def test_saves_from_20_clients_at_once(newsroom: Newsroom, different: bool) -> None:
    paragraphs = [f"Paragraph {number} of the ticker." for number in range(12)]
    start = threading.Barrier(20)

    def save(version: int) -> None:
        sns = newsroom.session.client("sns")
        own = [*paragraphs]
        own[version % 12] = f"Changed by client {version}."
        message = {"article_id": "ticker", "version": version, "title": "Ticker", "paragraphs": own}
        start.wait()
        sns.publish(TopicArn=newsroom.deployment.topic_arn, Message=json.dumps(message))

    versions = range(1, 21) if different else [20] * 20
    clients = [threading.Thread(target=save, args=(version,)) for version in versions]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    manifest = newsroom.narrated("ticker", 20)
    assert "Changed by client 20." in [part["text"] for part in manifest["parts"]]
    full = newsroom.audio("ticker/full.mp3")
    assert full is not None
    assert seconds(full) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)
    newsroom.saves(20 if different else 1)
    pages = newsroom.s3.get_paginator("list_objects_v2").paginate(
        Bucket=newsroom.deployment.fragments_bucket, Prefix="fragments/"
    )
    names = [entry["Key"].split(".")[0] for page in pages for entry in page["Contents"]]
    assert len(names) == len(set(names))
    assert newsroom.report().refused == 0


@pytest.mark.slow
def test_what_is_deleted_comes_back_with_another_deployment(
    durable_server: Callable[..., RunningServer], fresh_name: Callable[..., str]
) -> None:
    server = durable_server(INHOUSE_LAMBDA_RETRY_DELAY="0.2")
    session, name = server.session(), fresh_name("n")
    newsroom = Newsroom(session, deploy(session, name, voice="Tone"))
    newsroom.save("a", 1, ONE, TWO)
    newsroom.narrated("a", 1)

    for bucket in (newsroom.deployment.fragments_bucket, newsroom.deployment.audio_bucket):
        drop(newsroom, bucket)
        newsroom.save("a", 2, TWO)
        # What else was under way for the bucket may end there too.
        assert all("a" in letter["Body"] for letter in newsroom.letters(1))
        assert f"The bucket {bucket} is not there any more. Deploy again." in logged(newsroom)
        again = deploy(session, name, voice="Tone")
        assert f"created bucket {bucket}" in again.changes
        newsroom.save("a", 2, TWO, ONE)
        manifest = newsroom.narrated("a", 2)
        assert [part["text"] for part in manifest["parts"][1:]] == [TWO, ONE]
        full = newsroom.audio("a/full.mp3")
        assert full is not None
        assert seconds(full) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)

    functions = session.client("lambda")
    functions.delete_function(FunctionName=newsroom.deployment.merge_function)
    newsroom.save("b", 1, ONE)
    until(lambda: True if newsroom.report().saves >= 2 else None, "the save")
    functions.delete_function(FunctionName=newsroom.deployment.split_function)
    newsroom.save("c", 1, ONE)
    deploy(session, name, voice="Tone")
    newsroom.narrated("b", 1)
    newsroom.save("c", 1, ONE)
    newsroom.narrated("c", 1)


def drop(newsroom: Newsroom, bucket: str) -> None:
    def dropped() -> bool | None:
        for page in newsroom.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", ()):
                newsroom.s3.delete_object(Bucket=bucket, Key=entry["Key"])
        try:
            newsroom.s3.delete_bucket(Bucket=bucket)
        except newsroom.s3.exceptions.ClientError:
            return None  # A function has just written to it.
        return True

    until(dropped, "the end of the bucket")


def logged(newsroom: Newsroom) -> str:
    group = f"/aws/lambda/{newsroom.deployment.split_function}"
    answer = newsroom.session.client("logs").filter_log_events(logGroupName=group)
    return "\n".join(event["message"] for event in answer["events"])
