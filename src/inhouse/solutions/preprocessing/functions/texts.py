"""Objects that are text: their encoding, and lines of a length that fits into memory."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from .failures import Refusal
from .source import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Readable

LONGEST_LINE = 4 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Text:
    """A body that is read as text and written in the same encoding.

    Without a mark it is UTF-8; bytes that are none stay as they are. Raises Refusal where it is no
    text: what cannot be read cannot be vouched for.
    """

    def __init__(self, body: Readable) -> None:
        self._body = body
        self._head = _at_least(body, 4)
        self.charset, self._mark = "utf-8", b""
        for mark, charset in _MARKS:
            if self._head.startswith(mark):
                self.charset, self._mark = charset, mark
                break
        self._errors = "surrogateescape" if self.charset == "utf-8" else "strict"

    def encode(self, text: str) -> bytes:
        mark, self._mark = self._mark, b""
        return mark + text.encode(self.charset, self._errors)

    def pieces(self) -> Iterator[str]:
        """Text as it is read."""
        decoder = codecs.getincrementaldecoder(self.charset)(self._errors)
        chunk = self._head[len(self._mark) :]
        while True:
            chunk = chunk or self._body.read(CHUNK)
            try:
                piece = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise Refusal(
                    "NotText", f"the object is no {self.charset}: {error.reason}"
                ) from None
            if found := _BINARY.search(piece):
                raise Refusal("NotText", f"the object holds {found[0]!r} and so is no text")
            if piece:
                yield piece
            if not chunk:
                return
            chunk = b""

    def lines(self) -> Iterator[str]:
        """Lines with their ends, whatever these are."""
        held: list[str] = []
        length = 0
        for piece in self.pieces():
            parts = piece.split("\n")
            for part in parts[:-1]:
                held.append(part)
                yield "".join(held) + "\n"
                held, length = [], 0
            held.append(parts[-1])
            length += len(parts[-1])
            if length > LONGEST_LINE:
                raise Refusal("LineTooLong", f"a line is longer than {LONGEST_LINE:,} characters")
        if last := "".join(held):
            yield last


def _at_least(body: Readable, wanted: int) -> bytes:
    held = b""
    while len(held) < wanted and (chunk := body.read(CHUNK)):
        held += chunk
    return held
