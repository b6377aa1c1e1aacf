"""A podcast feed: RSS 2.0 with the namespaces of iTunes and Podcasting 2.0.

https://www.rssboard.org/rss-specification, https://podcasters.apple.com/support/823-podcast-requirements,
https://podcasting2.org/podcast-namespace
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from email.utils import formatdate
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.solutions.narration.edge.catalogue import Entry

MOST_ITEMS = 300
ATOM = "http://www.w3.org/2005/Atom"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
_FEEDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of podcast:guid, by its specification."""
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
for _prefix, _uri in (("atom", ATOM), ("itunes", ITUNES), ("podcast", PODCAST)):
    ElementTree.register_namespace(_prefix, _uri)


def feed(title: str, address: str, base: str, entries: Sequence[Entry], deployment: str) -> bytes:
    """The feed at `address` of an edge whose other addresses begin with `base`."""
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _text(channel, "title", title)
    _text(channel, "link", f"{base}/feeds")
    _text(channel, "description", f"{title}: articles to listen to.")
    languages = Counter(entry.language for entry in entries)
    _text(channel, "language", languages.most_common(1)[0][0] if entries else "en")
    if entries:
        _text(channel, "lastBuildDate", _date(max(entry.published for entry in entries)))
    _text(channel, _in(PODCAST, "guid"), str(uuid.uuid5(_FEEDS, address.partition("://")[2])))
    SubElement(channel, _in(ATOM, "link"), href=address, rel="self", type="application/rss+xml")
    _presented(channel, title, base, entries)
    for entry in entries[:MOST_ITEMS]:
        _item(SubElement(channel, "item"), entry, base, deployment)
    written: bytes = ElementTree.tostring(rss, encoding="utf-8", xml_declaration=True)
    return written


def _presented(channel: Element, title: str, base: str, entries: Sequence[Entry]) -> None:
    author = next((entry.publisher for entry in entries if entry.publisher), title)
    _text(channel, _in(ITUNES, "author"), author)
    SubElement(channel, _in(ITUNES, "image"), href=f"{base}/cover.png")
    SubElement(channel, _in(ITUNES, "category"), text="News")
    _text(channel, _in(ITUNES, "explicit"), "false")
    image = SubElement(channel, "image")
    _text(image, "url", f"{base}/cover.png")
    _text(image, "title", title)
    _text(image, "link", f"{base}/feeds")


def _item(item: Element, entry: Entry, base: str, deployment: str) -> None:
    _text(item, "title", entry.title)
    _text(item, "link", f"{base}/listen/{entry.article_id}")
    _text(item, "description", entry.description or entry.title)
    guid = SubElement(item, "guid", isPermaLink="false")
    guid.text = f"{deployment}/{entry.article_id}"
    _text(item, "pubDate", _date(entry.first))
    SubElement(
        item,
        "enclosure",
        url=f"{base}/audio/{entry.article_id}.mp3",
        length=str(entry.size),
        type="audio/mpeg",
    )
    _text(item, _in(ITUNES, "duration"), str(round(entry.seconds)))
    _text(item, _in(ITUNES, "explicit"), "false")
    SubElement(
        item,
        _in(PODCAST, "chapters"),
        url=f"{base}/audio/{entry.article_id}.chapters.json",
        type="application/json+chapters",
    )


def writable(text: str) -> str:
    """What XML can hold of a text, line ends as its readers see them."""
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = writable(text)


def _in(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _date(moment: float) -> str:
    return formatdate(moment, usegmt=True)
