"""kill -9 in the midst of a replay: nothing acknowledged is lost, nothing stored is made again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inhouse.solutions.narration import deploy, replay, report
from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom, seconds
from tests.waiting import until

ARTICLES, VERSIONS, PARAGRAPHS = 6, 3, 5


def article(number: int, version: int) -> dict[str, object]:
    paragraphs = [
        f"Paragraph {at} of article {number}, quite long enough." for at in range(PARAGRAPHS)
    ]
    paragraphs[version % PARAGRAPHS] = f"Article {number} was changed in version {version}."
    return {
        "article_id": f"a{number}", "version": version, "language": "en",
        "title": f"Article {number}", "paragraphs": paragraphs, "premium": number % 2 == 0,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("landed", [12])
def test_killed_while_narrating(
    durable_server: Callable[..., RunningServer], tmp_path: Path, landed: int
) -> None:
    saves = [
        article(number, version) for number in range(ARTICLES) for version in range(1, VERSIONS + 1)
    ]
    file = tmp_path / "saves.jsonl"
    file.write_text("\n".join(map(json.dumps, saves)))
    server = durable_server()
    deployment = deploy(server.session(), "paper", voice="Tone")
    replay(server.session(), "paper", file, wait=False)
    until(lambda: report(server.session(), "paper").fragments >= landed or None, "fragments")
    server.kill()

    again = durable_server()
    newsroom = Newsroom(again.session(), deployment)
    done = until(
        lambda: ((found := newsroom.report()).saves == len(saves) and found) or None, "every save"
    )
    assert done.refused == 0
    for number in range(ARTICLES):
        manifest = newsroom.narrated(f"a{number}", VERSIONS)
        texts = [part["text"] for part in manifest["parts"]]
        assert texts == [f"Article {number}", *article(number, VERSIONS)["paragraphs"]]  # type: ignore[misc]
        full = newsroom.audio(f"a{number}/full.mp3")
        assert full is not None
        assert seconds(full) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)
    time.sleep(2)  # for what might be made a second time
    keys = [
        entry["Key"]
        for page in newsroom.s3.get_paginator("list_objects_v2").paginate(
            Bucket=deployment.fragments_bucket, Prefix="fragments/"
        )
        for entry in page["Contents"]
    ]
    names = [key.split(".")[0] for key in keys]
    assert len(names) == len(set(names))

    newsroom.publish("no save")  # the queue is found though the server has another port now
    assert len(newsroom.letters(1)) == 1
