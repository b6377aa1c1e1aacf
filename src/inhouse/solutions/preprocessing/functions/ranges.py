"""Ranges of what a transform gives; S3 Object Lambda leaves them to the function.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/range-get-olap.html
"""

from __future__ import annotations

import re
import tempfile
from collections import deque
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from .failures import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

_ONE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.IGNORECASE)
IN_MEMORY = 8 << 20
LONGEST_SUFFIX = 64 << 20


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `first` to `last` (None: to the end), or the last `suffix` bytes."""

    first: int = 0
    last: int | None = None
    suffix: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The bytes of a span: `body` from its beginning, where they lie in `total`."""

    body: IO[bytes]
    length: int
    first: int
    total: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.first}-{self.first + self.length - 1}/{self.total}"


def parse(text: str | None) -> Span | None:
    """None where the whole answers: no range, several (S3 serves one), or no understandable one."""
    found = _ONE.fullmatch(text.strip()) if text else None
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return Span(suffix=int(suffix)) if int(suffix) <= LONGEST_SUFFIX else None
    if last and int(last) < int(first):
        return None
    return Span(int(first), int(last) if last else None)


def cut(chunks: Iterable[bytes], span: Span) -> Cut:
    """Reads all chunks, since a range is told with the whole's length, and keeps those of the span.

    Raises Refusal, 416, when no byte of the whole is in it.
    """
    found = _ending(chunks, span.suffix) if span.suffix is not None else _within(chunks, span)
    if not found.length:
        raise Refusal(
            "InvalidRange", f"no byte of the {found.total} there are is in the range", 416
        )
    found.body.seek(0)
    return found


def _within(chunks: Iterable[bytes], span: Span) -> Cut:
    body: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the answer closes it
    at = kept = 0
    for chunk in chunks:
        end = len(chunk) if span.last is None else span.last + 1 - at
        part = chunk[max(0, span.first - at) : max(0, end)]
        body.write(part)
        kept += len(part)
        at += len(chunk)
    return Cut(body, kept, span.first, at)


def _ending(chunks: Iterable[bytes], wanted: int) -> Cut:
    body: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 the answer closes it
    last: deque[bytes] = deque()
    held = at = 0
    for chunk in chunks:
        last.append(chunk)
        held += len(chunk)
        at += len(chunk)
        while last and held - len(last[0]) >= wanted:
            held -= len(last.popleft())
    ending = b"".join(last)[max(0, held - wanted) :] if wanted else b""
    body.write(ending)
    return Cut(body, len(ending), at - len(ending), at)
