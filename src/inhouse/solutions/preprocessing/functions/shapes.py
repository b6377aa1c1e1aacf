"""How large an image is, from its first bytes: before anything is decoded, however small it came.

JPEG: ITU-T T.81 annex B. PNG: https://www.w3.org/TR/png-3/. WebP:
https://developers.google.com/speed/webp/docs/riff_container. TIFF: revision 6.0, section 2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .failures import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Shape:
    """As it is stored, before any rotation that EXIF asks for."""

    format: str
    width: int
    height: int


def shape(data: bytes) -> Shape:
    """Raises Refusal: NotAnImage, or TruncatedImage where the size is not in it yet."""
    for magic, at, name, read in _READERS:
        if data[at : at + len(magic)] == magic:
            try:
                width, height = read(data)
            except (struct.error, IndexError):
                raise truncated(name) from None
            if width < 1 or height < 1:
                raise Refusal("InvalidImage", f"the {name} is {width} by {height} pixels")
            return Shape(name, width, height)
    raise Refusal("NotAnImage", "the object is none of JPEG, PNG, WebP, GIF, BMP and TIFF")


def truncated(name: str) -> Refusal:
    return Refusal("TruncatedImage", f"the {name} ends before its end")


def cut_off(found: Shape, data: bytes) -> bool:
    """Whether a JPEG lacks its end, which some versions of the decoder fill with grey and say nothing.

    A thumbnail, whose end counts for nothing, stands before the frame; a video may come after it.
    """
    return found.format == "JPEG" and data.rfind(b"\xff\xd9", _frame(data)) < 0


def _jpeg(data: bytes) -> tuple[int, int]:
    height, width = struct.unpack_from(">HH", data, _frame(data) + 3)
    return width, height


def _frame(data: bytes) -> int:
    """Where the header of the frame is, behind its marker."""
    at = 2
    while True:
        while data[at] != 0xFF:
            at += 1
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == 0xDA:
            raise Refusal("InvalidImage", "the JPEG has a scan without a frame")
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return at
        at += struct.unpack_from(">H", data, at)[0]


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
        return width, height
    width, height = struct.unpack_from("<ii", data, 18)
    return width, abs(height)


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _tiff(data: bytes) -> tuple[int, int]:
    """The largest of its directories: a reader may take any of them."""
    order = "<" if data[:2] == b"II" else ">"
    at, seen, found = struct.unpack_from(f"{order}I", data, 4)[0], set[int](), (0, 0)
    while at and at not in seen and len(seen) < 100:
        seen.add(at)
        sides = {256: 0, 257: 0}
        count = struct.unpack_from(f"{order}H", data, at)[0]
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", data, entry)
            if tag in sides:
                value = "H" if kind == 3 else "I"
                sides[tag] = struct.unpack_from(f"{order}{value}", data, entry + 8)[0]
        found = max(found, (sides[256], sides[257]), key=lambda one: one[0] * one[1])
        at = struct.unpack_from(f"{order}I", data, at + 2 + 12 * count)[0]
    return found


_READERS: tuple[tuple[bytes, int, str, Callable[[bytes], tuple[int, int]]], ...] = (
    (b"\xff\xd8\xff", 0, "JPEG", _jpeg),
    (b"\x89PNG\r\n\x1a\n", 0, "PNG", _png),
    (b"WEBP", 8, "WebP", _webp),
    (b"GIF8", 0, "GIF", _gif),
    (b"II*\x00", 0, "TIFF", _tiff),
    (b"MM\x00*", 0, "TIFF", _tiff),
    (b"BM", 0, "BMP", _bmp),
)
