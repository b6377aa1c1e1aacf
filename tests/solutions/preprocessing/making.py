"""Objects to be transformed, and what comes of them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np

from inhouse.solutions.preprocessing.functions.answer import Made
from inhouse.solutions.preprocessing.functions.source import Source


def source(data: bytes, key: str = "", content_type: str = "") -> Source:
    return Source(io.BytesIO(data), {"content-type": content_type}, key)


def whole(made: Made) -> bytes:
    return made.body if isinstance(made.body, bytes) else b"".join(made.body)


def photograph(width: int = 320, height: int = 200, seed: int = 0) -> Any:
    """Shapes, shades and noise: something that does not look the same mirrored or turned."""
    noise = np.random.default_rng(seed)
    coarse = noise.integers(0, 256, (9, 13, 3), dtype=np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    fine = noise.normal(0, 6, image.shape)
    return np.clip(image + fine, 0, 255).astype(np.uint8)


def encoded(image: Any, ending: str = ".jpg", *settings: int) -> bytes:
    return bytes(cv2.imencode(ending, image, settings)[1])


def decoded(data: bytes, flags: int = cv2.IMREAD_UNCHANGED) -> Any:
    return cv2.imdecode(np.frombuffer(data, np.uint8), flags)


def turned(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with EXIF that says how it is to be turned."""
    entry = struct.pack("<HHIHH", 0x112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that say they are many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
