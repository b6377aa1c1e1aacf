"""What a function gives: to WriteGetObjectResponse for GetObject, as its own result for HeadObject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from .ranges import Cut, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .failures import Refusal
    from .ranges import Span

KEPT = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-language": "ContentLanguage",
    "expires": "Expires",
    "last-modified": "LastModified",
    "x-amz-version-id": "VersionId",
}
"""Headers of the stored object that are true of what is made of it, by member of the answer."""
META = "x-amz-meta-"
HEADERS = {
    "AcceptRanges": "Accept-Ranges",
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentLanguage": "Content-Language",
    "ContentLength": "Content-Length",
    "ContentRange": "Content-Range",
    "ContentType": "Content-Type",
    "ETag": "ETag",
    "Expires": "Expires",
    "LastModified": "Last-Modified",
    "VersionId": "x-amz-version-id",
}
"""What HTTP calls the members."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a transform made: bytes when they are few, else chunks of them as they come."""

    body: bytes | Iterator[bytes]
    content_type: str
    metadata: Mapping[str, str] = field(default_factory=dict)


class Flow:
    """Chunks as a file that is read once, which is what botocore sends."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._held, self._rest = first, rest

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            held, self._held = self._held + b"".join(self._rest), b""
            return held
        if not self._held:
            self._held = next(filter(None, self._rest), b"")
        part, self._held = self._held[:size], self._held[size:]
        return part

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(1 << 16):
            yield chunk


def members(stored: Mapping[str, str], made: Made, tag: str) -> dict[str, Any]:
    """The answer's members but for body, status and length."""
    kept = {member: stored[name] for name, member in KEPT.items() if name in stored}
    meta = {
        name.removeprefix(META): value for name, value in stored.items() if name.startswith(META)
    }
    return {
        **kept,
        "AcceptRanges": "bytes",
        "ContentType": made.content_type,
        "ETag": tag,
        "Metadata": {**meta, **made.metadata},
    }


def bodied(made: Made, span: Span | None) -> dict[str, Any]:
    """Body, status and, where it is known, length. A failure before the first bytes is raised here."""
    if span is not None:
        part: Cut = cut([made.body] if isinstance(made.body, bytes) else made.body, span)
        return {
            "Body": part.body,
            "StatusCode": 206,
            "ContentLength": part.length,
            "ContentRange": part.content_range,
        }
    if isinstance(made.body, bytes):
        return {"Body": made.body, "StatusCode": 200, "ContentLength": len(made.body)}
    first = next(filter(None, made.body), b"")
    return {"Body": Flow(first, made.body), "StatusCode": 200}


def refusal(error: Refusal) -> dict[str, Any]:
    """The members of an answer that is an error, or 304."""
    if error.status == 304:
        return {"StatusCode": 304}
    return {
        "StatusCode": error.status,
        "ErrorCode": error.code,
        "ErrorMessage": " ".join(str(error).split()),
    }


def headed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a function for HeadObject.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-writing-lambda.html#olap-headobject
    """
    if "ErrorCode" in answer:
        return {
            "statusCode": answer["StatusCode"],
            "errorCode": answer["ErrorCode"],
            "errorMessage": answer["ErrorMessage"],
        }
    body: bytes | IO[bytes] | Iterable[bytes] = answer.get("Body", b"")
    headers = {name: str(answer[member]) for member, name in HEADERS.items() if member in answer}
    if "Content-Length" not in headers and answer["StatusCode"] == 200:
        assert not isinstance(body, bytes)
        headers["Content-Length"] = str(sum(map(len, body)))
    headers |= {f"{META}{name}": value for name, value in answer.get("Metadata", {}).items()}
    return {"statusCode": answer["StatusCode"], "headers": headers}
