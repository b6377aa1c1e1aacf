"""What each kind of edit costs, through boto3 on a running server."""

from __future__ import annotations

import json
import random

import pytest

from inhouse.solutions.narration.functions import mp3
from tests.solutions.narration.conftest import Newsroom, seconds
from tests.waiting import until

ONE, TWO, THREE = "The first paragraph.", "The second one is longer.", "Here ends the third."


def kinds(manifest: dict) -> list[str]:
    return [part["kind"] for part in manifest["parts"]]


def test_an_article_and_its_edits(newsroom: Newsroom) -> None:
    newsroom.save("budget", 1, ONE, TWO, teaser="In short.")
    first = newsroom.narrated("budget", 1)
    assert [part["text"] for part in first["parts"]] == [
        "Title of budget", "In short.", ONE, TWO,
    ]  # fmt: skip
    assert newsroom.report().fragments == 4

    newsroom.save("budget", 2, ONE, "The second one is long.", teaser="In short.")
    typo = newsroom.narrated("budget", 2)
    after = newsroom.report()
    assert after.fragments == 5
    assert after.characters_synthesized == first["characters"] + len("The second one is long.")
    assert after.characters_received == first["characters"] + typo["characters"]

    newsroom.save(
        "budget", 3, ONE, "The second one is long.", teaser="In short.", metadata={"by": "E"}
    )
    assert newsroom.narrated("budget", 3)["metadata"] == {"by": "E"}

    newsroom.save("budget", 4, THREE, ONE, "The second one is long.", teaser="In short.")
    added = newsroom.narrated("budget", 4)
    assert newsroom.report().fragments == 6

    newsroom.save("budget", 5, ONE, "The second one is long.", THREE, teaser="In short.")
    moved = newsroom.narrated("budget", 5)
    assert sorted(part["name"] for part in moved["parts"]) == sorted(
        part["name"] for part in added["parts"]
    )
    assert moved["full"]["sound"] != added["full"]["sound"]

    newsroom.save("budget", 6, THREE, teaser="In short.")
    removed = newsroom.narrated("budget", 6)
    assert kinds(removed) == ["title", "teaser", "paragraph"]
    report = newsroom.report()
    assert (report.fragments, report.saves, report.merges) == (6, 6, 5)


def test_the_audio_is_the_fragments_one_after_the_other(newsroom: Newsroom) -> None:
    newsroom.save("joined", 1, ONE, TWO, "* * *", THREE)
    manifest = newsroom.narrated("joined", 1)
    check_joined(newsroom, manifest)
    assert [part["paragraph"] for part in manifest["parts"]] == [None, 1, 2, 4]


def test_an_edit_keeps_the_sound_of_what_stays(newsroom: Newsroom) -> None:
    """Most of it is cut from the audio that is out: it must be the same frames all the same."""
    newsroom.save("kept", 1, ONE, TWO, THREE)
    newsroom.narrated("kept", 1)
    newsroom.save("kept", 2, THREE, "A new one.", ONE, TWO, TWO)
    check_joined(newsroom, newsroom.narrated("kept", 2))
    newsroom.save("kept", 3, TWO, THREE, title="Another title")
    check_joined(newsroom, newsroom.narrated("kept", 3))


def check_joined(newsroom: Newsroom, manifest: dict) -> None:
    """The full audio is each part's fragment, frame by frame, and as long as is said."""
    full = newsroom.audio(manifest["full"]["key"])
    assert full is not None
    packets = []
    for part in manifest["parts"]:
        answer = newsroom.s3.get_object(
            Bucket=newsroom.deployment.fragments_bucket, Key=part["fragment"]
        )
        frames = mp3.frames(answer["Body"].read())
        packets += frames.packets
        assert part["end"] - part["start"] == pytest.approx(frames.seconds, abs=1e-5)
    assert mp3.frames(full).packets == tuple(packets)
    assert seconds(full) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)
    ends = [0.0, *(part["end"] for part in manifest["parts"])]
    assert [part["start"] for part in manifest["parts"]] == ends[:-1]


def test_premium_and_free_again(newsroom: Newsroom) -> None:
    newsroom.save("paid", 1, ONE, TWO, premium=True)
    premium = newsroom.narrated("paid", 1)
    assert [part["kind"] for part in premium["teaser"]["parts"]] == [
        "paragraph",
        "separator",
        "note",
    ]
    teaser = newsroom.audio("paid/teaser.mp3")
    assert teaser is not None
    assert seconds(teaser) == pytest.approx(premium["teaser"]["seconds"], abs=1e-4)
    before = newsroom.report().fragments

    newsroom.save("paid", 2, ONE, TWO)
    assert newsroom.narrated("paid", 2)["teaser"] is None
    until(lambda: newsroom.audio("paid/teaser.mp3") is None or None, "the end of the teaser")

    newsroom.save("paid", 3, ONE, TWO, premium=True)
    assert newsroom.narrated("paid", 3)["teaser"]["sound"] == premium["teaser"]["sound"]
    assert newsroom.audio("paid/teaser.mp3") == teaser

    newsroom.save("other", 1, TWO, premium=True)
    newsroom.narrated("other", 1)
    assert newsroom.report().fragments == before + 1  # its title; note and paragraph are there


def test_duplicates_and_versions_that_say_nothing_new(newsroom: Newsroom) -> None:
    newsroom.save("same", 1, ONE)
    newsroom.narrated("same", 1)
    newsroom.save("same", 1, ONE)
    newsroom.save("same", 2, ONE)
    report = newsroom.saves(2)
    assert (report.saves, report.fragments, report.merges) == (2, 2, 1)
    newsroom.save("same", 2, TWO)
    (letter,) = newsroom.letters(1)
    assert "saved before with other content" in letter["MessageAttributes"]["reason"]["StringValue"]


def test_versions_in_any_order(newsroom: Newsroom) -> None:
    newsroom.save("late", 5, ONE, "Version five.")
    newsroom.narrated("late", 5)
    audio = newsroom.audio("late/full.mp3")
    for version in (2, 4, 1, 3):
        newsroom.save("late", version, ONE, f"Version number {version}.")
    report = newsroom.saves(5)
    assert report.fragments == 3
    assert newsroom.manifest("late")["version"] == 5
    assert newsroom.audio("late/full.mp3") == audio


def test_saves_at_once_synthesize_nothing_twice(newsroom: Newsroom) -> None:
    shared = [f"Shared paragraph number {number}." for number in range(6)]
    messages = [
        {"article_id": f"race-{article}", "version": version, "language": "en", "title": "Race",
         "paragraphs": [*shared[version - 1 :], f"Own {article}."], "premium": version == 3}
        for article in range(3)
        for version in (1, 2, 3)
    ]  # fmt: skip
    messages = messages * 2
    random.Random(5).shuffle(messages)
    for at in range(0, len(messages), 10):
        entries = [
            {"Id": str(number), "Message": json.dumps(message)}
            for number, message in enumerate(messages[at : at + 10])
        ]
        newsroom.sns.publish_batch(
            TopicArn=newsroom.deployment.topic_arn, PublishBatchRequestEntries=entries
        )
    for article in range(3):
        manifest = newsroom.narrated(f"race-{article}", 3)
        assert [part["text"] for part in manifest["parts"]] == [
            "Race",
            *shared[2:],
            f"Own {article}.",
        ]
        full = newsroom.audio(f"race-{article}/full.mp3")
        assert seconds(full) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)
    report = newsroom.saves(9)
    keys = [
        entry["Key"]
        for entry in newsroom.s3.list_objects_v2(
            Bucket=newsroom.deployment.fragments_bucket, Prefix="fragments/"
        )["Contents"]
    ]
    names = [key.split(".")[0] for key in keys]
    assert len(names) == len(set(names))
    assert report.fragments <= 1 + len(shared) + 3 + 1  # title, shared, own ones, the note


def test_bad_saves_are_dead_letters_and_the_rest_goes_on(newsroom: Newsroom) -> None:
    newsroom.publish("no JSON at all")
    newsroom.save("x/../y", 1, ONE)
    newsroom.save("silent", 1, "<img src=a>", title="")
    newsroom.save("mute", 1, ONE, language="xx")
    newsroom.save("voiceless", 1, ONE, voice="Nobody")
    newsroom.save("missing", 1, ONE, inserts=[{"after": 1, "audio": "s3://no-such-bucket-here/a"}])
    newsroom.save("good", 1, ONE)
    newsroom.narrated("good", 1)
    letters = newsroom.letters(5)
    reasons = sorted(letter["MessageAttributes"]["reason"]["StringValue"] for letter in letters)
    for reason, words in zip(
        reasons,
        [
            "Nothing to say",
            "Polly refused",
            "The insert s3://",
            "The message is not JSON",
            "article_id",
        ],
        strict=True,
    ):
        assert words in reason
    bodies = [json.loads(letter["Body"]) for letter in letters]
    assert "no JSON at all" in [body["save"] for body in bodies]
    assert all(body["reason"] in reasons for body in bodies)
    assert newsroom.report().refused == 5
    newsroom.narrated("mute", 1)  # Tone speaks no language and so all


def test_an_insert_stands_between_paragraphs(newsroom: Newsroom) -> None:
    sound = mp3.tone(44_100, [(440, 0.5)])
    bucket = newsroom.deployment.fragments_bucket
    newsroom.s3.put_object(Bucket=bucket, Key="inserts/bell.mp3", Body=sound)
    newsroom.save(
        "bell", 1, ONE, TWO, inserts=[{"after": 1, "audio": f"s3://{bucket}/inserts/bell.mp3"}]
    )
    manifest = newsroom.narrated("bell", 1)
    assert kinds(manifest) == ["title", "paragraph", "insert", "paragraph"]
    assert 0.5 <= manifest["parts"][2]["seconds"] < 0.7
    assert newsroom.report().fragments == 3


def test_languages_switch_inside_a_paragraph(newsroom: Newsroom) -> None:
    newsroom.save("mixed", 1, "<p>They said <i lang='fr'>au revoir</i> &amp; left.</p>")
    manifest = newsroom.narrated("mixed", 1)
    assert manifest["parts"][1]["text"] == "They said au revoir & left."
