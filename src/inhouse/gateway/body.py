"""Request bodies: read with limits, and never from a client that has stopped sending."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.wire.chunked import AwsChunkedDecoder
from inhouse.wire.sigv4 import verify_payload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from inhouse.wire.http import HttpRequest
    from inhouse.wire.sigv4 import Signature, SigningContext

INLINE = 1 << 20
"""Bytes up to which hashing on the event loop is cheaper than handing them to a thread."""
DRAIN = 1 << 20
"""Bytes of an unwanted body worth reading so that the connection lives on."""


class Disconnected(Exception):
    """The client went away before its request was complete."""


class Buffers:
    """The memory that bodies held whole may take, all requests together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0

    def hold(self, size: int) -> None:
        """Raises SlowDown, 503, when too much is held already."""
        if self._held + size > self._limit:
            raise ServiceError("SlowDown", "Please reduce your request rate.", status=503)
        self._held += size

    def release(self, size: int) -> None:
        self._held -= size


class Body:
    """The body of one request, as the server receives it."""

    def __init__(
        self,
        receive: Callable[[], Awaitable[Any]],
        length: int | None,
        timeout: float,
        buffers: Buffers,
    ) -> None:
        self._receive = receive
        self._buffers = buffers
        self._held = 0
        self._timeout = timeout
        self.length = length
        """Bytes announced by Content-Length; None for a chunked transfer."""
        self.done = length == 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self.done:
            piece = await self._next()
            if piece:
                yield piece

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(self._timeout):
                message = await self._receive()
        except TimeoutError:
            raise ServiceError(
                "RequestTimeout",
                f"No more of the request body came within {self._timeout:g} seconds.",
                status=400,
            ) from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        self.done = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece

    async def read(self, limit: int) -> bytes:
        """All of it, held until `release`.

        Raises RequestEntityTooLarge, 413, as soon as more than `limit` is sure.
        """
        if self.done:
            return b""
        if self.length is not None and self.length > limit:
            raise _too_large(limit)
        pieces, size = [], 0
        async for piece in self:
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            self._buffers.hold(len(piece))
            self._held += len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def release(self) -> None:
        """Gives back what `read` holds."""
        self._buffers.release(self._held)
        self._held = 0

    async def drain(self) -> bool:
        """Reads what a client still sends after an early answer; False when that is too much."""
        if self.length is None or self.length > DRAIN:
            return self.done
        try:
            async for _ in self:
                pass
        except (ServiceError, Disconnected):
            return False
        return True


def _too_large(limit: int) -> ServiceError:
    return ServiceError(
        "RequestEntityTooLarge",
        f"The request body is larger than the {limit} bytes that are accepted here.",
        status=413,
    )


class PayloadStream:
    """A streamed payload, decoded and checked as it arrives. Implements core's `BodyStream`."""

    def __init__(
        self,
        body: Body,
        request: HttpRequest,
        signature: Signature | None,
        context: SigningContext | None,
    ) -> None:
        self._body = body
        self._request = request
        self._signature = signature
        self._decoder = _decoder(request, signature, context)
        self._sha256 = _signed_hash(signature)
        self.length = _payload_length(request, body, self._decoder is not None)
        self.trailers: Mapping[str, str] = {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for piece in self._body:
            received += len(piece)
            if self._sha256 is not None:
                await _update(self._sha256, piece)
            for part in self._decoder.feed(piece) if self._decoder else (piece,):
                yield part
        self._check(received)

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self])

    def _check(self, received: int) -> None:
        if self._decoder is not None:
            self.trailers = self._decoder.finish()
        elif self._body.length is not None and received != self._body.length:
            raise ServiceError(
                "IncompleteBody",
                f"Content-Length is {self._body.length} and {received} bytes came.",
            )
        if self._sha256 is not None and self._signature is not None:
            verify_payload(self._request, self._signature, self._sha256.hexdigest())


def _decoder(
    request: HttpRequest, signature: Signature | None, context: SigningContext | None
) -> AwsChunkedDecoder | None:
    headers = request.headers
    declared = headers.get("x-amz-content-sha256", "")
    if not declared.startswith("STREAMING-") and not _tells_of_chunks(headers):
        return None
    signed = context if declared.startswith("STREAMING-AWS4-HMAC-SHA256") else None
    if signed is None and declared.startswith("STREAMING-AWS4"):
        raise ServiceError(
            "InvalidRequest",
            f"x-amz-content-sha256 is {declared!r}, which needs a header signature.",
        )
    trailers = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")]
    length = headers.get("x-amz-decoded-content-length", "")
    return AwsChunkedDecoder(
        signed,
        [name for name in trailers if name],
        decoded_length=int(length) if length.isdigit() else None,
    )


def _tells_of_chunks(headers: Mapping[str, str]) -> bool:
    """Whether a body is in chunks of AWS's, though no `STREAMING-…` is signed to say so.

    Anonymous clients have no such hash, and name the decoded length or a trailer. The word
    `aws-chunked` alone says nothing: plain bodies come with it.
    """
    framing = ("x-amz-decoded-content-length", "x-amz-trailer")
    named = "aws-chunked" in headers.get("content-encoding", "")
    return named and any(name in headers for name in framing)


def _signed_hash(signature: Signature | None) -> Any:
    """A running SHA-256 where the client signed the payload's, else None."""
    declared = signature.payload_hash if signature else None
    if declared is None or declared == "UNSIGNED-PAYLOAD" or declared.startswith("STREAMING-"):
        return None
    return hashlib.sha256()


def _payload_length(request: HttpRequest, body: Body, chunked: bool) -> int | None:
    if not chunked:
        return body.length
    decoded = request.headers.get("x-amz-decoded-content-length", "")
    return int(decoded) if decoded.isdigit() else None


async def _update(digest: Any, piece: bytes) -> None:
    if len(piece) > INLINE:
        await asyncio.to_thread(digest.update, piece)
    else:
        digest.update(piece)
