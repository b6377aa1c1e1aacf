"""Previews end in the call to subscribe; a valid token opens the whole article."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.serving import RunningServer
from tests.solutions.narration.player.conftest import NAME, Window
from tests.solutions.narration.player.gazette import Gazette, edge
from tests.solutions.narration.player.listening import Listening
from tests.waiting import until

RECORD = "() => { window.heard = []; document.addEventListener('teaserend', (e) => heard.push(e.detail)); }"


def to_the_end(player: Listening) -> None:
    player.run("player.pause()")
    player.run("player.seek(player.duration - 0.4)")
    player.find(".play").click()
    player.comes_to("ended")


def test_a_preview_ends_in_the_call(
    window: Window, gazette: Gazette, bridge: dict[str, Any]
) -> None:
    before = gazette.report()
    subscribe = f"{window.site.address}/subscribe"
    player = window.ready("bridge")
    expect(player.player).to_have_attribute("teaser", "")
    expect(player.find(".badge")).to_have_text("Preview")
    assert player.run("player.duration") < bridge["seconds"]
    window.page.evaluate(RECORD)
    to_the_end(player)
    link = player.player.get_by_role("link", name="Subscribe")
    expect(link).to_have_attribute("href", subscribe)
    assert player.focused == "Subscribe", "whoever was in the player is led to the call"
    expect(player.find(".live")).to_contain_text("Subscribe to hear the whole article")
    assert window.page.evaluate("() => heard.map((one) => one.subscribe)") == [subscribe]
    link.click()
    window.page.wait_for_url(subscribe)
    # A preview that was heard to its end is not the article: no completion.
    assert [one["event"] for one in window.posted()] == ["play", "subscribe"]
    assert {one["article"] for one in window.posted()} == {"bridge"}

    def counted() -> bool:
        now = gazette.report()
        return now.teaser_subscriptions > before.teaser_subscriptions and now.plays > before.plays

    until(counted, "the play and the subscription in the report")


def test_the_focus_is_not_torn_from_elsewhere(window: Window, bridge: dict[str, Any]) -> None:
    player = window.embed('article="bridge"')
    player.comes_to("ready")
    window.page.evaluate("() => document.body.append(document.createElement('textarea'))")
    window.page.locator("textarea").focus()
    player.run("player.seek(player.duration - 0.4)")
    player.run("player.play()")
    player.comes_to("ended")
    expect(player.player.get_by_role("link", name="Subscribe")).to_be_visible()
    assert window.page.evaluate("() => document.activeElement.localName") == "textarea"


def test_a_page_may_make_the_call_itself(window: Window, bridge: dict[str, Any]) -> None:
    player = window.ready("bridge", 'subscribe-url="/offers"')
    window.page.evaluate(RECORD)
    window.page.evaluate(
        "() => document.addEventListener('teaserend', (event) => event.preventDefault())"
    )
    to_the_end(player)
    assert window.page.evaluate("() => heard[0].subscribe") == f"{window.site.address}/offers"
    expect(player.player.get_by_role("link")).to_have_count(0)


def test_an_address_that_is_a_script_is_no_link(window: Window, bridge: dict[str, Any]) -> None:
    player = window.ready("bridge", 'subscribe-url="javascript:alert(1)"')
    to_the_end(player)
    expect(player.find(".call")).to_be_visible()
    expect(player.player.get_by_role("link")).to_have_count(0)


def test_a_token_opens_the_article(
    window: Window, gazette: Gazette, bridge: dict[str, Any]
) -> None:
    token = gazette.token()
    player = window.embed("id='late'")
    window.page.evaluate(
        "(token) => { late.token = token; late.setAttribute('article', 'bridge'); }", token
    )
    player.comes_to("ready")
    assert player.run("player.duration") == bridge["seconds"]
    expect(player.find(".paragraph .said")).to_have_text([part["text"] for part in bridge["parts"]])
    player.button("Play").click()
    player.comes_to("playing")
    assert window.complaints == []
    by_kind = {urlsplit(one.url).path: one for one in window.requests}
    transcript, audio = by_kind["/audio/bridge.json"], by_kind["/audio/bridge.mp3"]
    assert transcript.headers["authorization"] == f"Bearer {token}"
    assert token not in transcript.url
    assert parse_qs(urlsplit(audio.url).query)["token"] == [token]
    markup = player.run(
        "player.outerHTML + [...player.shadowRoot.children]"
        ".filter((one) => one.localName !== 'audio').map((one) => one.outerHTML).join('')"
    )
    assert token not in markup
    to_the_end(player)
    assert [one["event"] for one in window.posted()] == ["play", "complete"]
    assert not any(token in (one.post_data or "") for one in window.requests)


def test_the_listener_goes_on_where_the_preview_ended(
    window: Window, gazette: Gazette, bridge: dict[str, Any]
) -> None:
    player = window.ready("bridge", f'token="{gazette.token(-3600)}"')
    player.says("could not be confirmed")
    expect(player.player).to_have_attribute("teaser", "")
    second = next(part["start"] for part in bridge["parts"] if part["paragraph"] == 2)
    player.run("player.seek(player.duration - 0.2)")
    player.player.evaluate("(player, token) => { player.token = token; }", gazette.token())
    expect(player.player).not_to_have_attribute("teaser", "")
    assert player.time <= second + 0.1
    player.run("player.play()")
    player.plays_beyond(second)


def test_a_cookie_opens_the_edges_own_page(
    open_window: Callable[..., Window], gazette: Gazette, bridge: dict[str, Any]
) -> None:
    window = open_window()
    cookie = {"name": "inhouse_token", "value": gazette.token(), "url": gazette.edge}
    window.page.context.add_cookies([{**cookie, "httpOnly": True}])
    player = window.listen("bridge")
    player.comes_to("ready")
    assert player.run("player.duration") == bridge["seconds"]
    player.button("Play").click()
    player.plays_beyond(0.2)
    assert not any("token" in one.url for one in window.requests)


def test_a_cookie_opens_it_on_another_origin_of_the_site(
    window: Window,
    server: RunningServer,
    gazette: Gazette,
    bridge: dict[str, Any],
    tmp_path: Path,
) -> None:
    site = window.site.address
    with edge(server, NAME, tmp_path, "--allow-origin", site) as address:
        window.edge = address.replace("127.0.0.1", "localhost")
        cookie = {"name": "inhouse_token", "value": gazette.token(), "url": window.edge}
        window.page.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])
        player = window.ready("bridge", "with-cookies")
        assert player.run("player.duration") == bridge["seconds"]
        player.button("Play").click()
        player.plays_beyond(0.2)
        assert player.find("audio").evaluate("audio => audio.duration") > bridge["seconds"] - 0.1


def test_a_token_in_the_pages_address_goes_out_of_sight(
    window: Window, gazette: Gazette, bridge: dict[str, Any]
) -> None:
    player = window.listen(f"bridge?from=mail&token={gazette.token()}")
    player.comes_to("ready")
    assert player.run("player.duration") == bridge["seconds"]
    assert window.page.url == f"{gazette.edge}/listen/bridge?from=mail"
