"""`/audio/<id>.m3u8`: the article as a playlist over its fragments. RFC 8216."""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING

from inhouse.solutions.narration.edge import segments
from inhouse.solutions.narration.edge.answers import Span, Streamed, problem, whole
from inhouse.solutions.narration.edge.source import Absent, Replaced

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from inhouse.solutions.narration.edge.access import Reader
    from inhouse.solutions.narration.edge.audio import Listening
    from inhouse.solutions.narration.edge.segments import Fragments
    from inhouse.solutions.narration.edge.versions import Heard, Versions

FRAGMENT = r"[0-9a-f]{64}-[0-9]{1,9}"
START = "pts"
"""The parameter of a segment's address that says when it begins, since fragments are used again."""
_TICKS = re.compile(r"\d{1,10}", re.ASCII)


class Hls:
    """Playlists and their segments."""

    def __init__(self, listening: Listening, versions: Versions, sounds: Fragments) -> None:
        self._listening = listening
        self._versions = versions
        self._sounds = sounds

    async def playlist(self, request: Request) -> Response:
        """All fragments to those who may hear them, else those of the teaser."""
        article_id = request.path_params["article"]
        who = self._listening.reader(request)
        heard = await self._versions.get(article_id)
        teaser = heard.premium and not who.entitled
        if not heard.pieces(teaser=teaser):
            raise Replaced(article_id)  # nothing to hear yet, but soon
        # Only who needs the token there gets it into the addresses.
        query = who.query if heard.premium else ""
        body = playlist(article_id, heard, teaser=teaser, token=query)
        headers = self._listening.headers(who, premium=heard.premium)
        return whole(request, body.encode(), "application/vnd.apple.mpegurl", headers)

    async def segment(self, request: Request) -> Response:
        """One fragment, behind the time at which it begins."""
        start = request.query_params.get(START, "0")
        if not _TICKS.fullmatch(start) or int(start) >= segments.TICKS:
            message = f"{START} is a timestamp: 0 to {segments.TICKS - 1}, in 1/90000 s."
            return problem(400, "BadTimestamp", message)
        article_id, name = request.path_params["article"], request.path_params["fragment"]
        who = self._listening.reader(request)
        heard = await self._versions.get(article_id)
        key = await self._key(article_id, heard, name, who)
        if key is None:
            if heard.premium and not who.entitled:
                return self._listening.refusal(who)
            raise Absent(name)
        return await self._send(request, key, int(start), heard, who)

    async def _key(self, article_id: str, heard: Heard, name: str, who: Reader) -> str | None:
        """The key of a fragment that this reader may hear."""
        gated = heard.premium and not who.entitled
        current = heard.teaser if gated else (*heard.parts, *heard.teaser)
        for piece in current:
            if piece.name == name:
                return piece.key
        found = await self._versions.earlier(article_id, name, premium=heard.premium)
        if found is None:
            return None
        key, is_open = found
        return key if is_open or who.entitled else None

    async def _send(
        self, request: Request, key: str, start: int, heard: Heard, who: Reader
    ) -> Response:
        tag = segments.timestamp(start)
        size = len(tag) + await self._sounds.size(key)
        etag = hashlib.sha256(f"{key} {start}".encode()).hexdigest()[:32]
        span = Span(request, size, f'"{etag}"')
        headers = {**self._listening.headers(who, premium=heard.premium), **span.headers}
        if span.start == span.end:
            return Streamed(span.status, headers, "audio/mpeg")
        chunks = self._sounds.chunks(key, tag, span.start, span.end)
        return Streamed(span.status, headers, "audio/mpeg", await anext(chunks), chunks)


def playlist(article_id: str, heard: Heard, *, teaser: bool, token: str = "") -> str:
    """A media playlist; one that still grows has no end and keeps its target duration.

    Segments follow each other in one timeline, by their timestamps, so there is no discontinuity.
    """
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{max(1, math.ceil(heard.longest))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if heard.complete else 'EVENT'}",
    ]
    more = f"&token={token}" if token else ""
    for piece in heard.pieces(teaser=teaser):
        lines.append(f"#EXTINF:{piece.seconds:.6f},")
        address = f"{article_id}/{piece.name}.mp3?{START}={segments.ticks(piece.start)}{more}"
        lines.append(address)
    if heard.complete:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
