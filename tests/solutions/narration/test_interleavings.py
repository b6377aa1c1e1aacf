"""Whatever happens between any two calls, the newest version's audio is out in the end.

Each case runs an invocation and lets something else happen ahead of its n-th call, for every n: another
save, all that is pending, or the end of the process and a retry.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inhouse.solutions.narration.functions import claims, merge, mp3, split
from tests.solutions.narration.memory import Crash, Newsroom

ONE, TWO, THREE = "First paragraph.", "Second paragraph.", "Third paragraph."
CALLS = 60


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls in a fixed order, and nobody waits for an invocation that stands still."""
    monkeypatch.setattr(merge, "WAIT_SECONDS", 0)
    monkeypatch.setattr(split, "THREADS", 1)


def ahead_of_call(newsroom: Newsroom, number: int, act: Callable[[], None]) -> None:
    calls = 0

    def before() -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            act()

    newsroom.s3.before = before


def check(newsroom: Newsroom, version: int, texts: list[str], premium: bool = False) -> None:
    newsroom.s3.before = lambda: None
    newsroom.settle()
    manifest = newsroom.manifest()
    assert manifest["version"] == version
    assert [part["text"] for part in manifest["parts"]] == texts
    names = [key.split(".")[0] for key in newsroom.spoken()]
    assert len(names) == len(set(names)), "a fragment was synthesized twice"
    for which in ("full", "teaser"):
        body = newsroom.s3.objects.get(("a", f"x/{which}.mp3"))
        if which == "teaser" and not premium:
            assert body is None
            continue
        assert body is not None
        parts = manifest["parts"] if which == "full" else manifest["teaser"]["parts"]
        pieces = [mp3.frames(newsroom.fragments.read(part["fragment"])) for part in parts]
        assert mp3.frames(body[0]).packets == sum((piece.packets for piece in pieces), ())
    assert newsroom.letters == []


@pytest.mark.parametrize("number", range(1, CALLS))
def test_fragments_land_ahead_of_any_call(number: int) -> None:
    newsroom = Newsroom()
    save = newsroom.save(1, ONE, TWO, premium=True)
    ahead_of_call(newsroom, number, newsroom.settle)
    save()
    check(newsroom, 1, [ONE, TWO], premium=True)


@pytest.mark.parametrize("number", range(1, CALLS))
@pytest.mark.parametrize("premium", [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("settled", [True, False])
def test_a_newer_save_comes_ahead_of_any_call(
    number: int, premium: tuple[bool, bool], settled: bool
) -> None:
    """Also in the midst of the merge of the older version."""
    newsroom = Newsroom()
    old = newsroom.save(1, ONE, TWO, premium=premium[0])
    new = newsroom.save(2, TWO, THREE, premium=premium[1])

    def overtake() -> None:
        new()
        if settled:
            newsroom.settle()

    ahead_of_call(newsroom, number, overtake)
    old()
    newsroom.settle()
    newsroom.s3.before = lambda: None
    newsroom.later(new)  # where the first had fewer calls
    check(newsroom, 2, [TWO, THREE], premium=premium[1])


@pytest.mark.parametrize("number", range(1, CALLS))
def test_an_older_save_comes_ahead_of_any_call(number: int) -> None:
    newsroom = Newsroom()
    old = newsroom.save(1, ONE, TWO, premium=True)
    new = newsroom.save(2, TWO, THREE)
    ahead_of_call(newsroom, number, lambda: (old(), newsroom.settle()))
    new()
    newsroom.settle()
    check(newsroom, 2, [TWO, THREE])


@pytest.mark.parametrize("number", range(1, CALLS))
def test_an_edit_comes_ahead_of_any_call_of_another_over_published_audio(number: int) -> None:
    newsroom = Newsroom()
    newsroom.save(1, ONE, TWO, premium=True)()
    newsroom.settle()
    back = newsroom.save(3, ONE, TWO, premium=True)
    ahead_of_call(newsroom, number, lambda: (back(), newsroom.settle()))
    newsroom.save(2, ONE, THREE)()
    newsroom.settle()
    newsroom.s3.before = lambda: None
    newsroom.later(back)
    check(newsroom, 3, [ONE, TWO], premium=True)


@pytest.mark.parametrize("number", range(1, CALLS))
@pytest.mark.parametrize("between", [True, False])
def test_the_process_ends_ahead_of_any_call_and_the_invocation_is_repeated(
    number: int, between: bool
) -> None:
    newsroom = Newsroom()

    def end() -> None:
        if between:
            newsroom.s3.before = lambda: None
            newsroom.settle()
        raise Crash

    ahead_of_call(newsroom, number, end)
    newsroom.later(newsroom.save(1, ONE, TWO, premium=True))
    newsroom.settle()
    check(newsroom, 1, [ONE, TWO], premium=True)


@pytest.mark.parametrize("number", range(1, CALLS))
def test_two_articles_share_a_paragraph(number: int) -> None:
    newsroom = Newsroom()
    other = newsroom.save(1, TWO, ONE, article_id="y")
    ahead_of_call(newsroom, number, other)
    newsroom.save(1, ONE, TWO)()
    newsroom.s3.before = lambda: None
    newsroom.later(other)
    newsroom.settle()
    assert len(newsroom.spoken()) == 2
    assert newsroom.audio.read("y/full.mp3")
    check(newsroom, 1, [ONE, TWO])


@pytest.mark.parametrize("edited", [False, True])
def test_what_failed_is_made_when_the_save_is_repeated(
    monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    newsroom = Newsroom()
    newsroom.failing = True
    save = newsroom.save(1, ONE, TWO)
    save()
    if edited:
        save = newsroom.save(2, TWO, ONE)
        save()
    newsroom.failing = False
    save()
    assert len(newsroom.tasks) == 2  # too young to be asked for
    monkeypatch.setattr(claims, "TRUSTED_SECONDS", 0)
    save()
    save()
    assert len(newsroom.tasks) == 4
    check(newsroom, 2 if edited else 1, [TWO, ONE] if edited else [ONE, TWO])


def test_what_always_fails_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "TRUSTED_SECONDS", 0)
    newsroom = Newsroom()
    newsroom.failing = True
    save = newsroom.save(1, ONE)
    for _ in range(4):
        save()
    assert len(newsroom.tasks) == 3
    assert newsroom.letters == [
        "Polly failed 3 times on '<speak>First paragraph.<break time=\"600ms\"/></speak>': no voice today"
    ]
    newsroom.save(2, TWO)()
    newsroom.failing = False
    newsroom.save(3, TWO, THREE)()
    newsroom.save(3, TWO, THREE)()
    newsroom.letters.clear()
    check(newsroom, 3, [TWO, THREE])


def test_a_claim_whose_maker_is_gone_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom = Newsroom()

    def end() -> None:
        raise Crash

    with pytest.raises(Crash):
        ahead_of_call(newsroom, 6, end)
        newsroom.save(1, ONE)()
    newsroom.s3.before = lambda: None
    (claimed,) = newsroom.fragments.keys("claims/")
    assert newsroom.fragments.json(claimed).fields["task"] is None
    newsroom.save(2, ONE)()
    assert newsroom.tasks == {}
    monkeypatch.setattr(claims, "STALE_SECONDS", 0)
    newsroom.save(3, ONE)()
    check(newsroom, 3, [ONE])
