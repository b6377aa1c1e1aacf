"""`/feeds`, `/feeds/<section>.rss` and the cover they show."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from inhouse.solutions.narration.edge import rss
from inhouse.solutions.narration.edge.answers import problem, public, tag, whole
from inhouse.solutions.narration.edge.catalogue import ALL, slug

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from inhouse.solutions.narration.edge.catalogue import Catalogue, Entry, Scanner
    from inhouse.solutions.narration.edge.site import Site

DEFAULT_COVER = Path(__file__).parent / "cover.png"
MAX_AGE = 60
LARGEST_COVER = 4 * 1024 * 1024
SIDES = range(1400, 3001)
"""Pixels, https://podcasters.apple.com/support/896-artwork-requirements."""
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
{links}
</head>
<body>
<h1>{title}</h1>
<ul>
{items}
</ul>
</body>
</html>
"""


class Feeds:
    """Feeds of free articles. `cover` is a PNG or JPEG; raises ValueError when it is none."""

    def __init__(self, scanner: Scanner, site: Site, cover: Path | None, deployment: str) -> None:
        self._scanner = scanner
        self._site = site
        self._deployment = deployment
        self._cover, self._kind = _picture(cover or DEFAULT_COVER)
        self._cover_tag = tag(self._cover)

    async def feed(self, request: Request) -> Response:
        """One section's, or `all`."""
        section = slug(request.path_params["section"])
        entries = (await self._scanner.catalogue()).section(section)
        if entries is None:
            return problem(404, "NotFound", "There is no such section; /feeds lists them.")
        base = self._site.base(request)
        title = _title(self._site, section, entries)
        body = rss.feed(title, _address(base, section), base, entries, self._deployment)
        return whole(request, body, "application/rss+xml; charset=utf-8", public(MAX_AGE))

    async def index(self, request: Request) -> Response:
        """The sections: a page, or JSON for those who accept that."""
        catalogue = await self._scanner.catalogue()
        feeds = _feeds(catalogue, self._site, self._site.base(request))
        headers = {**public(MAX_AGE), "Vary": "Accept"}
        accepts = request.headers.get("accept", "")
        if "json" in accepts and "text/html" not in accepts:
            body = json.dumps({"feeds": feeds}, ensure_ascii=False).encode("utf-8", "replace")
            return whole(request, body, "application/json", headers)
        headers["Content-Security-Policy"] = "default-src 'none'"
        return whole(request, _page(self._site.title(), feeds), "text/html", headers)

    async def cover(self, request: Request) -> Response:
        return whole(request, self._cover, self._kind, public(MAX_AGE), self._cover_tag)


def _feeds(catalogue: Catalogue, site: Site, base: str) -> list[dict[str, str | int]]:
    sections = {ALL: catalogue.entries, **catalogue.sections}
    return [
        {
            "section": section,
            "title": _title(site, section, entries),
            "url": _address(base, section),
            "articles": len(entries),
        }
        for section, entries in sections.items()
    ]


def _title(site: Site, section: str, entries: tuple[Entry, ...]) -> str:
    publisher = entries[0].publisher if entries else ""
    whose = site.title({"publisher": publisher})
    return whose if section == ALL else f"{whose}: {entries[0].section}"


def _address(base: str, section: str) -> str:
    return f"{base}/feeds/{quote(section)}.rss"


def _page(title: str, feeds: list[dict[str, str | int]]) -> bytes:
    shown = [{name: html.escape(str(value)) for name, value in one.items()} for one in feeds]
    links = "\n".join(
        '<link rel="alternate" type="application/rss+xml" title="{title}" href="{url}">'.format(
            **one
        )
        for one in shown
    )
    items = "\n".join(
        '<li><a href="{url}">{title}</a> ({articles})</li>'.format(**one) for one in shown
    )
    page = _INDEX.format(title=html.escape(title), links=links, items=items)
    return page.encode("utf-8", "replace")


def _picture(file: Path) -> tuple[bytes, str]:
    data = file.read_bytes()
    if len(data) > LARGEST_COVER:
        raise ValueError(f"cover {file} has {len(data)} bytes; {LARGEST_COVER} are the most")
    if data.startswith(_JPEG):
        return data, "image/jpeg"
    if not data.startswith(_PNG):
        raise ValueError(f"cover {file} is neither PNG nor JPEG")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    if width != height or width not in SIDES:
        raise ValueError(
            f"cover {file} has {width} by {height} pixels; podcast players take squares of"
            f" {SIDES.start} to {SIDES.stop - 1}"
        )
    return data, "image/png"
