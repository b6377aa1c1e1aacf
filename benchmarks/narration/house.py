"""A narration on a server of its own, and an editor's view of it."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import inhouse
from benchmarks.servers import KEY_ID, ROOT, SECRET, Server
from benchmarks.servers import inhouse as server
from inhouse.solutions import narration

DATA = Path(os.environ.get("INHOUSE_TEST_DATA", ROOT.parent / "shared" / "data"))
FILE = DATA / "newsroom" / "edits.jsonl.gz"
NAME = "newsroom"
VOICE = "Joanna"
PATIENCE = 600.0
LOOK = 0.01
"""Seconds between looks at what is published."""


def saves(most: int | None = None) -> list[dict[str, Any]]:
    """The newsroom's saves, in order. Raises FileNotFoundError where the data is not at hand."""
    with gzip.open(FILE, "rt") as lines:
        return [
            json.loads(line) for number, line in enumerate(lines) if most is None or number < most
        ]


class Newsroom:
    """Saves articles and waits until they are heard."""

    def __init__(self, running: Server, **told: Any) -> None:
        self.server = running
        self.session = inhouse.session(
            running.endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET
        )
        self.deployment = narration.deploy(self.session, NAME, **told)
        self.s3, self._sns = self.session.client("s3"), self.session.client("sns")

    def save(self, article: dict[str, Any]) -> None:
        text = json.dumps(article, ensure_ascii=False)
        self._sns.publish(TopicArn=self.deployment.topic_arn, Message=text)

    def manifest(self, article_id: str) -> dict[str, Any] | None:
        try:
            answer = self.s3.get_object(
                Bucket=self.deployment.audio_bucket, Key=f"{article_id}/manifest.json"
            )
        except self.s3.exceptions.NoSuchKey:
            return None
        found: dict[str, Any] = json.loads(answer["Body"].read())
        return found

    def heard(self, article: dict[str, Any]) -> dict[str, Any]:
        """The manifest, once it is that of this version."""

        def out() -> dict[str, Any] | None:
            found = self.manifest(article["article_id"])
            return found if found and found["version"] >= article["version"] else None

        return until(out, f"{article['article_id']} version {article['version']}")

    def narrate(self, article: dict[str, Any]) -> float:
        """Seconds from the save to the audio."""
        began = time.perf_counter()
        self.save(article)
        self.heard(article)
        return time.perf_counter() - began


@contextmanager
def newsroom(**told: Any) -> Iterator[Newsroom]:
    """`told` are arguments of `deploy`."""
    with server() as running:
        yield Newsroom(running, **{"voice": VOICE, **told})


def until(look: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(LOOK)
    raise RuntimeError(f"{what} did not come")


def article(name: str, paragraphs: list[str], version: int = 1) -> dict[str, Any]:
    """A save of an article of these paragraphs."""
    return {
        "article_id": name,
        "version": version,
        "language": "en",
        "title": f"The article named {name}",
        "teaser": "",
        "premium": False,
        "paragraphs": paragraphs,
        "metadata": {},
    }


def paragraphs(count: int, skip: int = 0) -> list[str]:
    """That many different paragraphs of the newsroom's, from 120 to 600 characters."""
    found: dict[str, None] = {}
    for save in saves():
        found |= dict.fromkeys(one for one in save["paragraphs"] if 120 <= len(one) <= 600)
        if len(found) >= skip + count:
            break
    return list(found)[skip : skip + count]
