"""What nobody needs any more goes, and never what somebody needs, whoever comes in between."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from inhouse.solutions.narration.functions import fragments, ledger, merge, split
from inhouse.solutions.narration.functions.collect import DAY_SECONDS, Collector, Done
from inhouse.solutions.narration.functions.save import LARGEST_VERSION
from tests.solutions.narration.memory import Crash, Newsroom
from tests.solutions.narration.test_interleavings import ONE, THREE, TWO, ahead_of_call, check

KEEP = 7 * DAY_SECONDS
CALLS = 45


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "WAIT_SECONDS", 0)
    monkeypatch.setattr(split, "THREADS", 1)
    monkeypatch.setattr("inhouse.solutions.narration.functions.collect.THREADS", 1)


def collect(newsroom: Newsroom, *, dry_run: bool = False) -> Done:
    collector = Collector(newsroom.fragments, newsroom.audio, KEEP, dry_run=dry_run)
    assert collector.run() is None
    return collector.done


def out(newsroom: Newsroom, version: int, *paragraphs: str, **more: object) -> None:
    newsroom.save(version, *paragraphs, **more)()
    newsroom.settle()


def passes(newsroom: Newsroom, days: float) -> None:
    newsroom.s3.ahead += timedelta(days=days)


def edited() -> Newsroom:
    """ONE went from the article a month ago."""
    newsroom = Newsroom()
    out(newsroom, 1, ONE, TWO)
    out(newsroom, 2, TWO)
    passes(newsroom, 30)
    return newsroom


def everything(newsroom: Newsroom) -> set[str]:
    return set(newsroom.fragments.keys(""))


def test_what_is_unused_goes_with_all_that_was_kept_for_it() -> None:
    newsroom = edited()
    (gone,) = (key for key in newsroom.spoken() if "task-0" in key)
    name = fragments.name_of(gone)
    newsroom.fragments.put(f"words/{name}.json", b"[]")
    done = collect(newsroom)
    assert (done.articles, done.versions, done.fragments, done.characters) == (1, 1, 1, len(ONE))
    left = everything(newsroom)
    account = {ledger.collected_key(gone), f"timed/{name}.json"}
    assert {key for key in left if str(name) in key} == account
    assert ledger.timed(newsroom.fragments) == len(ONE)
    assert len(newsroom.spoken()) == 1
    assert len([key for key in left if key.startswith("plans/x/")]) == 1
    assert not {"indexed/x/1", "merging/x/1"} & left
    assert {"published/x/1", "saves/x/1"} <= {"/".join(key.split("/")[:3]) for key in left}
    names, collected = ledger.synthesized(newsroom.fragments)
    spoken = sorted(filter(None, map(fragments.characters_of, names)))
    assert (spoken, collected) == ([len(ONE), len(TWO)], 1)
    assert collect(newsroom).fragments == 0
    assert everything(newsroom) == left
    out(newsroom, 3, ONE, TWO)
    check(newsroom, 3, [ONE, TWO])


def test_nothing_goes_that_was_used_a_short_time_ago() -> None:
    newsroom = Newsroom()
    out(newsroom, 1, ONE, TWO)
    passes(newsroom, 30)
    out(newsroom, 2, TWO)
    passes(newsroom, 6)
    before = everything(newsroom)
    assert collect(newsroom).versions == 0
    assert everything(newsroom) == before
    passes(newsroom, 2)
    assert collect(newsroom).fragments == 1


def test_nothing_goes_that_a_live_version_needs() -> None:
    newsroom = Newsroom()
    out(newsroom, 1, ONE, TWO, premium=True)
    out(newsroom, 2, TWO, premium=True)
    out(newsroom, 7, ONE, article_id="y")
    newsroom.failing = True
    out(newsroom, 3, ONE, THREE, premium=True)  # failed, and the newest
    passes(newsroom, 30)
    before = everything(newsroom)
    assert collect(newsroom).fragments == 0  # the version that failed needs the first as well
    version_1 = f"plans/x/{LARGEST_VERSION - 1:019d}.json"
    assert before - everything(newsroom) == {version_1, "indexed/x/1", "merging/x/1"}


def test_a_paragraph_of_two_articles_goes_with_the_last() -> None:
    newsroom = edited()
    out(newsroom, 1, ONE, article_id="y")
    assert collect(newsroom).fragments == 0
    assert len(newsroom.spoken()) == 2
    out(newsroom, 2, THREE, article_id="y")
    passes(newsroom, 8)
    assert collect(newsroom).fragments == 1
    assert sorted(map(fragments.name_of, newsroom.spoken())) == sorted(
        key.split("/")[1] for key in newsroom.fragments.keys("index/") if SEPARATE not in key
    )


SEPARATE = fragments.named(["separator"], 0)


def test_versions_that_failed_go_too() -> None:
    newsroom = Newsroom()
    out(newsroom, 1, ONE)
    newsroom.failing = True
    out(newsroom, 2, TWO)
    newsroom.failing = False
    out(newsroom, 3, ONE)
    passes(newsroom, 30)
    collect(newsroom)
    left = everything(newsroom)
    assert not [key for key in left if key.startswith("failed/")]
    assert len([key for key in left if key.startswith("claims/")]) == 1


def test_speech_that_is_in_no_index_goes() -> None:
    newsroom = Newsroom()
    out(newsroom, 1, ONE)
    lost = fragments.key_prefix(fragments.named(["lost"], 9)) + ".task-x.mp3"
    newsroom.fragments.put(lost, b"")
    assert collect(newsroom).fragments == 0
    passes(newsroom, 30)
    assert collect(newsroom, dry_run=True).fragments == 1
    assert collect(newsroom).fragments == 1
    assert lost not in everything(newsroom)
    assert len(newsroom.spoken()) == 1


def test_a_dry_run_changes_nothing() -> None:
    newsroom = edited()
    before = everything(newsroom)
    done = collect(newsroom, dry_run=True)
    assert (done.versions, done.fragments, done.characters) == (1, 1, len(ONE))
    assert everything(newsroom) == before


def test_a_slice_goes_on_where_the_one_before_stopped() -> None:
    newsroom = Newsroom()
    for article_id in ("a", "a-b", "a.b", "b"):
        out(newsroom, 1, f"Only in {article_id}.", article_id=article_id)
        out(newsroom, 2, TWO, article_id=article_id)
    passes(newsroom, 30)
    after, seen = "", []
    while True:
        collector = Collector(newsroom.fragments, newsroom.audio, KEEP)
        left = collector.run(after, lambda: True)
        if left is None:
            break
        after = left
        seen.append((left, collector.done.fragments))
    assert sorted(seen) == [("a", 1), ("a-b", 1), ("a.b", 1), ("b", 1)]


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("number", range(1, CALLS))
def test_a_save_that_wants_it_comes_ahead_of_any_call(number: int, back: bool) -> None:
    """From the article that dropped it, or from another."""
    newsroom = edited()
    article_id = "x" if back else "y"

    def want() -> None:
        out(newsroom, 3, ONE, TWO, article_id=article_id)

    ahead_of_call(newsroom, number, want)
    collect(newsroom)
    newsroom.s3.before = lambda: None
    want()
    heard_whole(newsroom, article_id)


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("number", range(1, CALLS))
def test_it_is_collected_ahead_of_any_call_of_a_save_that_wants_it(
    number: int, settled: bool
) -> None:
    newsroom = edited()
    save = newsroom.save(3, ONE, TWO, article_id="y")

    def collected() -> None:
        if settled:
            newsroom.settle()
        collect(newsroom)

    ahead_of_call(newsroom, number, collected)
    save()
    newsroom.settle()
    newsroom.s3.before = lambda: None
    heard_whole(newsroom, "y")


@pytest.mark.parametrize("wanted", [False, True])
@pytest.mark.parametrize("number", range(1, CALLS))
def test_the_collector_ends_ahead_of_any_call(number: int, wanted: bool) -> None:
    newsroom = edited()

    def end() -> None:
        raise Crash

    ahead_of_call(newsroom, number, end)
    with suppress(Crash):
        collect(newsroom)
    newsroom.s3.before = lambda: None
    if wanted:
        out(newsroom, 3, ONE, TWO, article_id="y")
        heard_whole(newsroom, "y", twice=1)
        return
    collect(newsroom)
    assert len(newsroom.spoken()) == 1
    names, _ = ledger.synthesized(newsroom.fragments)
    assert sum(map(fragments.characters_of, names)) == len(ONE) + len(TWO)
    out(newsroom, 3, ONE, TWO)
    check(newsroom, 3, [ONE, TWO])


@pytest.mark.parametrize("number", range(1, CALLS))
@pytest.mark.parametrize("wanted", [False, True])
def test_two_collect_at_once(number: int, wanted: bool) -> None:
    newsroom = edited()

    def other() -> None:
        collect(newsroom)
        if wanted:
            out(newsroom, 3, ONE, TWO, article_id="y")

    ahead_of_call(newsroom, number, other)
    collect(newsroom)
    newsroom.s3.before = lambda: None
    if wanted:
        out(newsroom, 3, ONE, TWO, article_id="y")
        heard_whole(newsroom, "y")
        return
    collect(newsroom)
    assert len(newsroom.spoken()) == 1


@pytest.mark.parametrize("number", range(1, CALLS))
@pytest.mark.parametrize("second", range(1, CALLS, 6))
def test_a_save_in_the_midst_of_two_that_collect(number: int, second: int) -> None:
    """The save spares it from one, and the other had already judged."""
    newsroom = edited()

    def other() -> None:
        ahead_of_call(newsroom, second, lambda: out(newsroom, 3, ONE, TWO, article_id="y"))
        collect(newsroom)
        newsroom.s3.before = lambda: None

    ahead_of_call(newsroom, number, other)
    collect(newsroom)
    newsroom.s3.before = lambda: None
    out(newsroom, 3, ONE, TWO, article_id="y")
    heard_whole(newsroom, "y")


@pytest.mark.parametrize("number", range(1, CALLS))
def test_an_insert_that_is_wanted_again_ahead_of_any_call(number: int) -> None:
    from tests.solutions.narration.memory import sound

    newsroom = Newsroom()
    newsroom.fragments.put("inserts/bell", sound(3))
    insert = {"inserts": [{"after": 0, "audio": "s3://fff/inserts/bell"}]}
    objects = newsroom.s3.objects
    objects["fff", "inserts/bell"] = objects["f", "inserts/bell"]
    newsroom.s3.modified["fff", "inserts/bell"] = newsroom.s3.modified["f", "inserts/bell"]
    out(newsroom, 1, TWO, **insert)
    out(newsroom, 2, TWO)
    passes(newsroom, 30)
    ahead_of_call(newsroom, number, lambda: out(newsroom, 3, TWO, article_id="y", **insert))
    collect(newsroom)
    newsroom.s3.before = lambda: None
    out(newsroom, 4, TWO, ONE, article_id="y", **insert)
    heard_whole(newsroom, "y")


def heard_whole(newsroom: Newsroom, article_id: str, twice: int = 0) -> None:
    """Its audio is out, each part of it is there and made once, and can be merged once more."""
    newsroom.settle()
    held = newsroom.audio.json(f"{article_id}/manifest.json")
    assert held is not None
    for part in held.fields["parts"]:
        assert newsroom.fragments.read(part["fragment"])
    names = [fragments.name_of(key) for key in newsroom.spoken()]
    assert len(names) - len(set(names)) <= twice
    version = held.fields["version"] + 1
    out(newsroom, version, TWO, ONE, THREE, article_id=article_id)
    again = newsroom.audio.json(f"{article_id}/manifest.json")
    assert again is not None
    assert again.fields["version"] == version
