"""Blobs: immutable byte strings, kept by obstore in a folder (or a bucket, later)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import GenericError
from obstore.store import LocalStore

from inhouse.core.errors import ServiceError
from inhouse.core.ports import BlobInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
    from pathlib import Path

PIECE = 1 << 20
"""Bytes that a read hands out at a time."""
IN_FLIGHT = 2
"""Pieces of 5 MiB that a put may have in memory; obstore's own 12 would be 60 MiB for each client."""
ORPHAN_AGE = 3600.0
"""Seconds before a blob that no row names counts as left behind by a crash."""


class BlobStore:
    """Implements core's `Blobs` over obstore.

    A local blob is on disk, its directory entry too, when `put` answers; obstore leaves the
    fsync to us.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._durable = durable
        self._store = LocalStore(str(folder))

    async def put(self, data: AsyncIterable[bytes] | bytes) -> BlobInfo:
        blob_id = secrets.token_hex(16)
        path = _path(blob_id)
        counted = _Counted(data)
        try:
            source = data if isinstance(data, bytes) else counted
            await obstore.put_async(self._store, path, source, max_concurrency=IN_FLIGHT)
            if self._durable:
                await asyncio.to_thread(_sync, self._folder / path)
        except (OSError, GenericError) as error:
            await self._discard(path)
            raise ServiceError(
                "ServiceUnavailable", f"The object was not stored: {_reason(error)}.", status=503
            ) from error
        except BaseException:
            await self._discard(path)
            raise
        return BlobInfo(blob_id, len(data) if isinstance(data, bytes) else counted.size)

    async def read(self, blob_id: str, start: int, end: int) -> AsyncIterator[bytes]:
        path = _path(blob_id)
        # obstore's own stream goes by 8 KiB, at 10 times the cost
        for at in range(start, end, PIECE):
            last = min(at + PIECE, end)
            piece = _in_memory(self._folder / path, at, last)
            if piece is None:
                piece = bytes(await obstore.get_range_async(self._store, path, start=at, end=last))
            yield piece

    async def get(self, blob_id: str) -> bytes:
        found = await obstore.get_async(self._store, _path(blob_id))
        return bytes(await found.bytes_async())

    async def delete(self, blob_ids: Sequence[str]) -> None:
        for blob_id in blob_ids:
            await self._discard(_path(blob_id))

    async def sweep(self, live: Iterable[str], now: float) -> int:
        """Removes blobs that no row names and that are older than an hour; answers how many."""
        named = {_path(blob_id) for blob_id in live}
        orphans = [
            meta["path"]
            for batch in obstore.list(self._store)
            for meta in batch
            if meta["path"] not in named and now - meta["last_modified"].timestamp() > ORPHAN_AGE
        ]
        for path in orphans:
            await self._discard(path)
        return len(orphans)

    async def _discard(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, path)


def _in_memory(path: Path, start: int, end: int) -> bytes | None:
    """Bytes that the kernel has in its page cache; None where the disk would have to be waited for.

    What is there is cheaper to take at once than through a thread: preadv2(2), RWF_NOWAIT.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    piece = bytearray(end - start)
    try:
        taken = os.preadv(descriptor, [piece], start, os.RWF_NOWAIT)
    except OSError:  # would wait, or the file system cannot tell
        return None
    finally:
        os.close(descriptor)
    return bytes(piece) if taken == len(piece) else None


class _Counted:
    """Passes pieces through and adds up their bytes."""

    def __init__(self, data: AsyncIterable[bytes] | bytes) -> None:
        self._data = data
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert not isinstance(self._data, bytes)
        async for piece in self._data:
            self.size += len(piece)
            yield piece


def _path(blob_id: str) -> str:
    return f"{blob_id[:2]}/{blob_id}"


def _reason(error: OSError | GenericError) -> str:
    """`No space left on device`, of an error of ours or of obstore, which knows no number for it."""
    if isinstance(error, OSError):
        return str(error.strerror)
    return str(error).partition("\n")[0].rpartition(": ")[2].partition(" (os error")[0]


def _sync(file: Path) -> None:
    for path, flags in ((file, os.O_RDONLY), (file.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
