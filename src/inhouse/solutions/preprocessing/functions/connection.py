"""A connection to S3 that one event leaves to the next."""

from __future__ import annotations

import contextlib
import functools
import os
import select
import ssl
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead
from typing import IO, TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse

    from .answer import Flow

SECONDS = 60.0
"""As long as S3 Object Lambda waits for a function."""
CHUNK = 64 * 1024


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

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] | Flow | None = None,
    ) -> Answer:
        """The answer, its body still to be read. A body of unknown length goes in chunks."""
        sent = {name: value.encode() for name, value in headers.items()}
        parts = urlsplit(url)
        http = self._connection(parts)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            # When S3 reads no further, its answer says why.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                http.request(method, target, body, sent)
            self._last = http.getresponse()
        except BaseException:
            self._close()
            raise
        return Answer(self._last)

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        to = (parts.scheme, parts.netloc)
        if self._http is None or to != self._to or not self._is_free():
            self._close()
            self._to, self._http = to, _opened(*to)
        return self._http

    def _is_free(self) -> bool:
        """Whether the last answer was read to its end and S3 has not closed the connection since."""
        assert self._http is not None
        if self._last is not None and not self._last.isclosed():
            return False
        sock = self._http.sock
        return sock is None or not select.select([sock], [], [], 0)[0]

    def _close(self) -> None:
        if self._http is not None:
            self._http.close()
        self._http = self._last = None


def _opened(scheme: str, netloc: str) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(netloc, timeout=SECONDS, blocksize=CHUNK, context=_authorities())
    return HTTPConnection(netloc, timeout=SECONDS, blocksize=CHUNK)


@functools.cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
