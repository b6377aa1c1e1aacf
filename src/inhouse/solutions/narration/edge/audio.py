"""`/audio/<id>.mp3` and `.json`: the full audio to those who may hear it, else the teaser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.solutions.narration.edge.access import Reader, reader
from inhouse.solutions.narration.edge.answers import PRIVATE, Span, Streamed, problem, public, whole
from inhouse.solutions.narration.edge.source import Absent, Replaced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from inhouse.solutions.narration.edge.articles import Article, Articles, Audio
    from inhouse.solutions.narration.edge.blocks import Blocks
    from inhouse.solutions.narration.edge.tokens import Tokens
    from inhouse.solutions.narration.edge.transcript import Transcripts

ROUNDS = 5
"""Looks at an article whose audio is replaced while it is being fetched."""


class Listening:
    """Decides who hears what of published audio; everything else of the edge asks here."""

    def __init__(
        self, articles: Articles, blocks: Blocks, transcripts: Transcripts, tokens: Tokens,
        realm: str, max_age: int,
    ) -> None:  # fmt: skip
        self._articles = articles
        self._blocks = blocks
        self._transcripts = transcripts
        self._tokens = tokens
        self._realm = realm
        self._max_age = max_age

    def reader(self, request: Request) -> Reader:
        return reader(request, self._tokens)

    def headers(self, who: Reader, *, premium: bool) -> dict[str, str]:
        """Who may keep the answer, and how to get more."""
        if not premium:
            return public(self._max_age)
        return PRIVATE if who.entitled else {**PRIVATE, **who.challenge(self._realm)}

    def refusal(self, who: Reader) -> Response:
        """For what is not to be had without a token."""
        message = "This is for subscribers: it needs a valid token."
        return problem(401, "TokenNeeded", message, **self.headers(who, premium=True))

    async def mp3(self, request: Request) -> Response:
        """The audio, whole or in part."""
        article = await self._articles.get(request.path_params["article"])
        who = self.reader(request)
        for _ in range(ROUNDS):
            audio = _audio(article, who)
            if audio is None and article.premium and not who.entitled:
                return self.refusal(who)
            try:
                if audio is None:
                    raise Replaced
                return await self._send(request, article, audio, who)
            except Replaced:
                article = await self._articles.renew(request.path_params["article"], article)
        raise Replaced(request.path_params["article"])

    async def _send(
        self, request: Request, article: Article, audio: Audio, who: Reader
    ) -> Response:
        span = Span(request, audio.body.size, audio.body.etag)
        headers = {**self.headers(who, premium=article.premium), **span.headers}
        if span.start == span.end:
            return Streamed(span.status, headers, "audio/mpeg")
        chunks = self._blocks.chunks(audio.body, span.start, span.end, request.is_disconnected)
        first = await anext(chunks)
        rest: AsyncIterator[bytes] | None = chunks
        if len(first) == span.end - span.start:
            rest = None
        return Streamed(span.status, headers, "audio/mpeg", first, rest)

    async def transcript(self, request: Request) -> Response:
        """What the audio at the same address says."""
        article, who = await self.described(request)
        teaser = article.premium and not who.entitled
        if teaser and article.manifest["teaser"] is None:
            return self.refusal(who)
        body = await self._transcripts.of(article, teaser=teaser)
        headers = self.headers(who, premium=article.premium)
        return whole(request, body, "application/json", headers)

    async def described(self, request: Request) -> tuple[Article, Reader]:
        """An article whose manifest tells of its audio. Raises Replaced while it does not."""
        article = await self._articles.get(request.path_params["article"])
        if not article.agreed:
            raise Replaced(request.path_params["article"])
        return article, self.reader(request)


def _audio(article: Article, who: Reader) -> Audio | None:
    if article.premium and not who.entitled:
        return article.teaser
    if article.full is None:
        raise Absent(article.manifest["article_id"])
    return article.full
