"""Bodies of objects: taken in with their digests, kept in the row or a blob, and given out."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from inhouse.core.errors import ServiceError
from inhouse.core.streams import BytesStream
from inhouse.services.s3.digests import DEFAULT, Digests, Found, Promise, check
from inhouse.services.s3.encryption.segments import SEGMENT, bounds
from inhouse.store import Unopenable

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence

    from inhouse.core.ports import Blobs, Row
    from inhouse.core.streams import BodyStream
    from inhouse.services.s3.encryption.modes import Sealing

log = structlog.get_logger()
INLINE = SEGMENT
"""Bytes up to which an object is kept in its row."""
MAX_PUT = 5 << 30
"""Bytes of a single PUT or part at most."""
PIECE = 1 << 20
"""Bytes that are hashed at a time, off the event loop."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A body that is in memory (`data`) or on disk (`blob`), and what it turned out to be.

    It is encrypted either way: `data` begins with its sealed data key, a blob's is `sealed`.
    """

    size: int
    found: Found
    etag: str
    data: bytes | None = None
    blob: str | None = None
    sealed: bytes | None = None


async def take_in(
    blobs: Blobs,
    sealing: Sealing,
    body: BodyStream | bytes | None,
    promised: Promise,
    *,
    also: Sequence[str] = (),
    inline: int = INLINE,
) -> Stored:
    """Stores a body, encrypted, and checks it against what the client promised.

    It has the checksums of the promise and of `also`, and CRC64NVME when there would be none.
    Bodies longer than `inline` bytes go to a blob, all of them if that is below 0. Raises EntityTooLarge and BadDigest; then
    nothing is left behind.
    """
    algorithms = {name for name in (promised.algorithm, *also) if name} or {DEFAULT}
    stream: Any = BytesStream(body or b"") if body is None or isinstance(body, bytes) else body
    length = getattr(stream, "length", None)
    if length is not None and length > MAX_PUT:
        raise too_large(length)
    intake = _Intake(stream, sealing, Digests(algorithms), promised)
    if length is not None and length <= inline:
        return intake.whole(await stream.read())
    head = await intake.head(inline)
    if intake.ended and inline >= 0:
        return intake.whole(head)
    segments, sealed = sealing.fresh()
    try:
        info = await blobs.put(segments.sealed(intake))
    except BaseException:
        if intake.refusal is not None:
            raise intake.refusal from None
        raise
    found = intake.found()
    return Stored(intake.size, found, sealing.etag(found.md5), blob=info.id, sealed=sealed)


def too_large(size: int) -> ServiceError:
    return ServiceError(
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size",
        status=400,
        ProposedSize=str(size),
        MaxSizeAllowed=str(MAX_PUT),
        Detail="Upload larger objects in parts.",
    )


class _Intake:
    """Passes a stream on in pieces of `PIECE`, through its digests.

    `refusal` keeps what was wrong with the stream: the store of blobs may wrap what it meets.
    """

    def __init__(
        self, stream: BodyStream, sealing: Sealing, digests: Digests, promised: Promise
    ) -> None:
        self._stream = stream
        self._sealing = sealing
        self._source = aiter(stream)
        self._digests = digests
        self._promised = promised
        self._head: list[bytes] = []
        self.ended = False
        self.size = 0
        self.refusal: Exception | None = None

    def whole(self, data: bytes) -> Stored:
        """A body that fits in memory."""
        self._digests.update(data)
        found, sealing = self.found(), self._sealing
        return Stored(len(data), found, sealing.etag(found.md5), data=sealing.sealed(data))

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
        loop = asyncio.get_running_loop()
        try:
            async for piece in self._batches():
                self.size += len(piece)
                if self.size > MAX_PUT:
                    raise too_large(self.size)
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
        self, content: str, parts: Iterable[Row], sealing: Sealing, start: int, end: int
    ) -> AsyncIterator[bytes]:
        """Bytes `start` up to `end` of the content that `parts` make, in order.

        Raises InternalError where bytes were changed on disk, and gives out none of these.
        """
        self._open[content] += 1
        try:
            for part in parts:
                first = max(0, start - part["start"])
                last = min(part["size"], end - part["start"])
                if first < last:
                    async for piece in self._part(part, sealing, first, last):
                        yield piece
        except Unopenable:
            raise damaged(sealing) from None
        finally:
            self._open[content] -= 1
            if not self._open[content]:
                del self._open[content]

    def _part(self, part: Row, sealing: Sealing, first: int, last: int) -> AsyncIterator[bytes]:
        blob, size, sealed = part["blob"], part["size"], part["sealed"]
        if sealed is None:
            return self._blobs.read(blob, first, last)
        pieces = self._blobs.read(blob, *bounds(first, last, size))
        return sealing.segments(sealed).opened(pieces, first, last, size)


def damaged(sealing: Sealing) -> ServiceError:
    """For bytes that do not open: they were changed on disk. Says in the log which."""
    log.error("s3.object_damaged", object=sealing.context.decode())
    return ServiceError(
        "InternalError",
        "We encountered an internal error: what is stored of the object does not open under its "
        "key, and was changed on disk. The server's log names it; put it again.",
        status=500,
    )


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
