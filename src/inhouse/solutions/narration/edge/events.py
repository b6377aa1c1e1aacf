"""`POST /events`: what players tell of listenings, counted once each."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from inhouse.solutions.narration.edge.answers import problem
from inhouse.solutions.narration.edge.source import Absent, Unavailable
from inhouse.solutions.narration.edge.tally import METRICS
from inhouse.solutions.narration.functions.save import ARTICLE_ID

if TYPE_CHECKING:
    from starlette.requests import Request

    from inhouse.solutions.narration.edge.articles import Articles
    from inhouse.solutions.narration.edge.tally import Tally

LARGEST = 1024
"""Bytes of one event."""
BODY_SECONDS = 10.0
MOST_REMEMBERED = 100_000
MOST_CLIENTS = 10_000
BURST, PER_SECOND = 60.0, 2.0
"""Events of one address; a listening has three at most."""
_LISTENING = re.compile(r"[A-Za-z0-9_-]{8,64}")
_KINDS = frozenset({"application/json", "text/plain"})


class Wrong(Exception):
    """An event that is none; the text says what would be right."""


class Events:
    """Takes events of articles that exist, each kind once for each listening."""

    def __init__(self, articles: Articles, tally: Tally) -> None:
        self._articles = articles
        self._tally = tally
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._pace = Pace(BURST, PER_SECOND)

    async def answer(self, request: Request) -> Response:
        if not self._pace.allows(request.client.host if request.client else ""):
            return problem(429, "TooManyEvents", "Too many events.", **{"Retry-After": "30"})
        kind = request.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
        if kind not in _KINDS:
            return problem(415, "UnsupportedMediaType", "An event is JSON, also as text/plain.")
        body = await _body(request)
        if body is None:
            return problem(413, "TooLarge", f"An event has at most {LARGEST} bytes.")
        try:
            article, event, listening = parsed(body)
        except Wrong as reason:
            return problem(400, "BadEvent", str(reason))
        try:
            await self._articles.get(article)
        except Absent:
            return problem(404, "NotFound", "There is no such article.")
        except Unavailable:
            pass  # A listener who could play it tells of it; that the bucket is gone is no reason.
        if self._is_new(listening, event):
            self._tally.add(event)
        return Response(None, 204, {"Cache-Control": "no-store"})

    def _is_new(self, listening: str, event: str) -> bool:
        if (listening, event) in self._seen:
            return False
        self._seen[listening, event] = None
        if len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return True


class Pace:
    """So many at once from one client, and then so many a second."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._rate = per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, client: str) -> bool:
        """Takes one, if there is one left."""
        now = time.monotonic()
        left, since = self._left.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        allowed = left >= 1.0
        self._left[client] = (left - 1.0 if allowed else left), now
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return allowed


def parsed(body: bytes) -> tuple[str, str, str]:
    """Article, event and listening. Raises Wrong."""
    try:
        fields: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("The body is not JSON.") from None
    wanted = ("article", "event", "listening")
    if not isinstance(fields, dict) or set(fields) != set(wanted):
        raise Wrong(f"An event is an object with {', '.join(wanted)} and nothing else.")
    article, event, listening = (fields[name] for name in wanted)
    if not isinstance(article, str) or not ARTICLE_ID.fullmatch(article):
        raise Wrong("`article` is no article id.")
    if not isinstance(event, str) or event not in METRICS:
        raise Wrong(f"`event` is one of {', '.join(METRICS)}.")
    if not isinstance(listening, str) or not _LISTENING.fullmatch(listening):
        raise Wrong("`listening` is 8 to 64 letters, digits, - or _, made up for one page view.")
    return article, event, listening


async def _body(request: Request) -> bytes | None:
    """The body, None when it is too long or does not come."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    return None
    except TimeoutError:
        return None
    return bytes(body)
