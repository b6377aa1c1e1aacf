"""`/audio/<id>.chapters.json`: where title and paragraphs begin.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from inhouse.solutions.narration.edge import texts
from inhouse.solutions.narration.edge.answers import whole
from inhouse.solutions.narration.edge.transcript import parts_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from inhouse.solutions.narration.edge.audio import Listening

LONGEST_TITLE = 60


class Chapters:
    """Chapters of the audio that the reader gets."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening

    async def answer(self, request: Request) -> Response:
        article, who = await self._listening.described(request)
        teaser = article.premium and not who.entitled
        if teaser and article.manifest["teaser"] is None:
            return self._listening.refusal(who)
        body = chapters(article.manifest, teaser=teaser)
        headers = self._listening.headers(who, premium=article.premium)
        return whole(request, body, "application/json+chapters", headers)


def chapters(manifest: dict[str, Any], *, teaser: bool) -> bytes:
    """JSON; paragraphs are called by their first words."""
    parts = parts_of(manifest, teaser=teaser)
    found = [(part["start"], part["text"]) for part in parts if part["kind"] == "title"]
    found += [(part["start"], text) for part, text in texts.paragraphs(parts)]
    told = {
        "version": "1.2.0",
        "title": manifest["title"],
        "chapters": [
            {"startTime": start, "title": texts.shortened(text, LONGEST_TITLE)}
            for start, text in sorted(found)
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
