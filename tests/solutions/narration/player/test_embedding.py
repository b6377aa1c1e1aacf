"""The two lines on a newspaper's site, and the edge's own page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.solutions.narration.player.conftest import FERRY, Window
from tests.solutions.narration.player.gazette import Gazette

ROOT = Path(__file__).parents[4]
HOWTO = ROOT / "docs" / "howto" / "embed-the-player.md"
WEB = ROOT / "src" / "inhouse" / "solutions" / "narration" / "edge" / "web"


def test_two_lines_under_a_strict_policy(
    window: Window, gazette: Gazette, ferry: dict[str, Any]
) -> None:
    edge = gazette.edge
    policy = (
        f"default-src 'none'; script-src {edge}; style-src 'self'; connect-src {edge};"
        f" media-src {edge}; require-trusted-types-for 'script'"
    )
    player = window.embed('article="ferry"', policy=policy)
    player.comes_to("ready")
    assert not window.page.url.startswith(edge)
    player.button("Play").click()
    player.plays_beyond(0.3)
    assert (
        player.find(".frame").evaluate("frame => getComputedStyle(frame).borderTopWidth") == "1px"
    )
    assert player.find("i").first.evaluate("tick => tick.offsetLeft") > 0, "ticks are placed"


def test_frameworks_set_attributes_when_they_like(window: Window, ferry: dict[str, Any]) -> None:
    player = window.embed()
    window.page.evaluate(
        """() => {
          const player = document.createElement("inhouse-player");
          document.body.append(player);
          player.setAttribute("article", "nothing-yet");
          player.setAttribute("article", "ferry");
        }"""
    )
    player.comes_to("ready")
    window.page.evaluate("() => document.body.prepend(document.querySelector('inhouse-player'))")
    player.button("Play").click()
    player.comes_to("playing")
    window.page.evaluate(
        "() => { window.gone = document.querySelector('inhouse-player'); gone.remove(); }"
    )
    assert window.page.evaluate("() => gone.paused")


def test_pages_style_it(window: Window, ferry: dict[str, Any]) -> None:
    style = (
        "<style>inhouse-player { --inhouse-accent: rgb(0, 90, 60); }"
        " inhouse-player::part(title) { display: none; }</style>"
    )
    player = window.embed('article="ferry"', head=style)
    player.comes_to("ready")
    colour = player.find(".play").evaluate("play => getComputedStyle(play).backgroundColor")
    assert colour == "rgb(0, 90, 60)"
    expect(player.find(".head .title")).to_be_hidden()


def test_controls_alone(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry", 'transcript="none"')
    expect(player.find(".reading")).to_be_hidden()
    player.button("Next paragraph").click()
    assert player.time > 0


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_an_article(
    open_window: Callable[..., Window], ferry: dict[str, Any], width: int, scheme: str
) -> None:
    window = open_window(viewport={"width": width, "height": 800}, color_scheme=scheme)
    player = window.listen("ferry")
    player.comes_to("ready")
    page = window.page
    expect(page.get_by_role("heading", level=1)).to_have_text("The last ferry")
    expect(player.find(".said")).to_have_text(list(FERRY))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    player.button("Play").click()
    player.plays_beyond(0.3)


def test_the_page_for_machines(window: Window, gazette: Gazette, ferry: dict[str, Any]) -> None:
    answer = window.page.goto(f"{gazette.edge}/listen/ferry")
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    found = window.page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('meta[property]')]"
        ".map((one) => [one.getAttribute('property'), one.content]))"
    )
    assert found["og:title"] == "The last ferry"
    assert found["og:audio"] == f"{gazette.edge}/audio/ferry.mp3"
    assert found["og:url"] == f"{gazette.edge}/listen/ferry"
    feed = window.page.locator("link[rel=alternate]")
    expect(feed).to_have_attribute("type", "application/rss+xml")


def test_the_page_without_scripts(
    open_window: Callable[..., Window], gazette: Gazette, bridge: dict[str, Any]
) -> None:
    window = open_window(java_script_enabled=False)
    window.page.goto(f"{gazette.edge}/listen/bridge")
    expect(window.page.get_by_text(bridge["parts"][1]["text"])).to_be_visible()
    expect(window.page.get_by_text(bridge["parts"][2]["text"])).to_have_count(0)
    expect(window.page.locator("audio[controls]")).to_have_count(1)


def test_on_paper_there_is_the_text(window: Window, ferry: dict[str, Any]) -> None:
    player = window.listen("ferry")
    player.comes_to("ready")
    window.page.emulate_media(media="print")
    expect(player.find(".controls")).to_be_hidden()
    expect(player.paragraph(1)).to_be_visible()


def test_the_two_lines_of_the_howto(
    window: Window, gazette: Gazette, ferry: dict[str, Any]
) -> None:
    block = re.search(r"```html\n(.*?)```", HOWTO.read_text(), re.DOTALL)
    assert block
    lines = block[1].replace("https://audio.example.com", gazette.edge)
    window.site.html = lines.replace("budget-2026", "ferry")
    window.site.policy = ""
    window.page.goto(f"{window.site.address}/news")
    expect(window.page.locator("inhouse-player")).to_have_attribute("state", "ready")


def test_the_howto_names_every_attribute_and_event(window: Window, ferry: dict[str, Any]) -> None:
    window.listen("ferry").comes_to("ready")
    attributes = window.page.evaluate(
        "() => customElements.get('inhouse-player').observedAttributes"
    )
    sent = re.findall(r'#send\("([\w-]+)"', (WEB / "player.js").read_text())
    missing = [one for one in [*attributes, *sent] if f"`{one}`" not in HOWTO.read_text()]
    assert missing == []
    assert sent
