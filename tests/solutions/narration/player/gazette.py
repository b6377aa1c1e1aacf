"""A newspaper whose articles are narrated, and the edge that serves them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt

from inhouse.solutions.narration import Deployment, Report, deploy, destroy, report
from tests.serving import RunningServer
from tests.waiting import PATIENCE, until

SECRET = "the publisher's own secret, which only it knows"


class Gazette:
    """`edge` is the edge's address. Articles are saved as a CMS does, and heard as readers do."""

    def __init__(self, session: Any, deployment: Deployment, edge: str) -> None:
        self.edge = edge
        self._session = session
        self._deployment = deployment

    def save(self, article_id: str, title: str, *paragraphs: str, **more: Any) -> dict[str, Any]:
        """Saves a version; its transcript, as subscribers get it, once it can be heard."""
        fields = {
            "article_id": article_id,
            "version": 1,
            "language": "en",
            "title": title,
            "teaser": "",
            "premium": False,
            "paragraphs": paragraphs,
            "metadata": {"section": "island"},
            "voice": "Tone",
            **more,
        }
        self._session.client("sns").publish(
            TopicArn=self._deployment.topic_arn,
            Message=json.dumps(fields),
        )
        return self.heard(article_id, fields["version"])

    def heard(self, article_id: str, version: int) -> dict[str, Any]:
        """The transcript of this version, once it and the times of its words are there."""

        def out() -> dict[str, Any] | None:
            found = self.transcript(article_id, self.token())
            return found if found and found["version"] == version and _timed(found) else None

        return until(out, f"{article_id} version {version}")

    def transcript(self, article_id: str, token: str = "") -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx.get(f"{self.edge}/audio/{article_id}.json", headers=headers)
        if answer.status_code in (404, 503):
            return None
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def token(self, seconds: float = 3600) -> str:
        return jwt.encode({"sub": "reader", "exp": time.time() + seconds}, SECRET, "HS256")

    def report(self) -> Report:
        return report(self._session, self._deployment.name)


def _timed(transcript: dict[str, Any]) -> bool:
    return all(part["words"] for part in transcript["parts"] if part["text"])


@contextmanager
def publishing(server: RunningServer, name: str, folder: Path, subscribe: str) -> Iterator[Gazette]:
    """Deploys the narration `name` and serves it at an edge."""
    session = server.session()
    deployment = deploy(session, name, voice="Tone", publisher="The Gazette")
    with edge(server, name, folder, "--subscribe-url", subscribe) as address:
        yield Gazette(session, deployment, address)
    destroy(session, name)


@contextmanager
def edge(server: RunningServer, name: str, folder: Path, *flags: str) -> Iterator[str]:
    """Runs an edge with the publisher's secret; its address."""
    key = folder / "key"
    key.write_text(SECRET)
    log = folder / "edge.log"
    command = [sys.executable, "-m", "inhouse.cli", "narration", "edge", "--port", "0"]
    command += ["--name", name, "--jwt-key", str(key), *flags]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=server.environment(), cwd=folder
        )
    try:
        yield until(lambda: _address(process, log), "the edge")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _address(edge: subprocess.Popen[bytes], log: Path) -> str | None:
    text = log.read_text()
    assert edge.poll() is None, f"the edge did not start:\n{text}"
    found = re.search(r"http://127\.0\.0\.1:\d+", text)
    return found[0] if found else None
