"""aws-chunked bodies, decoded as they arrive.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import compare_digest, digest
from typing import TYPE_CHECKING, Literal

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inhouse.wire.claims import SigningContext

EMPTY_SHA256 = sha256(b"").hexdigest()
#: Only the last chunk of a signed body may be smaller, as at S3.
SMALLEST_SIGNED_CHUNK = 8192
_LINE_LIMIT = 4096
_TRAILERS_LIMIT = 16
_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}").fullmatch
_EXTENSION = re.compile(rb"chunk-signature=([0-9a-f]{64})").fullmatch
_TRAILER_SIGNATURE = "x-amz-trailer-signature"

_State = Literal["size", "payload", "payload end", "trailers", "done"]


class AwsChunkedDecoder:
    """Decodes one aws-chunked body.

    `signed`: None for unsigned chunks, the request's `SigningContext` when each chunk is signed.
    `trailers` are the lower-case names announced in `x-amz-trailer`. `decoded_length` is
    `x-amz-decoded-content-length`. `smallest_chunk`: bytes that signed chunks but the last have.
    """

    def __init__(
        self,
        signed: SigningContext | None = None,
        trailers: Iterable[str] = (),
        *,
        decoded_length: int | None = None,
        smallest_chunk: int = SMALLEST_SIGNED_CHUNK,
    ) -> None:
        self.trailers: dict[str, str] = {}
        self.length = 0
        self._announced = frozenset(trailers)
        self._signed = signed
        self._previous = signed.signature if signed is not None else ""
        self._expected = decoded_length
        self._smallest = smallest_chunk
        self._state: _State = "size"
        self._line = bytearray()
        self._left = 0
        self._last_size: int | None = None
        self._chunk_signature = ""
        self._chunk_hash = sha256()

    @property
    def done(self) -> bool:
        """Whether the end of the body has been seen."""
        return self._state == "done"

    def feed(self, data: bytes) -> list[bytes]:
        """The payload pieces in `data`, in order.

        Raises `ServiceError`: IncompleteBody, InvalidChunkSizeError, SignatureDoesNotMatch,
        MalformedTrailerError, InvalidRequest for bad framing.
        """
        pieces: list[bytes] = []
        place, end = 0, len(data)
        while place < end:
            if self._state == "payload":
                piece = data[place : place + self._left]
                place += len(piece)
                self._take(piece)
                pieces.append(piece)
            elif self._state == "done":
                raise _bad_framing("there are bytes after the last chunk")
            else:
                place = self._read_line(data, place)
        return pieces

    def finish(self) -> dict[str, str]:
        """The trailers, once the body has ended. Raises `ServiceError` IncompleteBody."""
        if self._state != "done":
            raise _incomplete("the body ended before its last chunk")
        return self.trailers

    def _take(self, piece: bytes) -> None:
        self._left -= len(piece)
        self.length += len(piece)
        if self._signed is not None:
            self._chunk_hash.update(piece)
        if self._left == 0:
            self._state = "payload end"

    def _read_line(self, data: bytes, place: int) -> int:
        """Gather one line, which may come in pieces; act on it when it is whole."""
        found = data.find(b"\n", place)
        stop = len(data) if found < 0 else found + 1
        self._line += data[place:stop]
        if len(self._line) > _LINE_LIMIT:
            raise _bad_framing(f"a line is longer than {_LINE_LIMIT} bytes")
        if found >= 0:
            line = bytes(self._line)
            self._line.clear()
            if not line.endswith(b"\r\n"):
                raise _bad_framing("lines must end in CR LF")
            self._act_on(line[:-2])
        return stop

    def _act_on(self, line: bytes) -> None:
        if self._state == "size":
            self._start_chunk(line)
        elif self._state == "payload end":
            if line:
                raise _bad_framing("a chunk is longer than it said")
            self._end_chunk()
            self._state = "size"
        else:
            self._read_trailer(line)

    def _start_chunk(self, line: bytes) -> None:
        size, separator, extension = line.partition(b";")
        if not _SIZE(size):
            raise _bad_framing(f"{size[:20]!r} is not a chunk size")
        self._left = int(size, 16)
        if self._signed is not None:
            match = _EXTENSION(extension)
            if match is None:
                raise _bad_framing("a signed chunk needs ;chunk-signature=")
            self._chunk_signature = match[1].decode("ascii")
            self._chunk_hash = sha256()
            self._check_size()
        elif separator and not extension:
            raise _bad_framing("a chunk extension is empty")
        if self._expected is not None and self.length + self._left > self._expected:
            raise _incomplete(f"the chunks hold more than {self._expected} bytes")
        if self._left:
            self._state = "payload"
            return
        self._end_chunk()
        if self._expected is not None and self.length != self._expected:
            raise _incomplete(f"the chunks hold {self.length} bytes, not {self._expected}")
        self._state = "trailers"

    def _check_size(self) -> None:
        """A small chunk may be followed by the empty one alone."""
        if self._left and self._last_size is not None and self._last_size < self._smallest:
            raise ServiceError(
                "InvalidChunkSizeError",
                f"Only the last chunk is allowed to have a size less than {self._smallest} bytes",
                status=403,
                BadChunkSize=self._last_size,
            )
        self._last_size = self._left

    def _end_chunk(self) -> None:
        if self._signed is None:
            return
        head = f"AWS4-HMAC-SHA256-PAYLOAD\n{self._signed.amz_date}\n{self._signed.scope}"
        text = f"{head}\n{self._previous}\n{EMPTY_SHA256}\n{self._chunk_hash.hexdigest()}"
        self._check_signature(text, self._chunk_signature, "a chunk")

    def _check_signature(self, text: str, given: str, what: str) -> None:
        assert self._signed is not None
        wanted = digest(self._signed.key, text.encode(), "sha256").hex()
        if not compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            raise ServiceError(
                "SignatureDoesNotMatch",
                f"The signature we calculated for {what} does not match the one you provided.",
                status=403,
            )
        self._previous = wanted

    def _read_trailer(self, line: bytes) -> None:
        if not line:
            self._end_trailers()
            return
        name, colon, value = line.decode("latin-1").partition(":")
        key = name.strip().lower()
        if not colon or len(self.trailers) >= _TRAILERS_LIMIT or key in self.trailers:
            raise _bad_trailer(f"{name[:40]!r} is not a trailer")
        if key not in self._announced and not (key == _TRAILER_SIGNATURE and self._signed):
            raise _bad_trailer(f"{name[:40]!r} was not announced in x-amz-trailer")
        self.trailers[key] = value.strip()

    def _end_trailers(self) -> None:
        signature = self.trailers.pop(_TRAILER_SIGNATURE, None)
        absent = self._announced - self.trailers.keys()
        if absent:
            raise _bad_trailer(f"{', '.join(sorted(absent))} was announced but did not come")
        if self._signed is not None and self._announced:
            lines = "".join(f"{key}:{self.trailers[key]}\n" for key in sorted(self.trailers))
            head = f"AWS4-HMAC-SHA256-TRAILER\n{self._signed.amz_date}\n{self._signed.scope}"
            text = f"{head}\n{self._previous}\n{sha256(lines.encode('latin-1')).hexdigest()}"
            self._check_signature(text, signature or "", "the trailers")
        self._state = "done"


def _bad_framing(what: str) -> ServiceError:
    return ServiceError("InvalidRequest", f"The aws-chunked body is malformed: {what}.", status=400)


def _bad_trailer(what: str) -> ServiceError:
    return ServiceError(
        "MalformedTrailerError",
        f"The request contained trailing data that was not well-formed: {what}.",
        status=400,
    )


def _incomplete(what: str) -> ServiceError:
    return ServiceError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header:"
        f" {what}.",
        status=400,
    )
