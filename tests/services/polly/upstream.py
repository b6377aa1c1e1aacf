"""A second server that plays Amazon Polly, and servers that send their calls to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.serving import RunningServer, start
from tests.waiting import until

KEY_ID = "AKIAUPSTREAMUPSTREAM"
SECRET = "upstream-secret-9876543210-abcdefghij"
ACCOUNT = "210987654321"
VOICES = '[Marlene]\nvariant = "f4"\n\n[Joanna]\nspeaker = "tone"\n'
"""Upstream's voices, so that it is heard who spoke."""


def amazon(folder: Path, *flags: str) -> RunningServer:
    """The server upstream, with an account and keys of its own."""
    table = folder / "upstream.toml"
    table.write_text(VOICES)
    return start(
        folder,
        "--ephemeral",
        *flags,
        INHOUSE_ADMIN_ACCESS_KEY_ID=KEY_ID,
        INHOUSE_ADMIN_SECRET_ACCESS_KEY=SECRET,
        INHOUSE_ACCOUNT=ACCOUNT,
        INHOUSE_VOICES=str(table),
    )


def near(folder: Path, endpoint: str, upstream: str, *flags: str, **more: str) -> RunningServer:
    """A server that has `upstream` spoken at `endpoint`.

    Its environment is as of somebody who works with it: nothing of that may reach upstream.
    """
    environment = {
        "INHOUSE_POLLY_UPSTREAM": upstream,
        "INHOUSE_POLLY_UPSTREAM_ENDPOINT": endpoint,
        "INHOUSE_POLLY_UPSTREAM_ACCESS_KEY_ID": KEY_ID,
        "INHOUSE_POLLY_UPSTREAM_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIANOTTHISONE",
        "AWS_SECRET_ACCESS_KEY": "nor-this",
        "AWS_PROFILE": "nowhere",
    }
    return start(folder, *(flags or ("--ephemeral",)), **{**environment, **more})


def as_upstream(server: RunningServer, service: str = "polly") -> Any:
    """A client of the upstream server with its own keys."""
    return server.client(service, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET)


def calls(server: RunningServer, operation: str = "SynthesizeSpeech") -> list[dict[str, Any]]:
    """What a server's access log tells of an operation."""
    return [line for line in log_lines(server) if line.get("operation") == operation]


def log_lines(server: RunningServer) -> Iterator[dict[str, Any]]:
    for line in server.log.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def speak(polly: Any, **arguments: Any) -> bytes:
    asked = {"Text": "Guten Morgen.", "VoiceId": "Marlene", "OutputFormat": "mp3", **arguments}
    audio: bytes = polly.synthesize_speech(**asked)["AudioStream"].read()
    return audio


def told(server: RunningServer, name: str) -> tuple[str, str]:
    """The ARN of a new topic, and the URL of a queue that gets its messages."""
    sns, sqs = server.client("sns"), server.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{topic.split(':', 3)[3]}"
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, url


def message(server: RunningServer, url: str) -> dict[str, Any]:
    """The next message of Polly's in a queue."""
    sqs = server.client("sqs")
    (got,) = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages"))
    inner: dict[str, Any] = json.loads(json.loads(got["Body"])["Message"])
    return inner
