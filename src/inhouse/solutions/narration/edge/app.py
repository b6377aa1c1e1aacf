"""The edge's routes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import JSONResponse
from starlette.routing import Route, Router

from inhouse.solutions.narration.edge.answers import problem
from inhouse.solutions.narration.edge.articles import Articles
from inhouse.solutions.narration.edge.audio import Listening
from inhouse.solutions.narration.edge.blocks import Blocks
from inhouse.solutions.narration.edge.catalogue import Scanner
from inhouse.solutions.narration.edge.chapters import Chapters
from inhouse.solutions.narration.edge.events import Events
from inhouse.solutions.narration.edge.feeds import Feeds
from inhouse.solutions.narration.edge.files import Files
from inhouse.solutions.narration.edge.hls import FRAGMENT, Hls
from inhouse.solutions.narration.edge.keys import jwks_file, key_file
from inhouse.solutions.narration.edge.pages import Pages
from inhouse.solutions.narration.edge.segments import Fragments
from inhouse.solutions.narration.edge.site import Site
from inhouse.solutions.narration.edge.source import Source
from inhouse.solutions.narration.edge.tally import Tally
from inhouse.solutions.narration.edge.tokens import Tokens
from inhouse.solutions.narration.edge.transcript import Transcripts
from inhouse.solutions.narration.edge.versions import Versions
from inhouse.solutions.narration.functions.save import ARTICLE_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from inhouse.solutions.narration.edge.options import Options
    from inhouse.solutions.narration.names import Names


class _ArticleConvertor(StringConvertor):
    regex = ARTICLE_ID.pattern


class _FragmentConvertor(StringConvertor):
    regex = FRAGMENT


register_url_convertor("article", _ArticleConvertor())
register_url_convertor("fragment", _FragmentConvertor())


class Edge:
    """One deployment's edge. Raises ValueError for keys that cannot be used."""

    def __init__(self, session: boto3.Session, names: Names, options: Options) -> None:
        self.options = options
        self.source = Source(session)
        self._tally = Tally(session, self.source, names.name)
        site = Site(options)
        articles = Articles(self.source, names)
        listening = Listening(
            articles,
            Blocks(self.source, options.cache_bytes),
            Transcripts(self.source, names, options.subscribe_url),
            tokens(options),
            names.name,
            options.max_age,
        )
        sounds = Fragments(self.source, names.fragments_bucket)
        hls = Hls(listening, Versions(self.source, names, articles, sounds), sounds)
        feeds = Feeds(Scanner(self.source, names), site, options.cover, names.name)
        events = Events(articles, self._tally)
        self.application = Router(
            routes=[
                _get("/audio/{article:article}.mp3", listening.mp3),
                _get("/audio/{article:article}.chapters.json", Chapters(listening).answer),
                _get("/audio/{article:article}.json", listening.transcript),
                _get("/audio/{article:article}.m3u8", hls.playlist),
                _get("/audio/{article:article}/{fragment:fragment}.mp3", hls.segment),
                _get("/listen/{article:article}", Pages(listening, site, options).answer),
                _get("/feeds", feeds.index),
                _get("/feeds/{section}.rss", feeds.feed),
                _get("/cover.png", feeds.cover),
                Route("/events", events.answer, methods=["POST"]),
                _get("/health", functools.partial(_health, names.name)),
                _get("/{path:path}", Files().answer),
            ],
            default=_nothing,
        )

    async def close(self) -> None:
        """Puts the last counts and ends the threads."""
        await self._tally.close()
        self.source.close()


def tokens(options: Options) -> Tokens:
    """How tokens are verified. Raises Unusable."""
    keys = None
    if options.jwt_key:
        keys = key_file(options.jwt_key)
    elif options.jwks:
        keys = jwks_file(options.jwks)
    return Tokens(keys, options.issuer, options.audience)


def _get(path: str, answer: Callable[[Request], Any]) -> Route:
    return Route(path, answer, methods=["GET"])


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await problem(404, "NotFound", "There is nothing here.")(scope, receive, send)


async def _health(name: str, _: Request) -> Response:
    return JSONResponse({"status": "ok", "deployment": name}, headers={"Cache-Control": "no-store"})
