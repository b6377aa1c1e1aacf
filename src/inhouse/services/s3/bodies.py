"""Bodies of objects: taken in with their digests, kept in the row or a blob, and given out."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.streams import BytesStream
from inhouse.services.s3.digests import DEFAULT, Digests, Found, Promise, check

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence

    from inhouse.core.ports import Blobs, Row
    from inhouse.core.streams import BodyStream

INLINE = 64 << 10
"""Bytes up to which an object is kept in its row."""
MAX_PUT = 5 << 30
"""Bytes of a single PUT or part at most."""
PIECE = 1 << 20
"""Bytes that are hashed at a time, off the event loop."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A body that is in memory (`data`) or on disk (`blob`), and what it turned out to be."""

    size: int
    found: Found
    data: bytes | None = None
    blob: str | None = None

    @property
    def etag(self) -> str:
        return self.found.md5.hex()


async def take_in(
    blobs: Blobs,
    body: BodyStream | bytes | None,
    promised: Promise,
    *,
    also: Sequence[str] = (),
    inline: int = INLINE,
) -> Stored:
    """Stores a body and checks it against what the client promised.

    It has the checksums of the promise and of `also`, and CRC64NVME when there would be none.
    Bodies longer than `inline` bytes go to a blob, all of them if that is below 0. Raises EntityTooLarge and BadDigest; then
    nothing is left behind.
    """
    algorithms = {name for name in (promised.algorithm, *also) if name} or {DEFAULT}
    stream: Any = BytesStream(body or b"") if body is None or isinstance(body, bytes) else body
    length = getattr(stream, "length", None)
    if length is not None and length > MAX_PUT:
        raise too_large(length)
    intake = _Intake(stream, Digests(algorithms), promised)
    if length is not None and length <= inline:
        return intake.whole(await stream.read())
    head = await intake.head(inline)
    if intake.ended and inline >= 0:
        return intake.whole(head)
    try:
        info = await blobs.put(intake)
    except BaseException:
        if intake.refusal is not None:
            raise intake.refusal from None
        raise
    return Stored(info.size, intake.found(), blob=info.id)


def too_large(size: int) -> ServiceError:
    return ServiceError(
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size: "
        f"{MAX_PUT} bytes in one request; upload larger objects in parts.",
        status=400,
        ProposedSize=str(size),
        MaxSizeAllowed=str(MAX_PUT),
    )


class _Intake:
    """Passes a stream on in pieces of `PIECE`, through its digests.

    `refusal` keeps what was wrong with the stream: the store of blobs may wrap what it meets.
    """

    def __init__(self, stream: BodyStream, digests: Digests, promised: Promise) -> None:
        self._stream = stream
        self._source = aiter(stream)
        self._digests = digests
        self._promised = promised
        self._head: list[bytes] = []
        self.ended = False
        self.refusal: Exception | None = None

    def whole(self, data: bytes) -> Stored:
        """A body that fits in memory."""
        self._digests.update(data)
        return Stored(len(data), self.found(), data=data)

    def found(self) -> Found:
        """The digests, once they are what was promised."""
        found = Found.of(self._digests)
        check(self._promised, found, self._stream.trailers if self._promised.trailer else {})
        return found

    async def head(self, most: int) -> bytes:
        """The bytes up to just beyond `most`; all of them if the stream `ended`."""
        size = 0
        async for piece in self._source:
            self._head.append(piece)
            size += len(piece)
            if size > most:
                return b""
        self.ended = True
        return b"".join(self._head)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop, size = asyncio.get_running_loop(), 0
        try:
            async for piece in self._batches():
                size += len(piece)
                if size > MAX_PUT:
                    raise too_large(size)
                hashing = loop.run_in_executor(None, self._digests.update, piece)
                yield piece
                await hashing
            self.found()
        except Exception as error:
            self.refusal = error
            raise

    async def _batches(self) -> AsyncIterator[bytes]:
        pieces, self._head = self._head, []
        size = sum(map(len, pieces))
        async for piece in self._source:
            pieces.append(piece)
            size += len(piece)
            if size >= PIECE:
                yield b"".join(pieces)
                pieces, size = [], 0
        if pieces:
            yield b"".join(pieces)


class Reading:
    """Gives out the parts of contents, and knows which contents are being read."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._open: Counter[str] = Counter()

    def busy(self, content: str) -> bool:
        return self._open[content] > 0

    async def stream(
        self, content: str, parts: Iterable[Row], start: int, end: int
    ) -> AsyncIterator[bytes]:
        """Bytes `start` up to `end` of the content that `parts` make, in order."""
        self._open[content] += 1
        try:
            for part in parts:
                first = max(0, start - part["start"])
                last = min(part["size"], end - part["start"])
                if first < last:
                    async for piece in self._blobs.read(part["blob"], first, last):
                        yield piece
        finally:
            self._open[content] -= 1
            if not self._open[content]:
                del self._open[content]


class Streamed:
    """Bytes on their way from one object to another, as a BodyStream."""

    trailers: dict[str, str] = {}  # noqa: RUF012  never written

    def __init__(self, pieces: AsyncIterable[bytes], length: int) -> None:
        self._pieces = pieces
        self.length: int | None = length

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._pieces)

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self])
