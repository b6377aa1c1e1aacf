"""The object as it is stored, read with the caller's rights over `inputS3Url`."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import boto3
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from .failures import Refusal

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

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.body.read(CHUNK):
            yield chunk

    def whole(self, most: int) -> bytes:
        """All of it. Raises Refusal when it is more than `most` bytes."""
        if (self.length or 0) > most:
            raise _too_large(most)
        parts, held = [], 0
        for chunk in self.chunks():
            held += len(chunk)
            if held > most:
                raise _too_large(most)
            parts.append(chunk)
        return b"".join(parts)


@functools.cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        maxsize=4, retries=False, ca_certs=os.environ.get("AWS_CA_BUNDLE") or None
    )


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
    session = boto3.Session()
    keys = session.get_credentials()
    assert keys is not None, "Lambda gives every function its role's"
    signed = AWSRequest("GET", address)
    S3SigV4Auth(keys, "s3", session.region_name or "us-east-1").add_auth(signed)
    return _sent("GET", address, dict(signed.headers.items()), request.key)


def _sent(method: str, url: str, headers: Mapping[str, str], key: str) -> Source:
    answer = _pool().request(
        method, url, headers=headers, preload_content=False, redirect=False, decode_content=False
    )
    told = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status != 200:
        raise _refused(answer.status, answer.read(65_536))
    return Source(answer, told, key)


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
