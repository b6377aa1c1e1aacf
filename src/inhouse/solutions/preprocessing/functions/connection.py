"""A connection to S3 that one event leaves to the next."""

from __future__ import annotations

import contextlib
import functools
import os
import select
import ssl
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead
from time import time
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse

    from .answer import Flow

SECONDS = 60.0
"""As long as S3 Object Lambda waits for a function."""
IDLE = 4.0
"""Seconds for which a connection may lie unused. Few servers close one before 5."""
CHUNK = 64 * 1024
_GONE = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""The other side has closed the connection."""


class Answer:
    """What S3 said. `headers` have names in lower case."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end. Raises IncompleteRead for an end too early."""
        try:
            chunk = self._response.read(None if size < 0 else size)
        except OSError as error:
            raise IncompleteRead(b"") from error
        if not chunk and size and self._response.length:
            raise IncompleteRead(chunk, self._response.length)
        return chunk


class Connection:
    """Sends requests one after another; what was not read of an answer is given up by the next."""

    def __init__(self) -> None:
        self._to = ("", "")
        self._http: HTTPConnection | None = None
        self._last: HTTPResponse | None = None
        self._answered = 0.0

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] | Flow | None = None,
    ) -> Answer:
        """The answer, its body still to be read. A body of unknown length goes in chunks.

        GET and HEAD are asked again when the connection that an earlier request left turns out to
        be gone. Others are not: S3 may have acted on them already.
        """
        parts = urlsplit(url)
        to = (parts.scheme, parts.netloc)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        sent = {name: encoded(value) for name, value in headers.items()}
        if self._http is not None and to == self._to and self._is_free(self._http):
            try:
                return self._ask(self._http, method, target, sent, body)
            except _GONE:
                if method not in ("GET", "HEAD"):
                    raise
        self._close()
        self._to, self._http = to, _opened(*to)
        return self._ask(self._http, method, target, sent, body)

    def _ask(
        self,
        http: HTTPConnection,
        method: str,
        target: str,
        sent: Mapping[str, bytes],
        body: bytes | IO[bytes] | Flow | None,
    ) -> Answer:
        try:
            if http.sock is None:
                http.connect()
            # When S3 reads no further, its answer says why.
            with contextlib.suppress(*_GONE):
                http.request(method, target, body, sent)
            self._last = http.getresponse()
            self._answered = time()
            if method == "HEAD":
                self._last.read()  # nothing, but only then is the connection free
        except BaseException:
            self._close()
            raise
        return Answer(self._last)

    def _is_free(self, http: HTTPConnection) -> bool:
        """Whether the last answer was read to its end and S3 has kept the connection since.

        A worker that was frozen has not heard of that, so the connection must not be old either,
        by the wall clock: a monotonic one need not count the time in which it was frozen.
        """
        if self._last is None or not self._last.isclosed() or http.sock is None:
            return False
        if not 0 <= time() - self._answered < IDLE:
            return False
        return not select.select([http.sock], [], [], 0)[0]

    def _close(self) -> None:
        if self._http is not None:
            self._http.close()
        self._http = self._last = None


def encoded(value: str) -> bytes:
    """A header as it goes out: one that came from S3 goes out again as the bytes it came as.

    http.client reads headers as latin-1, whatever they are.
    """
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _opened(scheme: str, netloc: str) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(netloc, timeout=SECONDS, blocksize=CHUNK, context=_authorities())
    return HTTPConnection(netloc, timeout=SECONDS, blocksize=CHUNK)


@functools.cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
