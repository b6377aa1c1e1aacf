"""The page of one article: the text that is read, with the player.

It is whole without a script: the player takes the text's place once it has loaded its own.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WEB = Path(__file__).parent / "web"
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "media-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    ),
}
_READ = ("teaser", "paragraph", "note")
_DESCRIPTION = 200


def page(transcript: Mapping[str, Any], site: str, feed: str | None = None) -> str:
    """HTML for a transcript as the edge serves it at `/audio/<id>.json`.

    `site` is the edge's public address, without a slash at its end; `feed` that of the podcast the
    article is in. The page refers to the edge by relative addresses, so it also works under a path.
    """
    texts = _texts(transcript)
    values = {
        "language": transcript["language"],
        "title": transcript["title"],
        "publisher": transcript["publisher"],
        "head": " · ".join(filter(None, (transcript["title"], transcript["publisher"]))),
        "description": _cut(texts[0] if texts else transcript["title"]),
        "page": f"{site}/listen/{transcript['id']}",
        "audio": f"{site}{transcript['audio']}",
        "cover": f"{site}/cover.png",
        "id": transcript["id"],
    }
    safe = {name: escape(str(value)) for name, value in values.items()}
    return _template().substitute(
        safe,
        text="\n".join(f"<p>{escape(text)}</p>" for text in texts),
        alternate=_alternate(safe["publisher"], feed),
    )


def _template() -> Template:
    return Template((WEB / "listen.html").read_text(encoding="utf-8"))


def _alternate(publisher: str, feed: str | None) -> str:
    if feed is None:
        return ""
    kind = 'rel="alternate" type="application/rss+xml"'
    return f'<link {kind} title="{publisher}" href="{escape(feed)}">'


def _texts(transcript: Mapping[str, Any]) -> list[str]:
    """The paragraphs; one may be several parts in a row, a sentence each."""
    read = (part for part in transcript["parts"] if part["kind"] in _READ)
    groups = groupby(read, key=lambda part: (part["kind"], part["paragraph"]))
    return [" ".join(part["text"] for part in parts) for _, parts in groups]


def _cut(text: str) -> str:
    if len(text) <= _DESCRIPTION:
        return text
    return text[:_DESCRIPTION].rsplit(" ", 1)[0] + " …"
