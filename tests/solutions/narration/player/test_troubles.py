"""What goes wrong is said, and can be tried again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.solutions.narration.player.conftest import FERRY, Window
from tests.solutions.narration.player.gazette import Gazette


@pytest.fixture
def troubled(window: Window) -> Window:
    """Browsers report failed requests in the console themselves; anything else stays an error."""
    window.expected = "Failed to load resource"
    return window


def test_an_article_without_audio_and_then_with(troubled: Window, gazette: Gazette) -> None:
    player = troubled.embed('article="late"')
    player.comes_to("error")
    player.says("There is no audio for this article yet.")
    expect(player.button("Play")).to_be_disabled()
    expect(player.find(".live")).to_contain_text("no audio")
    gazette.save("late", "Late", "It came at last.")
    player.button("Try again").click()
    player.comes_to("ready")
    assert player.focused == "Play"


def test_no_connection(troubled: Window, ferry: dict[str, Any]) -> None:
    troubled.page.route("**/ferry.json", lambda route: route.abort())
    player = troubled.embed('article="ferry"')
    player.comes_to("error")
    player.says("check your connection")
    troubled.page.unroute("**/ferry.json")
    player.button("Try again").click()
    player.comes_to("ready")
    player.button("Play").click()
    player.comes_to("playing")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (503, "", "cannot be played right now"),
        (403, "", "Please sign in"),
        (200, "<html>", "cannot be played right now"),
        (200, '{"parts": []}', "cannot be played right now"),
    ],
)
def test_strange_answers(
    troubled: Window, ferry: dict[str, Any], status: int, body: str, words: str
) -> None:
    headers = {"Access-Control-Allow-Origin": "*"}
    troubled.page.route(
        "**/ferry.json", lambda route: route.fulfill(status=status, body=body, headers=headers)
    )
    player = troubled.embed('article="ferry"')
    player.comes_to("error")
    player.says(words)


def test_sound_that_breaks_once_goes_on(troubled: Window, ferry: dict[str, Any]) -> None:
    broken: list[str] = []

    def once(route: Route) -> None:
        if broken:
            route.continue_()
        else:
            broken.append(route.request.url)
            route.abort()

    troubled.page.route("**/ferry.mp3*", once)
    player = troubled.ready("ferry")
    player.run("player.seek(3)")
    player.button("Play").click()
    player.plays_beyond(3.2)
    assert len(broken) == 1
    player.comes_to("playing")


def test_sound_that_stays_broken_says_so(troubled: Window, ferry: dict[str, Any]) -> None:
    troubled.page.route("**/ferry.mp3*", lambda route: route.abort())
    player = troubled.ready("ferry")
    player.button("Play").click()
    player.comes_to("error")
    player.says("cannot be played right now")
    troubled.page.unroute("**/ferry.mp3*")
    player.button("Try again").click()
    player.comes_to("playing")


def test_an_edit_while_somebody_listens(window: Window, gazette: Gazette) -> None:
    gazette.save("edited", "Edited", *FERRY[:2])
    player = window.ready("edited")
    player.button("Play").click()
    player.comes_to("playing")
    gazette.save("edited", "Edited", "A new beginning.", *FERRY[:2], version=2)
    assert player.run("player.getAttribute('state')") in ("playing", "ended"), "it just goes on"
    player.comes_to("ended")
    expect(player.find(".said")).to_have_text(["Edited", *FERRY[:2]])
    player.button("Play again").click()
    player.comes_to("playing")
    expect(player.find(".said")).to_have_text(["Edited", "A new beginning.", *FERRY[:2]])
    assert player.time < 2


def test_a_break_after_an_edit_goes_on_in_the_same_paragraph(
    troubled: Window, gazette: Gazette
) -> None:
    old = gazette.save("moved", "Moved", *FERRY[:2])
    player = troubled.ready("moved")
    second = next(part["start"] for part in old["parts"] if part["paragraph"] == 2)
    player.run(f"player.seek({second + 0.2})")
    new = gazette.save("moved", "Moved", "A new beginning.", *FERRY[:2], version=2)
    troubled.page.route("**/moved.mp3?v=1*", lambda route: route.abort())
    player.button("Play").click()
    player.comes_to("playing")
    third = next(part["start"] for part in new["parts"] if part["paragraph"] == 3)
    player.plays_beyond(third + 0.3)
    assert player.current == FERRY[1]
