"""A newsroom on a running server: it saves articles and waits for their audio."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import av
import pytest

from inhouse.solutions.narration import Deployment, Report, deploy, destroy, report
from tests.serving import RunningServer
from tests.waiting import until


class Newsroom:
    """Saves go through SNS, as a CMS sends them."""

    def __init__(self, session: Any, deployment: Deployment) -> None:
        self.session = session
        self.deployment = deployment
        self.sns, self.s3, self.sqs = (session.client(name) for name in ("sns", "s3", "sqs"))

    def publish(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        self.sns.publish(TopicArn=self.deployment.topic_arn, Message=text)

    def save(self, article_id: str, version: int, *paragraphs: str, **more: Any) -> dict[str, Any]:
        fields = {
            "article_id": article_id,
            "version": version,
            "language": "en",
            "title": f"Title of {article_id}",
            "teaser": "",
            "premium": False,
            "paragraphs": list(paragraphs),
            "metadata": {},
            **more,
        }
        self.publish(fields)
        return fields

    def manifest(self, article_id: str) -> dict[str, Any] | None:
        body = self.audio(f"{article_id}/manifest.json")
        return None if body is None else json.loads(body)

    def audio(self, key: str) -> bytes | None:
        try:
            answer = self.s3.get_object(Bucket=self.deployment.audio_bucket, Key=key)
        except self.s3.exceptions.NoSuchKey:
            return None
        return answer["Body"].read()

    def narrated(self, article_id: str, version: int) -> dict[str, Any]:
        """The manifest, once it is that of this version."""

        def out() -> dict[str, Any] | None:
            found = self.manifest(article_id)
            return found if found and found["version"] == version else None

        return until(out, f"{article_id} version {version}")

    def report(self) -> Report:
        return report(self.session, self.deployment.name)

    def saves(self, count: int) -> Report:
        """The report, once so many saves were accepted."""

        def accepted() -> Report | None:
            found = self.report()
            return found if found.saves >= count else None

        return until(accepted, f"{count} saves")

    def letters(self, count: int) -> list[dict[str, Any]]:
        """What is in the dead letters, once there are so many."""
        found: list[dict[str, Any]] = []

        def received() -> list[dict[str, Any]] | None:
            answer = self.sqs.receive_message(
                QueueUrl=self.deployment.dead_letters_url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                WaitTimeSeconds=1,
            )
            for letter in answer.get("Messages", ()):
                found.append(letter)
                self.sqs.delete_message(
                    QueueUrl=self.deployment.dead_letters_url,
                    ReceiptHandle=letter["ReceiptHandle"],
                )
            return found if len(found) >= count else None

        return until(received, f"{count} dead letters")


def seconds(data: bytes) -> float:
    """The length of an audio file, by decoding it."""
    with av.open(io.BytesIO(data)) as container:
        rate = container.streams.audio[0].codec_context.sample_rate
        return sum(frame.samples for frame in container.decode(audio=0)) / rate


@pytest.fixture
def newsroom(server: RunningServer, fresh_name: Callable[..., str]) -> Iterator[Newsroom]:
    """One that is deployed and used by this test alone."""
    session = server.session()
    name = fresh_name("n")
    yield Newsroom(session, deploy(session, name, voice="Tone"))
    destroy(session, name)
