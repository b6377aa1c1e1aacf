"""Forms as browsers send them with a file (RFC 7578), the file as a stream."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from inhouse.wire.http import HttpRequest

MEDIA_TYPE = "multipart/form-data"
MAX_FIELDS = 20 << 10
"""Bytes of everything before the file, at most."""
_EPILOGUE = 64 << 10
"""Bytes behind the file that are still read, so that the connection lives on."""


def is_form(request: HttpRequest) -> bool:
    """Whether this is an unsigned form sent to a bucket: the form itself may be signed."""
    headers = request.headers
    return (
        not request.query
        and not headers.get("authorization")
        and headers.get("content-type", "").lower().startswith(MEDIA_TYPE)
    )


def not_a_form() -> ServiceError:
    """The error for a POST to a bucket that is of another kind."""
    return ServiceError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        status=412,
        Condition=f"Bucket POST must be of the enclosure-type {MEDIA_TYPE}",
    )


class FormData:
    """A form: `open` reads up to the field `file`, then iterating gives that file's bytes."""

    trailers: Mapping[str, str] = {}
    length: int | None = None

    def __init__(self, pieces: AsyncIterator[bytes], content_type: str) -> None:
        boundary = _parameters("Content-Type", content_type).get_param("boundary")
        if not isinstance(boundary, str) or not 1 <= len(boundary) <= 70:
            raise _malformed("Content-Type has no boundary of 1 to 70 characters")
        self._source = pieces
        self._mark = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._held = b"\r\n"  # the first boundary may stand at the very beginning
        self.fields: dict[str, str] = {}
        self.filename = ""

    async def open(self) -> None:
        """Reads the fields before the file. Field names are in lower case; the first counts."""
        room = await self._until(self._mark, MAX_FIELDS)
        left = MAX_FIELDS - len(room)
        while True:
            head = await self._until(b"\r\n\r\n", left)
            if head.startswith(b"--"):
                raise ServiceError(
                    "InvalidArgument",
                    "POST requires exactly one file upload per request.",
                    status=400,
                    ArgumentName="file",
                    ArgumentValue="0",
                )
            name, filename = _disposition(head)
            if name == "file":
                self.filename = filename
                return
            value = await self._until(self._mark, left - len(head))
            left -= len(head) + len(value)
            try:
                self.fields.setdefault(name, value.decode())
            except UnicodeDecodeError:
                raise _malformed(f"the field {name[:40]!r} is not UTF-8") from None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        keep = len(self._mark) - 1
        while (end := self._held.find(self._mark)) < 0:
            if len(self._held) > keep:
                piece, self._held = self._held[:-keep], self._held[-keep:]
                yield piece
            await self._more()
        if end:
            yield self._held[:end]
        behind = 0
        async for piece in self._source:
            behind += len(piece)
            if behind > _EPILOGUE:
                break

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def _until(self, mark: bytes, most: int) -> bytes:
        """What stands before `mark`, and moves behind it."""
        while (end := self._held.find(mark, 0, most + len(mark))) < 0:
            if len(self._held) >= most + len(mark):
                raise ServiceError(
                    "MaxPostPreDataLengthExceededError",
                    "Your POST request fields preceding the upload file were too large: "
                    f"{MAX_FIELDS} bytes are allowed.",
                    status=400,
                )
            if mark != self._mark and self._held.startswith(b"--"):
                return self._held
            await self._more()
        found, self._held = self._held[:end], self._held[end + len(mark) :]
        return found

    async def _more(self) -> None:
        piece = await anext(self._source, None)
        if piece is None:
            raise _malformed("the body ends before the form does")
        self._held += piece


def _disposition(head: bytes) -> tuple[str, str]:
    """The name in lower case, and the file's name without its folders."""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            said = _parameters("Content-Disposition", value.strip())
            field = said.get_param("name", header="content-disposition")
            filename = said.get_param("filename", "", header="content-disposition")
            if isinstance(field, str) and isinstance(filename, str):
                return field.lower(), filename.replace("\\", "/").rpartition("/")[2]
    raise _malformed("a field has no Content-Disposition with a name")


def _parameters(name: str, value: str) -> Message:
    message = Message()
    message[name] = value.replace("\r", " ").replace("\n", " ")
    return message


def _malformed(what: str) -> ServiceError:
    return ServiceError(
        "MalformedPOSTRequest",
        f"The body of your POST request is not well-formed multipart/form-data: {what}.",
        status=400,
    )
