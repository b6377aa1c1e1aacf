"""Bodies too large to hold: what a streaming member of a request or an answer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Mapping


class BodyStream(Protocol):
    """The streaming member of a request, as `Body` of S3's PutObject.

    Iterating checks what the client promised (length, signed chunks, payload hash) and raises
    ServiceError when the bytes differ. `length` is the number of payload bytes, None if unknown.
    """

    length: int | None

    @property
    def trailers(self) -> Mapping[str, str]:
        """Trailing headers, lower-case names; complete once the stream has ended."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def read(self) -> bytes:
        """All of it. For bodies known to be small."""
        ...


class BytesStream:
    """Bytes in memory as a BodyStream: what in-process clients send."""

    trailers: Mapping[str, str] = {}

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length: int | None = len(data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._data:
            yield self._data

    async def read(self) -> bytes:
        return self._data


async def read_all(body: bytes | AsyncIterable[bytes]) -> bytes:
    """The bytes of a streaming answer, as of GetObject's `Body`."""
    if isinstance(body, bytes):
        return body
    return b"".join([piece async for piece in body])
