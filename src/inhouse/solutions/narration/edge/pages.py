"""`/listen/<id>`: the article to read, with the player above it."""

from __future__ import annotations

import html
from string import Template
from typing import TYPE_CHECKING, Any

from inhouse.solutions.narration.edge import texts
from inhouse.solutions.narration.edge.answers import whole
from inhouse.solutions.narration.edge.files import WEB
from inhouse.solutions.narration.edge.transcript import parts_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from inhouse.solutions.narration.edge.audio import Listening
    from inhouse.solutions.narration.edge.options import Options
    from inhouse.solutions.narration.edge.site import Site

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'"
)


class Pages:
    """Fills `web/listen.html`. Every value is escaped on its way in."""

    def __init__(self, listening: Listening, site: Site, options: Options) -> None:
        self._listening = listening
        self._site = site
        self._options = options
        self._template = Template((WEB / "listen.html").read_text())

    async def answer(self, request: Request) -> Response:
        article, who = await self._listening.described(request)
        teaser = article.premium and not who.entitled
        if teaser and article.manifest["teaser"] is None:
            return self._listening.refusal(who)
        body = self._template.substitute(self._values(request, article.manifest, teaser))
        headers = {
            **self._listening.headers(who, premium=article.premium),
            "Content-Security-Policy": _POLICY,
        }
        return whole(request, body.encode("utf-8", "replace"), "text/html", headers)

    def _values(self, request: Request, manifest: dict[str, Any], teaser: bool) -> dict[str, str]:
        base = self._site.base(request)
        article_id = manifest["article_id"]
        link = self._options.subscribe_url
        paragraphs = texts.paragraphs(parts_of(manifest, teaser=teaser))
        values = {
            "id": article_id,
            "title": manifest["title"],
            "language": manifest["language"],
            "publisher": self._site.title(manifest),
            "description": texts.description(manifest),
            "page": f"{base}/listen/{article_id}",
            "audio": f"{base}/audio/{article_id}.mp3",
            "cover": f"{base}/cover.png",
            "feed": f"{base}/feeds/all.rss",
            "site": f"{base}/feeds",
            "edge": base,
        }
        return {name: html.escape(value) for name, value in values.items()} | {
            "subscribe": f' subscribe-url="{html.escape(link)}"' if link else "",
            "text": "\n".join(f"<p>{html.escape(text)}</p>" for _, text in paragraphs),
        }
