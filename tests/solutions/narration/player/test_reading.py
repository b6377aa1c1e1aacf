"""Text stays text; the player speaks the reader's language; screen readers get it all."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.solutions.narration.player.conftest import FERRY, Window
from tests.solutions.narration.player.gazette import Gazette

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"`${window.hit=1}'
"""As a reader sees it; a CMS sends it escaped."""


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_hostile_text_stays_text(window: Window, gazette: Gazette) -> None:
    hostile = escaped(HOSTILE)
    saved = gazette.save("hostile", hostile, hostile, f"End {escaped('</p></inhouse-player>')}.")
    shown = [part["text"] for part in saved["parts"]]
    assert "<script>" in shown[1], "the test is about what reaches the player"
    for opened in (lambda: window.embed('article="hostile"'), lambda: window.listen("hostile")):
        player = opened()
        player.comes_to("ready")
        player.button("Play").click()
        player.plays_beyond(0.3)
        assert player.find(".said").all_inner_texts()[-2:] == shown[-2:]
        assert player.find("img, script").count() == 0
        assert window.page.evaluate("() => window.hit") is None
    assert window.page.title().startswith(shown[0])


def test_words_of_characters_beyond_the_first_plane(window: Window, gazette: Gazette) -> None:
    saved = gazette.save("fox", "Foxes", "The 🦊🦊 fox naïvely ran 𝔣𝔞𝔯 away.")
    player = window.ready("fox")
    part = saved["parts"][-1]
    words = [part["text"][first:end] for _, first, end in part["words"]]
    assert "naïvely" in words
    expect(player.paragraph(1).locator("span")).to_have_text(words)


def test_sentences_of_a_paragraph_are_one(window: Window, ferry: dict[str, Any]) -> None:
    parts = [
        {**part, "paragraph": (number + 1) // 2, "sentence": 2 - number % 2}
        for number, part in enumerate(ferry["parts"][1:], 1)
    ]
    headers = {"Access-Control-Allow-Origin": "*"}
    window.page.route(
        "**/ferry.json",
        lambda route: route.fulfill(
            json={**ferry, "parts": [ferry["parts"][0], *parts]}, headers=headers
        ),
    )
    player = window.ready("ferry")
    both = [f"{FERRY[0]} {FERRY[1]}", f"{FERRY[2]} {FERRY[3]}"]
    expect(player.find(".paragraph.paragraph .said")).to_have_text(["The last ferry", *both])
    player.paragraph(1).get_by_text("quay", exact=True).click()
    assert player.spoken == "quay"
    assert player.current == both[0]


def test_screen_readers(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    expect(player.player).to_match_aria_snapshot(
        """
        - 'region "Audio: The last ferry"':
          - button "Play"
          - text: /.+/
          - slider "Position"
          - button "Previous paragraph"
          - button "Back 15 seconds"
          - button "Forward 15 seconds"
          - button "Next paragraph"
          - combobox "Speed"
          - button "Mute"
          - group "Text":
            - 'button "0:00, play from here"'
            - paragraph: The last ferry
            - 'button /0:\\d\\d, play from paragraph 1/'
            - paragraph: The last ferry left at six.
          - status
        """
    )
    slider = player.find("input")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0 seconds of \d+ seconds$"))
    player.button("Next paragraph").click()
    player.button("Next paragraph").click()
    expect(slider).to_have_attribute("aria-valuetext", re.compile(", paragraph 2$"))
    expect(player.find("[aria-current=true]")).to_have_text(re.compile("0:0"))
    expect(player.find(".live")).to_have_text("Paragraph 2 of 4")


def test_the_focused_slider_does_not_chatter(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    player.find("input").focus()
    player.run(
        """(() => {
          window.said = 0;
          const live = player.shadowRoot.querySelectorAll("input, .live");
          for (const one of live) new MutationObserver(() => said++).observe(one,
            { attributes: true, attributeFilter: ["aria-valuetext"], childList: true });
        })()"""
    )
    window.page.keyboard.press("k")
    player.plays_beyond(2.5)
    assert window.page.evaluate("() => said") == 0
    window.page.keyboard.press("ArrowRight")
    assert window.page.evaluate("() => said") == 1


def tabs(page: Page) -> list[str]:
    """Names of what Tab reaches in the player, in order, each with a visible ring."""
    names: list[str] = []
    while True:
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const one = document.activeElement?.shadowRoot?.activeElement;
              const ring = one && getComputedStyle(one).outlineStyle !== "none";
              return one && [one.ariaLabel || one.textContent, ring];
            }"""
        )
        if not found or found[0] in names:
            return names
        assert found[1], f"{found[0]} shows that it has the focus"
        names.append(found[0])


def test_everything_is_reached_by_tab(window: Window, ferry: dict[str, Any]) -> None:
    window.ready("ferry")
    assert tabs(window.page) == [
        "Play",
        "Position",
        "Previous paragraph",
        "Back 15 seconds",
        "Forward 15 seconds",
        "Next paragraph",
        "Speed",
        "Mute",
        "0:00, play from here",
    ]


@pytest.mark.parametrize(
    ("language", "play", "length"),
    [("de-AT", "Abspielen", "Sekunden"), ("fr", "Lecture", "secondes"), ("ja", "Play", "seconds")],
)
def test_the_readers_language(
    window: Window, ferry: dict[str, Any], language: str, play: str, length: str
) -> None:
    player = window.ready("ferry", f'lang="{language}"')
    expect(player.button(play)).to_be_visible()
    expect(player.find("input")).to_have_attribute("aria-valuetext", re.compile(length))
    expect(player.find(".text")).to_have_attribute("lang", "en")
    window.page.evaluate("() => document.querySelector('inhouse-player').lang = 'en'")
    expect(player.button("Play")).to_be_visible()


def test_every_language_has_every_word(window: Window, ferry: dict[str, Any]) -> None:
    window.listen("ferry")
    names = window.page.evaluate(
        """async () => {
          const { Strings } = await import("/player/strings.js");
          return ["en", "de", "fr"].map((tag) => Object.keys(new Strings(tag).words));
        }"""
    )
    assert names[0] == names[1] == names[2]


@pytest.mark.parametrize(
    ("seconds", "language", "spoken"),
    [
        (80, "en", "1 minute 20 seconds"),
        (0.4, "en", "0 seconds"),
        (3661, "de", "1 Stunde 1 Minute 1 Sekunde"),
        (120, "fr", "2 minutes"),
    ],
)
def test_times_are_said_in_words(
    window: Window, ferry: dict[str, Any], seconds: float, language: str, spoken: str
) -> None:
    window.listen("ferry")
    said = window.page.evaluate(
        """async ([seconds, language]) => {
          const { Strings } = await import("/player/strings.js");
          return new Strings(language).spoken(seconds);
        }""",
        [seconds, language],
    )
    assert said == spoken


def test_contrast_is_kept_where_colours_are_forced(window: Window, ferry: dict[str, Any]) -> None:
    window.page.emulate_media(forced_colors="active")
    player = window.ready("ferry")
    player.paragraph(1).locator("span").first.click()
    word, text = (
        player.find(selector).first.evaluate("one => getComputedStyle(one).backgroundColor")
        for selector in ("span[part~=current-word]", ".text")
    )
    assert word != text
