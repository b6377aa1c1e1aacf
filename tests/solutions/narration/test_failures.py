"""Fragments that fail: tried again at once, then told of, while the last good audio stays."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from inhouse.solutions.narration.functions import claims, merge, mp3, split
from tests.solutions.narration.memory import Crash, Newsroom, heard, problem
from tests.solutions.narration.test_interleavings import ONE, THREE, TWO, ahead_of_call, check

CALLS = 40


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "WAIT_SECONDS", 0)
    monkeypatch.setattr(split, "THREADS", 1)


def marked(newsroom: Newsroom) -> list[str]:
    return list(newsroom.fragments.keys("failed/"))


def published(*paragraphs: str) -> Newsroom:
    newsroom = Newsroom()
    newsroom.save(1, *paragraphs)()
    newsroom.settle()
    return newsroom


@pytest.mark.parametrize("times", [1, 2])
def test_a_task_that_fails_is_started_anew_at_once(times: int) -> None:
    newsroom = Newsroom()
    newsroom.failing = times
    newsroom.save(1, ONE)()
    check(newsroom, 1, [ONE])
    assert len(newsroom.tasks) == times + 1
    assert (marked(newsroom), newsroom.told) == ([], [])


def test_what_fails_for_good_is_marked_and_told_and_the_last_good_audio_stays() -> None:
    newsroom = published(ONE)
    audio = newsroom.audio.read("x/full.mp3")
    newsroom.failing = True
    newsroom.save(2, ONE, TWO, THREE)()
    newsroom.settle()
    assert len(newsroom.tasks) == 1 + 2 * 3
    assert marked(newsroom) == ["failed/x/2.json"]
    (told,) = newsroom.told
    assert (told["article_id"], told["version"], told["text"]) == ("x", 2, TWO)
    assert told["reason"].startswith("Polly failed 3 times on '<speak>Second paragraph.")
    assert told["reason"].endswith("no voice today")
    assert newsroom.metrics["Failures"] == 1
    assert newsroom.manifest()["version"] == 1
    assert newsroom.audio.read("x/full.mp3") == audio
    assert newsroom.letters == []


@pytest.mark.parametrize("version", [2, 3])
def test_a_later_save_or_the_same_again_heals_it(version: int) -> None:
    newsroom = published(ONE)
    newsroom.failing = True
    newsroom.save(2, ONE, TWO)()
    newsroom.settle()
    newsroom.failing = False
    newsroom.save(version, ONE, TWO)()
    check(newsroom, version, [ONE, TWO])


def test_it_is_told_once_more_when_it_fails_once_more() -> None:
    newsroom = Newsroom()
    newsroom.failing = True
    for _ in range(2):
        newsroom.save(1, ONE)()
        newsroom.settle()
    assert len(newsroom.told) == 2
    assert marked(newsroom) == ["failed/x/1.json"]


def test_every_article_that_needs_the_fragment_is_told_of() -> None:
    newsroom = Newsroom()
    newsroom.failing = True
    newsroom.save(1, ONE)()
    newsroom.save(4, TWO, ONE, article_id="y")()
    newsroom.save(1, ONE, article_id="z")()
    newsroom.save(2, THREE, article_id="z")()
    newsroom.settle()
    assert marked(newsroom) == ["failed/x/1.json", "failed/y/4.json", "failed/z/2.json"]
    assert len(newsroom.told) == 3


def test_what_polly_refuses_fails_and_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = published(ONE)

    def refuse(**_: Any) -> None:
        raise problem("InvalidSsmlException")

    with monkeypatch.context() as patched:
        patched.setattr(newsroom, "start_speech_synthesis_task", refuse)
        newsroom.save(2, ONE, TWO)()
        newsroom.settle()
    assert marked(newsroom) == ["failed/x/2.json"]
    assert len(newsroom.told) == 1
    assert newsroom.letters == [newsroom.told[0]["reason"]]
    newsroom.letters.clear()
    newsroom.save(2, ONE, THREE)()  # refused, so the same version may come with other content
    check(newsroom, 2, [ONE, THREE])


@pytest.mark.parametrize("number", range(1, CALLS))
@pytest.mark.parametrize("better", [False, True])
def test_a_newer_save_comes_ahead_of_any_call_while_a_failure_is_seen_to(
    number: int, better: bool
) -> None:
    """It is out in the end or marked, never neither."""
    newsroom = published(THREE)
    newsroom.failing = True
    newsroom.save(2, ONE, TWO)()

    def overtake() -> None:
        newsroom.failing = not better
        newsroom.save(3, TWO, ONE)()

    ahead_of_call(newsroom, number, overtake)
    newsroom.settle()
    newsroom.s3.before = lambda: None
    if not list(newsroom.fragments.keys(f"plans/x/{2**63 - 1 - 3:019d}")):
        overtake()  # There were fewer calls.
    newsroom.settle()
    if newsroom.manifest()["version"] == 3:
        assert better
        check(newsroom, 3, [TWO, ONE])
    else:
        assert "failed/x/3.json" in marked(newsroom)
        assert newsroom.told[-1]["version"] == 3


@pytest.mark.parametrize("number", range(1, CALLS))
def test_the_process_ends_ahead_of_any_call_while_a_failure_is_seen_to(number: int) -> None:
    newsroom = published(THREE)
    newsroom.failing = True

    def end() -> None:
        raise Crash

    newsroom.save(2, ONE)()
    ahead_of_call(newsroom, number, end)
    newsroom.settle()
    newsroom.s3.before = lambda: None
    assert len(newsroom.tasks) <= 1 + 3 + 1  # one whose id was not written down counts for nothing
    assert marked(newsroom) == ["failed/x/2.json"]
    assert {told["version"] for told in newsroom.told} == {2}
    assert len(newsroom.told) <= 2


def test_messages_repeated_or_late_change_nothing() -> None:
    newsroom = Newsroom()
    newsroom.failing = 1
    newsroom.save(1, ONE)()
    newsroom.settle()
    late = heard(newsroom.tasks["task-0"])
    newsroom.splitter("r").failures.heard(late)
    newsroom.splitter("r").failures.heard(late.replace("task-0", "task-9"))
    newsroom.splitter("r").failures.heard(json.dumps({"taskStatus": "failed", "taskId": "other"}))
    assert len(newsroom.tasks) == 2
    check(newsroom, 1, [ONE])


@pytest.mark.parametrize("times", [1, 2])
def test_a_fragment_that_cannot_be_joined_is_made_again(times: int) -> None:
    newsroom = Newsroom()
    newsroom.spoiled = times
    newsroom.save(1, ONE)()
    check(newsroom, 1, [ONE])
    assert len(newsroom.tasks) == times + 1


def test_a_fragment_that_never_can_be_joined_fails() -> None:
    newsroom = published(ONE)
    newsroom.spoiled = 3
    newsroom.save(2, ONE, TWO)()
    newsroom.settle()
    assert marked(newsroom) == ["failed/x/2.json"]
    assert "cannot be joined: not an MP3" in newsroom.told[0]["reason"]
    assert newsroom.manifest()["version"] == 1


def test_fragments_that_do_not_fit_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = published(ONE)

    def join(*_: Any) -> bytes:
        raise mp3.Unjoinable("22050 Hz cannot follow 8000 Hz")

    monkeypatch.setattr(mp3, "join", join)
    newsroom.save(2, TWO)()
    newsroom.settle()
    assert newsroom.told[0]["reason"] == "its fragments do not fit: 22050 Hz cannot follow 8000 Hz"


@pytest.mark.parametrize("also_claims", [False, True])
def test_fragments_that_vanished_are_made_again(also_claims: bool) -> None:
    """As when somebody deleted the bucket: the manifest still names them."""
    newsroom = published(ONE, TWO)
    newsroom.fragments.delete(newsroom.spoken())
    if also_claims:
        newsroom.fragments.delete(newsroom.fragments.keys("claims/"))
    newsroom.save(2, ONE, TWO, THREE)()
    check(newsroom, 2, [ONE, TWO, THREE])


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-365)])
@pytest.mark.parametrize("started", [False, True])
def test_no_claim_outlives_a_clock_that_was_wrong(jump: timedelta, started: bool) -> None:
    """The claim's maker died, or its task fails unheard, while the clock was wrong by a year."""
    newsroom = Newsroom()
    newsroom.s3.ahead = jump

    def end() -> None:
        raise Crash

    if started:
        newsroom.failing = 1
        newsroom.save(1, ONE)()
        newsroom.pending.clear()
    else:
        for number in range(1, CALLS):
            newsroom.s3.before = lambda: None
            if list(newsroom.fragments.keys("claims/")):
                break
            newsroom = Newsroom()
            newsroom.s3.ahead = jump
            ahead_of_call(newsroom, number, end)
            with pytest.raises(Crash):
                newsroom.save(1, ONE)()
    assert list(newsroom.fragments.keys("claims/"))
    newsroom.s3.ahead = timedelta()
    newsroom.save(2, ONE)()
    check(newsroom, 2, [ONE])
    assert len(newsroom.tasks) == 1 + started


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-365)])
def test_nothing_that_is_stored_is_made_again_because_a_clock_jumped(jump: timedelta) -> None:
    newsroom = Newsroom()
    newsroom.save(1, ONE, TWO)()
    newsroom.s3.ahead = jump
    newsroom.save(1, ONE, TWO)()
    newsroom.save(2, TWO, ONE)()
    check(newsroom, 2, [TWO, ONE])
    newsroom.s3.ahead = timedelta()
    newsroom.save(3, ONE, TWO)()
    check(newsroom, 3, [ONE, TWO])
    assert len(newsroom.tasks) == 2


def test_ages() -> None:
    assert claims.is_young(29, 30)
    assert claims.is_young(-29, 30)
    assert not claims.is_young(-31, 30)
