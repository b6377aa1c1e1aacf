"""MP3 as bytes: where its frames are, and the tag that goes before them.

Frame headers follow ISO/IEC 11172-3 and 13818-3, 2.4.1.3; tags ID3v2.3.0, https://id3.org/id3v2.3.0.
A file that is one frame after the other is measured without a decoder; whatever else may stand in an
MP3 file is `Odd`, and left to FFmpeg.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Sample rates by the header's version: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""
_KBITS = (
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG-2 and 2.5
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG-1
)
_SIDE = {(True, 1): 17, (True, 2): 32, (False, 1): 9, (False, 2): 17}
"""Bytes of side information, by MPEG-1 and channels; a Xing or Info frame's mark stands behind."""
_TEXT_FRAMES = {"title": "TIT2", "artist": "TPE1", "album": "TALB"}


class Odd(Exception):
    """More or other than whole frames of one kind, one after the other."""


@dataclass(frozen=True, slots=True)
class Header:
    """What four bytes say of their frame; `length` is the whole frame's, in bytes."""

    length: int
    sample_rate: int
    channels: int
    bit_rate: int


@dataclass(frozen=True, slots=True)
class Found:
    """Frames one after the other. `bit_rate` is 0 when they differ in it."""

    frames: bytes
    count: int
    sample_rate: int
    channels: int
    bit_rate: int


def header(data: bytes) -> Header:
    """Reads the first four bytes of a frame of layer III. Raises Odd when they begin none."""
    word = int.from_bytes(data[:4], "big")
    version, layer = word >> 19 & 3, word >> 17 & 3
    rate, kbits = word >> 10 & 3, word >> 12 & 15
    if len(data) < 4 or word >> 21 != 0x7FF or version == 1 or layer != 1:
        raise Odd("no frame of layer III")
    if rate == 3 or kbits in (0, 15):
        raise Odd("a frame without a rate")
    is_first = version == 3
    sample_rate, bit_rate = _RATES[version][rate], _KBITS[is_first][kbits] * 1000
    length = (144 if is_first else 72) * bit_rate // sample_rate + (word >> 9 & 1)
    return Header(length, sample_rate, 1 if word >> 6 & 3 == 3 else 2, bit_rate)


def find(data: bytes) -> Found:
    """All frames of a file but those that describe it. Raises Odd, also when there is none."""
    start, end = _after_tags(data), len(data)
    if data[-128:-125] == b"TAG":  # ID3v1
        end -= 128
    first = header(data[start : start + 4])
    if _describes(data[start : start + first.length], first):
        start += first.length
        first = header(data[start : start + 4])
    at, count = start, 0
    known: dict[bytes, int] = {}
    bit_rates = set()
    while at < end:
        head = data[at : at + 4]
        length = known.get(head)
        if length is None:
            found = header(head)
            if (found.sample_rate, found.channels) != (first.sample_rate, first.channels):
                raise Odd("frames of several kinds")
            length = known[head] = found.length
            bit_rates.add(found.bit_rate)
        at += length
        count += 1
    if at != end:
        raise Odd("a frame that is cut off")
    bit_rate = first.bit_rate if len(bit_rates) == 1 else 0
    return Found(data[start:end], count, first.sample_rate, first.channels, bit_rate)


def is_whole(frame: bytes) -> bool:
    """Whether these are exactly the bytes of one frame."""
    try:
        return header(frame).length == len(frame)
    except Odd:
        return False


def tag(tags: Mapping[str, str]) -> bytes:
    """An ID3v2.3 tag with `title`, `artist` and `album`, those that say something."""
    frames = b"".join(_text_frame(_TEXT_FRAMES[name], text) for name, text in tags.items() if text)
    return b"ID3\x03\x00\x00" + _syncsafe(len(frames)) + frames


def _text_frame(name: str, text: str) -> bytes:
    # Unsynchronisation is not needed: the tag is skipped by its size, not by searching for frames.
    body = b"\x01" + text.encode("utf-16")
    return name.encode() + len(body).to_bytes(4, "big") + b"\x00\x00" + body


def _syncsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _after_tags(data: bytes) -> int:
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return at


def _describes(frame: bytes, head: Header) -> bool:
    """Whether it holds no sound but the file's length (Xing, Info) or seek table (VBRI)."""
    at = 4 + _SIDE[head.sample_rate >= 32_000, head.channels]
    return frame[at : at + 4] in (b"Xing", b"Info") or frame[36:40] == b"VBRI"
