"""Content codings of request bodies."""

from __future__ import annotations

import zlib

from inhouse.core.errors import ServiceError


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo a `Content-Encoding`; `aws-chunked` and `identity` are left to others.

    Raises `ServiceError`: `SerializationException` for broken gzip,
    `RequestEntityTooLargeException` beyond `limit` bytes, `UnsupportedMediaTypeException` for
    codings other than gzip.
    """
    for coding in reversed([one.strip().lower() for one in encoding.split(",")]):
        if coding == "gzip":
            body = _gunzip(body, limit)
        elif coding not in ("", "identity", "aws-chunked"):
            raise ServiceError(
                "UnsupportedMediaTypeException",
                f"Content-Encoding {coding[:40]!r} is not known; use gzip or none.",
                status=415,
            )
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    """One or more gzip members, never inflating more than `limit` bytes."""
    pieces: list[bytes] = []
    left = limit
    try:
        while body:
            engine = zlib.decompressobj(wbits=31)
            piece = engine.decompress(body, left + 1)
            if len(piece) > left:
                raise ServiceError(
                    "RequestEntityTooLargeException",
                    f"The request body unzips to more than {limit} bytes.",
                    status=413,
                )
            if not engine.eof:
                raise zlib.error("incomplete stream")
            pieces.append(piece)
            left -= len(piece)
            body = engine.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise ServiceError(
            "SerializationException", f"The request body is not valid gzip: {error}."
        ) from None
    return b"".join(pieces)
