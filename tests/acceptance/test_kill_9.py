"""kill -9 in the middle of everything, again and again, on one data directory.

What was acknowledged is there afterwards and every job completes. Deliveries that were under way
at the moment of a kill may arrive twice, as SNS, SQS and Lambda promise no less; nothing else may.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from tests.acceptance.people import ACCOUNT, allow, document, zipped
from tests.serving import RunningServer
from tests.waiting import PATIENCE

SIZES = (0, 10, 60_000, 70_000, 300_000)
MOMENTS = (2, 10, 5)
"""How much of every kind of work is acknowledged before each kill."""
SERVICES = ("s3", "sqs", "sns", "lambda", "polly")
UNDER_WAY = 64
"""Deliveries at once, at most: the job runner's limit for a kind."""
QUEUES = ("sent", "consumed", "told", "handled", "subscribed")


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


class Newsroom:
    """Keeps a server busy in every way, and remembers what it was promised."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.sent: list[str] = []
        self.deleted: set[str] = set()
        self.published: list[str] = []
        self.events: list[str] = []
        self.tasks: list[str] = []
        self._number = iter(range(1 << 30))
        self._lock = threading.Lock()
        self.faults: list[BaseException] = []

    def next(self) -> str:
        with self._lock:
            return f"n{next(self._number)}"

    def set_up(self, server: RunningServer) -> None:
        sqs, sns, lam, iam = (server.client(s) for s in ("sqs", "sns", "lambda", "iam"))
        server.client("s3").create_bucket(Bucket="kept")
        sender = {"Service": "sns.amazonaws.com"}
        for name in QUEUES:
            text = document({**allow("sqs:SendMessage", on=queue_arn(name)), "Principal": sender})
            sqs.create_queue(QueueName=name, Attributes={"Policy": text, "VisibilityTimeout": "1"})
        self.topic = sns.create_topic(Name="saves")["TopicArn"]
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(
            TopicArn=self.topic, Protocol="sqs", Endpoint=queue_arn("told"), Attributes=raw
        )
        trusted = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        trust = document({**trusted, "Principal": {"Service": "lambda.amazonaws.com"}})
        role = iam.create_role(RoleName="fn", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.put_role_policy(
            RoleName="fn", PolicyName="p", PolicyDocument=document(allow("sqs:SendMessage"))
        )
        for name in ("handled", "subscribed"):
            arn = lam.create_function(
                FunctionName=name,
                Runtime="python3.11",
                Role=role,
                Handler="main.handler",
                Code={"ZipFile": zipped({"main.py": "def handler(e, c):\n    return 'fine'\n"})},
            )["FunctionArn"]
            lam.put_function_event_invoke_config(
                FunctionName=name,
                DestinationConfig={"OnSuccess": {"Destination": queue_arn(name)}},
            )
        lam.add_permission(
            FunctionName="subscribed",
            StatementId="topic",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=self.topic,
        )
        sns.subscribe(TopicArn=self.topic, Protocol="lambda", Endpoint=arn)

    def store(self, client: Callable[[str], Any]) -> Iterator[None]:
        s3 = client("s3")
        for turn in range(1 << 30):
            key, body = self.next(), os.urandom(SIZES[turn % len(SIZES)])
            s3.put_object(Bucket="kept", Key=key, Body=body)
            self.stored[key] = sha256(body).digest()
            yield

    def send(self, client: Callable[[str], Any]) -> Iterator[None]:
        sqs = client("sqs")
        url = sqs.get_queue_url(QueueName="sent")["QueueUrl"]
        while True:
            body = self.next()
            sqs.send_message(QueueUrl=url, MessageBody=body)
            self.sent.append(body)
            yield

    def consume(self, client: Callable[[str], Any]) -> Iterator[None]:
        sqs = client("sqs")
        url = sqs.get_queue_url(QueueName="consumed")["QueueUrl"]
        while True:
            sqs.send_message(QueueUrl=url, MessageBody=self.next())
            for message in sqs.receive_message(QueueUrl=url).get("Messages", ()):
                assert message["Body"] not in self.deleted, "a deleted message came back"
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                self.deleted.add(message["Body"])
            yield

    def publish(self, client: Callable[[str], Any]) -> Iterator[None]:
        sns = client("sns")
        while True:
            text = self.next()
            sns.publish(TopicArn=self.topic, Message=text)
            self.published.append(text)
            yield

    def invoke(self, client: Callable[[str], Any]) -> Iterator[None]:
        lam = client("lambda")
        while True:
            text = self.next()
            lam.invoke(FunctionName="handled", InvocationType="Event", Payload=json.dumps(text))
            self.events.append(text)
            yield

    def narrate(self, client: Callable[[str], Any]) -> Iterator[None]:
        polly = client("polly")
        while True:
            task = polly.start_speech_synthesis_task(
                Text=f"This is {self.next()}. " * 4,
                VoiceId="Tone",
                OutputFormat="mp3",
                OutputS3BucketName="kept",
                OutputS3KeyPrefix="audio/",
            )
            self.tasks.append(task["SynthesisTask"]["TaskId"])
            yield

    def work_until(self, server: RunningServer, moment: int) -> None:
        """Works in every way at once; kills the server once each has done `moment` pieces."""
        clients = {service: server.client(service) for service in SERVICES}
        kinds = (self.store, self.send, self.consume, self.publish, self.invoke, self.narrate)
        done: Counter[str] = Counter()

        def work(kind: Callable[..., Iterator[None]]) -> None:
            try:
                for _ in kind(clients.__getitem__):
                    done[kind.__name__] += 1
                    time.sleep(0.02)  # the fast ones let the slow ones keep up
            except (HTTPClientError, BotoCoreError):
                pass  # the server is gone
            except (ClientError, AssertionError) as fault:
                self.faults.append(fault)

        threads = [threading.Thread(target=work, args=(kind,)) for kind in kinds]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + PATIENCE
        while len(done) < len(kinds) or min(done.values()) < moment:
            assert time.monotonic() < deadline, done
            assert self.faults == []
            time.sleep(0.01)
        server.kill()
        for thread in threads:
            thread.join()
        assert self.faults == []


def drained(server: RunningServer, name: str, wanted: set[str], read: Any) -> Counter[str]:
    """All that is in a queue, by what `read` makes of it; waits until `wanted` has come."""
    sqs, found = server.client("sqs"), Counter[str]()
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages = answer.get("Messages", ())
        if not messages and wanted <= set(found):
            break
        for message in messages:
            found[read(message["Body"])] += 1
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert wanted <= set(found), f"{len(wanted - set(found))} of {len(wanted)} lost in {name}"
    return found


def completed(server: RunningServer, task: str) -> dict[str, Any]:
    polly, deadline = server.client("polly"), time.monotonic() + PATIENCE
    while True:
        found = polly.get_speech_synthesis_task(TaskId=task)["SynthesisTask"]
        if found["TaskStatus"] in ("completed", "failed") or time.monotonic() > deadline:
            return dict(found)
        time.sleep(0.1)


def repeats(found: Counter[str]) -> int:
    return sum(times - 1 for times in found.values())


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(durable_server: Callable[..., RunningServer]) -> None:
    room = Newsroom()
    for round_, moment in enumerate(MOMENTS):
        server = durable_server()
        if round_ == 0:
            room.set_up(server)
        room.work_until(server, moment)
    last = durable_server()
    s3 = last.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="kept")
    objects = {one["Key"]: one for page in pages for one in page.get("Contents", ())}
    assert set(room.stored) <= set(objects)
    for key, digest in room.stored.items():
        assert sha256(s3.get_object(Bucket="kept", Key=key)["Body"].read()).digest() == digest
    for key in set(objects) - set(room.stored):  # stored, but the answer was lost
        body = s3.get_object(Bucket="kept", Key=key)["Body"].read()
        assert len(body) == objects[key]["Size"]

    sent = drained(last, "sent", set(room.sent), str)
    assert repeats(sent) == 0
    told = drained(last, "told", set(room.published), str)
    assert repeats(told) <= UNDER_WAY * len(MOMENTS)
    handled = drained(
        last, "handled", set(room.events), lambda body: json.loads(body)["requestPayload"]
    )
    assert repeats(handled) <= UNDER_WAY * len(MOMENTS)
    subscribed = drained(
        last,
        "subscribed",
        set(room.published),
        lambda body: json.loads(body)["requestPayload"]["Records"][0]["Sns"]["Message"],
    )
    assert repeats(subscribed) <= UNDER_WAY * len(MOMENTS)
    assert drained(last, "consumed", set(), str).keys().isdisjoint(room.deleted)

    for task in room.tasks:
        found = completed(last, task)
        assert found["TaskStatus"] == "completed", found
        key = found["OutputUri"].rpartition("/kept/")[2]
        assert s3.head_object(Bucket="kept", Key=key)["ContentLength"] > 1000
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="kept", Prefix="audio/")
    audio = [one["Key"] for page in pages for one in page.get("Contents", ())]
    assert len(audio) == len(set(audio)) >= len(room.tasks)
    assert '"level": "error"' not in last.log


BODIES = [bytes([n]) * (100_000 + n) for n in range(4)]


@pytest.mark.slow
def test_an_overwrite_is_whole_or_not_at_all(durable_server: Callable[..., RunningServer]) -> None:
    """An object's bytes and its metadata are of one write, the last acknowledged or the next."""
    for moment in (5, 12):
        server = durable_server()
        s3 = server.client("s3")
        s3.create_bucket(Bucket="kept")
        turns: list[int] = []
        worker = threading.Thread(target=overwrite, args=(s3, turns))
        worker.start()
        while len(turns) < moment:
            time.sleep(0.005)
        server.kill()
        worker.join()
        again = durable_server()
        found = again.client("s3").get_object(Bucket="kept", Key="k")
        body = found["Body"].read()
        assert body in (BODIES[turns[-1] % 4], BODIES[(turns[-1] + 1) % 4])
        assert found["Metadata"] == {"n": str(body[0])}
        again.stop()


def overwrite(s3: Any, turns: list[int]) -> None:
    """Writes one key until the server is gone; `turns` holds what was acknowledged."""
    try:
        for turn in range(1 << 30):
            body = BODIES[turn % 4]
            s3.put_object(Bucket="kept", Key="k", Body=body, Metadata={"n": str(body[0])})
            turns.append(turn)
    except (HTTPClientError, BotoCoreError):
        return


@pytest.mark.slow
def test_a_server_killed_while_it_starts_starts_again(
    durable_server: Callable[..., RunningServer], tmp_path: Any
) -> None:
    """Also in the middle of its first migrations."""
    from tests.serving import start

    for moment in (0.25, 0.5, 0.65, 0.8, 0.95):
        early = start(tmp_path, "--data", str(tmp_path / "data"))
        time.sleep(moment)
        early.kill()
    server = durable_server()
    server.client("ssm").put_parameter(Name="n", Value="v", Type="String")
    server.kill()
    value = durable_server().client("ssm").get_parameter(Name="n")["Parameter"]["Value"]
    assert value == "v"
