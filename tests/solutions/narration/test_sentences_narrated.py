"""A newsroom whose sentences are what is said again for free."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inhouse.solutions.narration import deploy
from inhouse.solutions.narration.functions import lexicons, mp3, save
from inhouse.solutions.narration.functions.config import Config
from inhouse.solutions.narration.functions.parts import Parts
from tests.solutions.narration.conftest import Newsroom, seconds

ONE = "The first sentence stands here."
TWO = "It is followed by the second one!"
THREE = "Would a third be too much?"
FOUR = "A fourth one ends it all."


@pytest.fixture
def by_sentence(newsroom: Newsroom) -> Newsroom:
    deploy(newsroom.session, newsroom.deployment.name, voice="Tone", reuse="sentence")
    return newsroom


def spoken(manifest: dict[str, Any]) -> list[tuple[str, int | None, int | None, str]]:
    return [
        (part["kind"], part["paragraph"], part["sentence"], part["text"])
        for part in manifest["parts"]
        if part["characters"]
    ]


def test_an_edit_costs_a_sentence(by_sentence: Newsroom) -> None:
    by_sentence.save("a", 1, f"{ONE} {TWO}", f"{THREE} {FOUR}", title="News", teaser=ONE)
    first = by_sentence.narrated("a", 1)
    assert spoken(first) == [
        ("title", None, None, "News"),
        ("teaser", None, 1, ONE),
        ("paragraph", 1, 1, ONE),
        ("paragraph", 1, 2, TWO),
        ("paragraph", 2, 1, THREE),
        ("paragraph", 2, 2, FOUR),
    ]
    assert [part["kind"] for part in first["parts"] if not part["characters"]] == ["separator"] * 4
    assert first["characters"] == sum(map(len, ["News", ONE, f"{ONE} {TWO}", f"{THREE} {FOUR}"]))
    assert by_sentence.report().fragments == 5

    # Moved to other places, joined otherwise, spelled otherwise: nothing is new.
    by_sentence.save("a", 2, f"“{FOUR} {ONE}”", f"{TWO} {THREE}", title="News")
    second = by_sentence.narrated("a", 2)
    assert by_sentence.report().fragments == 5
    assert second["parts"][2]["text"] == f"“{FOUR}"
    assert second["parts"][2]["lead"] == 1

    by_sentence.save("a", 3, f"{FOUR} {ONE} This is all that is new here.", title="News")
    third = by_sentence.narrated("a", 3)
    report = by_sentence.report()
    assert report.fragments == 6
    received = [made["characters"] for made in (first, second, third)]
    assert report.characters_received == sum(received)
    full = by_sentence.audio("a/full.mp3")
    assert full is not None
    assert seconds(full) == pytest.approx(third["full"]["seconds"], abs=1e-4)


def test_a_teaser_is_the_whole_first_paragraph(by_sentence: Newsroom) -> None:
    by_sentence.save("b", 1, f"{ONE} {TWO}", THREE, premium=True)
    manifest = by_sentence.narrated("b", 1)
    kinds = [part["kind"] for part in manifest["teaser"]["parts"]]
    assert kinds == ["paragraph", "paragraph", "separator", "separator", "note"]
    assert [part["text"] for part in manifest["teaser"]["parts"][:2]] == [ONE, TWO]


def test_inserts_stand_between_paragraphs(by_sentence: Newsroom) -> None:
    bucket = by_sentence.deployment.fragments_bucket
    by_sentence.s3.put_object(
        Bucket=bucket, Key="inserts/bell.mp3", Body=mp3.tone(22_050, [(440, 0.3)])
    )
    insert = {"after": 1, "audio": f"s3://{bucket}/inserts/bell.mp3"}
    by_sentence.save("c", 1, f"{ONE} {TWO}", THREE, inserts=[insert])
    parts = by_sentence.narrated("c", 1)["parts"]
    assert [part["kind"] for part in parts] == [
        "title", "separator", "paragraph", "paragraph", "separator", "insert", "paragraph",
        "separator",
    ]  # fmt: skip


def test_a_pause_ends_a_paragraph_and_a_shorter_one_a_sentence(by_sentence: Newsroom) -> None:
    by_sentence.save("d", 1, f"{ONE} {TWO}")
    parts = by_sentence.narrated("d", 1)["parts"]
    frame = 576 / 22_050
    assert parts[-1]["seconds"] == pytest.approx(0.25, abs=frame / 2)
    assert parts[-1]["name"] == parts[1]["name"]


def test_names_of_paragraphs_stay_what_they_were() -> None:
    """Whoever deploys a new release shall not pay for all speech again."""
    config = Config("n", "f", "a", "q", "m", "en", "Joanna", "neural", 24_000, "chime")
    parts = Parts(config, lexicons.NONE, "Joanna", "neural")
    message = {"article_id": "x", "version": 1, "title": "Budget – now", "paragraphs": [
        "“I came. I saw,” he said. <i lang='fr'>Oui</i> &amp; no.<br>Then?"]}  # fmt: skip
    groups = [group for _, group in parts.groups(save.parse(json.dumps(message), "en"))]
    assert [[part.fragment for part in group] for group in groups] == [
        ["cb0ddfaae540dbd17124d29d4479f2a0a5e400e61c2b369b09fe4a313ba646cd-12"],
        ["4fecc619c38018778e5007f1c0ae843fbe06e0d737f5c3b5183ecbe916098ccc-41"],
    ]
