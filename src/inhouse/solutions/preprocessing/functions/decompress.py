"""Compressed objects as they were before: gzip, zlib, bzip2, xz, zstd, and a file of a zip archive."""

from __future__ import annotations

import bz2
import lzma
import mimetypes
import struct
import tempfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Protocol

from .answer import Made
from .failures import Refusal
from .options import Decompress
from .serving import serve
from .source import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .source import Readable, Source

IN_MEMORY = 16 << 20
_ENDINGS = {".gz": "", ".bz2": "", ".xz": "", ".zst": "", ".zlib": "", ".tgz": ".tar", ".zip": ""}
XZ_MEMORY = 96 << 20
"""What a decoder may take; `xz -9` needs 65 MiB."""


class Decoder(Protocol):
    """Takes input and gives at most so many bytes, until `eof`; then `unused_data` is left."""

    eof: bool
    unused_data: bytes
    needs_input: bool

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """zlib's object with the members that bz2's and lzma's have."""

    def __init__(self, bits: int) -> None:
        self._inner = zlib.decompressobj(bits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _zstd() -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise Refusal(
            "UnsupportedCompression", "zstd needs a runtime of Python 3.14 or newer"
        ) from None
    return zstd.ZstdDecompressor()


_BY_MAGIC: tuple[tuple[bytes, str, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", "gzip", lambda: _Zlib(31)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
    (b"\x78\x01", "zlib", lambda: _Zlib(15)),
    (b"\x78\x5e", "zlib", lambda: _Zlib(15)),
    (b"\x78\x9c", "zlib", lambda: _Zlib(15)),
    (b"\x78\xda", "zlib", lambda: _Zlib(15)),
)
_BROKEN = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError,
    struct.error, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What zipfile raises for archives that are none."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return serve(event, transform)


def transform(source: Source, payload: Mapping[str, Any]) -> Made:
    options = Decompress.of(payload)
    head = b""
    while len(head) < 6 and (chunk := source.body.read(CHUNK)):
        head += chunk
    if head.startswith(_ZIP):
        name, chunks = _member(head, source.body, options)
        return Made(_limited(chunks, options.max_bytes), _content_type(name))
    for magic, name, make in _BY_MAGIC:
        if head.startswith(magic):
            flow = _decoded(head, source.body, name, make)
            return Made(_limited(flow, options.max_bytes), _content_type(_bare(source.key)))
    raise Refusal("NotCompressed", "the object is none of gzip, zlib, bzip2, xz, zstd and zip")


def _decoded(
    head: bytes, body: Readable, name: str, make: Callable[[], Decoder]
) -> Iterator[bytes]:
    """All streams of the object, one after another, as their programs join them."""
    data, decoder = head, make()
    try:
        while True:
            if decoder.eof:
                # Some writers pad the end with zeros.
                data = decoder.unused_data.lstrip(b"\x00")
                while not data:
                    if not (chunk := body.read(CHUNK)):
                        return
                    data = chunk.lstrip(b"\x00")
                decoder = make()
            yield decoder.decompress(data, CHUNK)
            data = b""
            if not decoder.eof and decoder.needs_input and not (data := body.read(CHUNK)):
                raise Refusal("TruncatedObject", f"the {name} data ends before its end")
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
        raise Refusal("CorruptObject", f"the {name} data is broken: {error}") from None


def _member(head: bytes, body: Readable, options: Decompress) -> tuple[str, Iterator[bytes]]:
    """A file of an archive, whose directory stands at its end: it is put down first."""
    held = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 read until the answer is out
    while head:
        held.write(head)
        head = body.read(CHUNK)
    try:
        archive = zipfile.ZipFile(held)
        entry = _chosen(archive, options.member)
        if entry.file_size > options.max_bytes:
            raise _bomb(options.max_bytes)
        if entry.flag_bits & 1:
            raise Refusal("EncryptedObject", f"{entry.filename} of the archive needs a password")
        return entry.filename, _unzipped(archive, entry)
    except _BROKEN as error:
        raise Refusal("CorruptObject", f"the zip archive is broken: {error}") from None


def _chosen(archive: zipfile.ZipFile, member: str | None) -> zipfile.ZipInfo:
    files = [one for one in archive.infolist() if not one.is_dir()]
    found = [one for one in files if member is None or one.filename == member]
    if not found:
        raise Refusal("NoSuchMember", f"the archive has no file {member or 'at all'!r}", 404)
    if len(found) > 1 and member is None:
        names = ", ".join(one.filename for one in found[:10])
        raise Refusal("SeveralMembers", f"the archive has {len(found)} files: {names}; name one")
    return found[-1]


def _unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as member:
            while chunk := member.read(CHUNK):
                yield chunk
    except _BROKEN as error:
        raise Refusal(
            "CorruptObject", f"{entry.filename} of the archive is broken: {error}"
        ) from None


def _limited(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    given = 0
    for chunk in chunks:
        given += len(chunk)
        if given > most:
            raise _bomb(most)
        yield chunk


def _bomb(most: int) -> Refusal:
    return Refusal("ObjectTooLarge", f"decompressed it is larger than the {most:,} bytes allowed")


def _bare(key: str) -> str:
    for ending, instead in _ENDINGS.items():
        if key.lower().endswith(ending):
            return key[: -len(ending)] + instead
    return key


def _content_type(name: str) -> str:
    return mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
