"""One HTTP request and one HTTP response, free of any framework."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inhouse.wire.content import inflate
from inhouse.wire.query_string import pairs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What a compressed request body may grow to, in bytes, unless the gateway says otherwise.
INFLATED_LIMIT = 16 * 1024 * 1024


@dataclass(slots=True)
class HttpRequest:
    """A request as received.

    `path` and `query` are raw (percent-encoded, no `?`); header names are lower-case, values
    latin-1 text, duplicates joined with `,`. `body` is None until the gateway has read it, and
    stays as received (still compressed: signatures cover those bytes).
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes | None = None
    scheme: str = "http"
    client: str | None = None
    inflated_limit: int = INFLATED_LIMIT
    _arguments: dict[str, list[str]] | None = field(default=None, repr=False)
    _args: dict[str, str] | None = field(default=None, repr=False)

    @property
    def arguments(self) -> dict[str, list[str]]:
        """Every value of each query key, decoded, in order. Raises `ServiceError` InvalidURI."""
        if self._arguments is None:
            found: dict[str, list[str]] = {}
            for name, value in pairs(self.query):
                found.setdefault(name, []).append(value)
            self._arguments = found
        return self._arguments

    @property
    def args(self) -> dict[str, str]:
        """The first value of each query key, decoded. Raises `ServiceError` InvalidURI."""
        if self._args is None:
            if self.query:
                self._args = {name: values[0] for name, values in self.arguments.items()}
            else:
                self._args = {}
        return self._args

    def arg_list(self, name: str) -> list[str]:
        """All values of a query key, in order; empty when it is absent."""
        return self.arguments.get(name, [])

    def content(self) -> bytes:
        """The body, unzipped if the client says it is gzip; empty when there is none.

        Raises `ServiceError` when it is not gzip after all or grows beyond `inflated_limit`.
        """
        body = self.body or b""
        encoding = self.headers.get("content-encoding")
        if encoding is None or not body:
            return body
        return inflate(body, encoding, self.inflated_limit)


@dataclass(slots=True)
class HttpResponse:
    """A response: `headers` in order; a streaming `body` is iterated once and then closed."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | AsyncIterator[bytes] = b""

    @property
    def content_length(self) -> int | None:
        """The length in bytes where known: from the header (HEAD has one and no body), else
        from the bytes."""
        value = self.header("content-length")
        if value is not None:
            return int(value)
        return len(self.body) if isinstance(self.body, bytes) else None

    def header(self, name: str) -> str | None:
        """The first value of a header, by lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)
