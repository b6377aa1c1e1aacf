"""The object as it is stored, read with the caller's rights over `inputS3Url`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .connection import Connection
from .failures import Refusal
from .signing import signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .request import Request

CHUNK = 256 * 1024
_CODE = re.compile(r"<Code>([A-Za-z]{1,64})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,1000})</Message>")
_USUAL = {304: "NotModified", 403: "AccessDenied", 404: "NoSuchKey", 412: "PreconditionFailed"}
ANSWERED = frozenset({304, 400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503})
"""Statuses besides success that WriteGetObjectResponse takes."""


class Readable(Protocol):
    """At most so many bytes; none at the end. Fewer are possible before it."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A stored object: its body, still to be read, and what its headers say (names lower case)."""

    body: Readable
    headers: Mapping[str, str]
    key: str = ""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def length(self) -> int | None:
        text = self.headers.get("content-length", "")
        return int(text) if text.isdecimal() else None

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        while chunk := self.body.read(size):
            yield chunk

    def whole(self, most: int) -> bytes:
        """All of it. Raises Refusal when it is more than `most` bytes."""
        if (self.length or 0) > most:
            raise _too_large(most)
        parts, held = [], 0
        for chunk in self.chunks(self.length or CHUNK):
            held += len(chunk)
            if held > most:
                raise _too_large(most)
            parts.append(chunk)
        return b"".join(parts)


_S3 = Connection()


def ask(request: Request) -> Source:
    """Sends GET or HEAD, whatever the caller did. Raises Refusal with what S3 refused.

    The URL's signature may cover headers of the caller; those go with it.
    """
    return _sent(request.method, request.input_url, request.signed_headers, request.key)


def own(request: Request) -> Source:
    """The object with the function's own rights: for HeadObject, whose URL gives no body.

    It is asked for at the URL's own address, which is the supporting access point's.
    """
    url = urlsplit(request.input_url)
    version = [one for one in parse_qsl(url.query) if one[0] == "versionId"]
    address = urlunsplit(url._replace(query=urlencode(version)))
    return _sent("GET", address, signed("GET", address, {}, "s3"), request.key)


def _sent(method: str, url: str, headers: Mapping[str, str], key: str) -> Source:
    answer = _S3.ask(method, url, headers)
    if answer.status != 200:
        raise _refused(answer.status, answer.read(65_536))
    return Source(answer, answer.headers, key)


def _refused(status: int, body: bytes) -> Refusal:
    text = body.decode("utf-8", "replace")
    code, message = _CODE.search(text), _MESSAGE.search(text)
    answered = status if status in ANSWERED else 500
    return Refusal(
        code[1] if code else _USUAL.get(status, "InternalError"),
        message[1] if message else f"S3 answered {status}",
        answered,
    )


def _too_large(most: int) -> Refusal:
    return Refusal(
        "ObjectTooLarge", f"the object is larger than the {most:,} bytes this reads whole"
    )
