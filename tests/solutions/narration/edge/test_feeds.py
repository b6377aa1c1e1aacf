"""Podcast feeds: valid XML of free articles, with what players of podcasts want."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.solutions.narration.edge import rss
from inhouse.solutions.narration.edge.catalogue import Entry, slug
from inhouse.solutions.narration.edge.options import Options
from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom
from tests.solutions.narration.edge.conftest import FIRST, SECOND, Edges
from tests.solutions.narration.edge.running import RunningEdge, refused
from tests.solutions.narration.edge.signing import written
from tests.waiting import until

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"


def channel(edge: RunningEdge, section: str, **headers: str) -> Any:
    answer = edge.get(f"/feeds/{section}.rss", **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    found = ElementTree.fromstring(answer.content).find("channel")
    assert found is not None
    return found


def listed(edge: RunningEdge, section: str) -> list[str]:
    return [str(guid.text) for guid in channel(edge, section).iter("guid")]


def test_an_episode_has_what_players_want(edge: RunningEdge, gazette: Newsroom) -> None:
    until(lambda: "gazette/free" in listed(edge, "politics") or None, "the article")
    feed = channel(edge, "politics")
    assert feed.find("title").text == "The Gazette: Politics"
    assert feed.find(f"{ITUNES}image").get("href") == f"{edge.url}/cover.png"
    item = next(one for one in feed.iter("item") if one.find("guid").text == "gazette/free")
    assert item.find("title").text == "Free <for> all"
    assert item.find("guid").get("isPermaLink") == "false"
    assert item.find("description").text == FIRST
    assert item.find("link").text == f"{edge.url}/listen/free"
    enclosure = item.find("enclosure")
    audio = edge.get(enclosure.get("url").removeprefix(edge.url))
    assert enclosure.get("type") == audio.headers["content-type"] == "audio/mpeg"
    assert int(enclosure.get("length")) == len(audio.content)
    manifest = gazette.manifest("free")
    assert manifest
    assert int(item.find(f"{ITUNES}duration").text) == round(manifest["full"]["seconds"])
    assert parsedate_to_datetime(item.find("pubDate").text).tzinfo
    chapters = item.find(f"{PODCAST}chapters")
    assert chapters.get("type") == "application/json+chapters"
    told = edge.json(chapters.get("url").removeprefix(edge.url))
    assert [chapter["title"] for chapter in told["chapters"]] == ["Free <for> all", FIRST, SECOND]
    starts = [chapter["startTime"] for chapter in told["chapters"]]
    assert starts == [part["start"] for part in manifest["parts"] if part["text"]]


def test_premium_audio_is_in_no_feed(edge: RunningEdge, reader: dict[str, str]) -> None:
    for section in ("all", "politics"):
        answer = edge.get(f"/feeds/{section}.rss", **reader)
        assert "paid" not in answer.text


def test_sections_come_and_go_with_their_articles(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str]
) -> None:
    name, other = fresh_name("old"), fresh_name("new")
    section = fresh_name("Kunst & Müll")
    gazette.save(name, 1, FIRST, metadata={"section": section})
    gazette.narrated(name, 1)
    gazette.save(other, 1, FIRST, metadata={"section": section.upper()})
    gazette.narrated(other, 1)
    wanted = [f"gazette/{other}", f"gazette/{name}"]

    def newest_first() -> bool | None:
        if edge.get(f"/feeds/{slug(section)}.rss").status_code == 404:
            return None
        return listed(edge, slug(section)) == wanted or None

    until(newest_first, "both in one section")
    assert slug(section).startswith("kunst-müll-")
    index = edge.json("/feeds", Accept="application/json")["feeds"]
    urls = {one["section"]: one["url"] for one in index}
    assert edge.get(urls[slug(section)].removeprefix(edge.url)).status_code == 200
    assert urls["all"] == f"{edge.url}/feeds/all.rss"
    page = edge.get("/feeds", Accept="text/html")
    assert f'href="{urls["all"]}"' in page.text
    # An edit keeps an episode what and where it is, and may take it out.
    gazette.save(name, 2, FIRST, SECOND, metadata={"section": section}, premium=True)
    gazette.narrated(name, 2)
    until(lambda: listed(edge, slug(section)) == wanted[:1] or None, "only the free one")


def test_articles_without_a_section_are_in_all(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("plain")
    gazette.save(name, 1, FIRST, metadata={"section": 7})
    gazette.narrated(name, 1)
    until(lambda: f"gazette/{name}" in listed(edge, "all") or None, "the article")
    assert edge.get("/feeds/7.rss").status_code == 404


def test_addresses_are_those_of_the_site(
    edges: Edges, gazette: Newsroom, tmp_path: Path, server: RunningServer
) -> None:
    cover = written(tmp_path / "cover.jpg", b"\xff\xd8\xff not much of a picture")
    edge = edges(
        "--name", "gazette", "--site-url", "https://audio.gazette.example/",
        "--title", "Heard & <seen>", "--cover", str(cover),
    )  # fmt: skip
    feed = channel(edge, "all", Host="evil.example")
    assert feed.find("title").text == "Heard & <seen>"
    assert feed.find(f"{ITUNES}image").get("href") == "https://audio.gazette.example/cover.png"
    assert edge.get("/cover.png").headers["content-type"] == "image/jpeg"
    assert "evil" not in edge.get("/listen/free", Host="evil.example").text
    small = written(tmp_path / "small.png", b"\x89PNG\r\n\x1a\n" + bytes(8) + b"\0\0\0\x08" * 2)
    assert "8 by 8 pixels" in refused(server, "--cover", str(small))


@pytest.mark.parametrize(
    "wrong",
    [
        {"site_url": "gazette.example"},
        {"site_url": "https://gazette.example/?a=b"},
        {"subscribe_url": "javascript:alert(1)"},
        {"allow_origin": ("https://gazette.example/",)},
        {"max_age": -1},
    ],
    ids=str,
)
def test_options_that_are_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("_", "-")):
        Options(**wrong)


def test_an_odd_manifest_keeps_nothing_else_out(edges: Edges, gazette: Newsroom) -> None:
    bucket = gazette.deployment.audio_bucket
    for key, body in (("full.mp3", b"sound"), ("manifest.json", b'{"premium": false}')):
        gazette.s3.put_object(Bucket=bucket, Key=f"odd/{key}", Body=body)
    edge = edges("--name", "gazette")
    episodes = listed(edge, "all")
    assert "gazette/free" in episodes
    assert "gazette/odd" not in episodes
    assert '"edge.odd_manifest"' in edge.log
    for key in ("full.mp3", "manifest.json"):
        gazette.s3.delete_object(Bucket=bucket, Key=f"odd/{key}")


def test_a_host_that_is_none_gets_into_no_address(edge: RunningEdge) -> None:
    for host in ('x"><script>', "a b", "user@host"):
        answer = edge.get("/feeds/all.rss", Host=host)
        assert host not in answer.text
        assert "&gt;" not in answer.text.partition("<item>")[0]


def test_the_cover_is_square_and_large_enough(edge: RunningEdge) -> None:
    cover = edge.get("/cover.png")
    assert cover.headers["content-type"] == "image/png"
    assert [int.from_bytes(cover.content[at : at + 4], "big") for at in (16, 20)] == [1400, 1400]


anything = st.text(st.characters(exclude_categories=()), max_size=30)


@given(anything, anything, anything)
@pytest.mark.filterwarnings("error")
def test_a_feed_is_xml_whatever_titles_hold(title: str, description: str, publisher: str) -> None:
    entry = Entry("a", 1, title, description, "en", publisher, "s", 1.0, 1, 0.0, 0.0)
    made = rss.feed(title, "https://a.example/feeds/all.rss", "https://a.example", [entry], "n")
    found = ElementTree.fromstring(made).find("channel/item/title")
    assert found is not None
    assert (found.text or "") == rss.writable(title)
    assert all(one in (found.text or "") for one in title if one.isprintable())


def test_control_characters_and_emoji() -> None:
    entry = Entry("a", 1, "A\x00\x1b bell 🔔 & ]]>", "d", "en", "p", "s", 1.0, 1, 0.0, 0.0)
    made = rss.feed("t", "https://a.example/f.rss", "https://a.example", [entry], "n")
    title = ElementTree.fromstring(made).find("channel/item/title")
    assert title is not None
    assert title.text == "A\ufffd\ufffd bell 🔔 & ]]>"


def test_feeds_are_asked_for_again_cheaply(edge: RunningEdge) -> None:
    first = edge.get("/feeds/politics.rss")
    assert first.headers["cache-control"] == "public, max-age=60"
    known = {"If-None-Match": first.headers["etag"]}
    assert edge.get("/feeds/politics.rss", **known).status_code == 304
