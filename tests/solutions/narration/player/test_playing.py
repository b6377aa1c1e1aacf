"""Sound, places in it, and what is marked meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.solutions.narration.player.conftest import FERRY, Window
from tests.solutions.narration.player.listening import CURRENT_PARAGRAPH, Listening

LOUDNESS = """new Promise(async (done) => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const audio = player.shadowRoot.querySelector("audio");
  context.createMediaElementSource(audio).connect(analyser);
  await context.resume();
  await player.play();
  const samples = new Float32Array(analyser.fftSize);
  const look = () => {
    analyser.getFloatTimeDomainData(samples);
    const loudest = Math.max(...samples.map(Math.abs));
    loudest > 0.01 ? done(loudest) : requestAnimationFrame(look);
  };
  look();
})"""
WATCH = """(() => {
  window.seen = [];
  const rows = [...player.shadowRoot.querySelectorAll(".paragraph")];
  const look = () => {
    const row = player.shadowRoot.querySelector(".paragraph[part~=current-paragraph]");
    const words = row ? [...row.querySelectorAll("span")] : [];
    const word = words.findIndex((one) => one.part.contains("current-word"));
    seen.push([player.currentTime, rows.indexOf(row), word]);
    requestAnimationFrame(look);
  };
  look();
})()"""


def start(transcript: dict[str, Any], number: int) -> float:
    """When a paragraph begins, in seconds."""
    return next(part["start"] for part in transcript["parts"] if part["paragraph"] == number)


def test_sound_is_heard(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    assert player.run("player.paused")
    player.button("Play").click()
    player.comes_to("playing")
    player.plays_beyond(0.5)
    audio = player.find("audio")
    assert not audio.evaluate("audio => audio.muted")
    assert audio.evaluate("audio => audio.volume") == 1
    assert audio.evaluate("audio => audio.webkitAudioDecodedByteCount") > 0
    assert audio.evaluate("audio => audio.duration") == pytest.approx(ferry["seconds"], abs=0.1)
    player.button("Pause").click()
    player.comes_to("paused")


def test_what_is_heard_is_not_silence(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    assert player.run(LOUDNESS) > 0.01


def test_a_click_on_a_paragraph_goes_there(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    player.paragraph(3).locator("span").first.click()
    assert player.time == pytest.approx(start(ferry, 3), abs=0.2)
    assert player.current == FERRY[2]
    assert player.run("player.paused"), "a click on the text only goes there"


def test_a_click_on_a_word_goes_to_the_word(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    player.paragraph(3).get_by_text("spring", exact=True).click()
    part = next(part for part in ferry["parts"] if part["paragraph"] == 3)
    at = next(at for at, first, end in part["words"] if part["text"][first:end] == "spring")
    assert player.time == pytest.approx(at, abs=0.02)
    assert player.spoken == "spring"


def test_the_time_beside_a_paragraph_plays_from_there(
    window: Window, ferry: dict[str, Any]
) -> None:
    player = window.ready("ferry")
    player.paragraph(2).get_by_role("button").click()
    player.comes_to("playing")
    player.plays_beyond(start(ferry, 2) + 0.3)
    assert player.current == FERRY[1]


def test_the_seek_bar_goes_where_it_is_clicked(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    box = player.find(".bar").bounding_box()
    assert box
    window.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert player.time == pytest.approx(ferry["seconds"] / 2, abs=0.3)
    expect(player.find(".ticks i")).to_have_count(len(FERRY))


def test_marks_follow_the_sound(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    player.run(WATCH)
    player.button("Play").click()
    player.plays_beyond(start(ferry, 3))
    seen = [one for one in window.page.evaluate("() => seen") if one[1] >= 0]
    places = [(row, word) for _, row, word in seen]
    assert places == sorted(places), "marks never go back while it plays"
    assert {row for row, _ in places} >= {0, 1, 2}
    ahead = [
        (time, row, word)
        for time, row, word in seen
        if word >= 0 and ferry["parts"][row]["words"][word][0] > time + 0.05
    ]
    assert ahead == [], "no word is marked before it is spoken"
    words = {place for place in places if place[0] < 2 and place[1] >= 0}
    expected = sum(len(part["words"]) for part in ferry["parts"][:2])
    assert len(words) > expected / 2


def test_without_words_the_paragraph_is_marked(window: Window, ferry: dict[str, Any]) -> None:
    without = {**ferry, "parts": [{**part, "words": []} for part in ferry["parts"]]}
    headers = {"Access-Control-Allow-Origin": "*"}
    window.page.route("**/ferry.json", lambda route: route.fulfill(json=without, headers=headers))
    player = window.ready("ferry")
    player.paragraph(2).locator(".said").click()
    assert player.time == pytest.approx(start(ferry, 2), abs=0.05)
    assert player.current == FERRY[1]
    expect(player.find("span[part~=current-word]")).to_have_count(0)


def test_keys(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    press = window.page.keyboard.press
    press("k")
    assert player.run("player.paused"), "keys are the page's own while the focus is elsewhere"
    player.find("input").focus()
    press("k")
    player.comes_to("playing")
    press("Space")
    player.comes_to("paused")
    for key, place in [
        ("End", ferry["seconds"] - 0.1),
        ("Home", 0),
        ("ArrowRight", 5),
        ("ArrowLeft", 0),
        ("l", ferry["seconds"] - 0.1),
        ("j", 0),
        ("ArrowDown", start(ferry, 1)),
        ("ArrowDown", start(ferry, 2)),
        ("ArrowUp", start(ferry, 1)),
    ]:
        press(key)
        assert player.time == pytest.approx(place, abs=0.05), key
    press("m")
    assert player.find("audio").evaluate("audio => audio.muted")
    press(">")
    press(">")
    assert player.run("player.playbackRate") == 1.5
    press("<")
    assert player.run("player.playbackRate") == 1.25


def test_up_and_down_take_the_focus_along_in_the_text(
    window: Window, ferry: dict[str, Any]
) -> None:
    player = window.ready("ferry")
    player.paragraph(1).get_by_role("button").focus()
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("ArrowDown")
    assert "paragraph 2" in player.focused
    window.page.keyboard.press("Enter")
    player.comes_to("playing")
    player.plays_beyond(start(ferry, 2))


def test_speed_keeps_the_pitch_and_is_remembered(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    speed = player.player.get_by_role("combobox", name="Speed")
    speed.select_option("1.5×")
    player.button("Play").click()
    player.comes_to("playing")
    assert player.find("audio").evaluate("audio => [audio.playbackRate, audio.preservesPitch]") == [
        1.5,
        True,
    ]
    window.page.reload()
    player.comes_to("ready")
    expect(speed).to_have_value("1.5")


def test_one_of_several_plays(window: Window, ferry: dict[str, Any]) -> None:
    first = window.embed('article="ferry"', 'article="ferry"')
    second = Listening(window.page, 1)
    second.comes_to("ready")
    first.button("Play").click()
    first.comes_to("playing")
    second.button("Play").click()
    second.comes_to("playing")
    first.comes_to("paused")


def test_the_text_scrolls_along_until_the_reader_does(
    window: Window, ferry: dict[str, Any]
) -> None:
    player = window.ready("ferry")
    text = player.find(".text")
    text.evaluate("text => text.style.maxHeight = '60px'")
    player.run("player.seek(player.duration - 1.5)")
    player.button("Play").click()
    expect(player.find(CURRENT_PARAGRAPH)).to_be_in_viewport()
    text.hover()
    window.page.mouse.wheel(0, -1000)
    player.run("player.seek(0.1)")
    assert window.page.evaluate("() => scrollY") == 0
    player.comes_to("playing")
    text.hover()
    window.page.mouse.wheel(0, 1000)
    follow = player.button("Go to what is being read")
    expect(follow).to_be_visible()
    follow.click()
    expect(follow).to_be_hidden()
    expect(player.find(CURRENT_PARAGRAPH)).to_be_in_viewport()


def test_pages_hear_what_happens(window: Window, ferry: dict[str, Any]) -> None:
    player = window.ready("ferry")
    window.page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ["play", "pause", "complete", "paragraph"])
            document.addEventListener(`inhouse-${name}`, (event) => heard.push(
              [name, event.detail.article, event.detail.paragraph ?? null]));
        }"""
    )
    player.button("Play").click()
    player.comes_to("playing")
    player.button("Pause").click()
    player.comes_to("paused")
    player.run("player.seek(player.duration - 0.3)")
    player.button("Play").click()
    player.comes_to("ended")
    heard = [(name, paragraph) for name, _, paragraph in window.page.evaluate("() => heard")]
    assert heard[:2] == [("play", None), ("paragraph", None)]
    assert [one for one in heard if one[0] != "paragraph"] == [
        ("play", None),
        ("pause", None),
        ("play", None),
        ("complete", None),
    ]
    assert ("paragraph", 4) in heard
    assert [one["event"] for one in window.posted()] == ["play", "complete"]
    assert len({one["listening"] for one in window.posted()}) == 1
