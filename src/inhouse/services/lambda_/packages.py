"""Zip packages: checked when they arrive, unpacked when they run.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import os
import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.streams import read_all
from inhouse.services.lambda_.names import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Blobs

ZIPPED = 50 << 20
"""Bytes of a package sent with the request."""
UNZIPPED = 250 << 20
"""Bytes of a package and its layers, unpacked."""
ENTRIES = 50_000
"""Files of a package, and folders."""
DEPTH = 64
"""Folders in folders."""
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
)
"""What a zip that is damaged, or made to do damage, makes the standard library raise."""
KEPT = 32
"""Unpacked packages that stay on disk though no worker uses them."""


async def fetch(call: Call, code: Mapping[str, Any]) -> bytes:
    """The package of a request: `ZipFile`, or `S3Bucket` and `S3Key` read as the caller.

    Raises InvalidParameterValueException.
    """
    if code.get("ImageUri"):
        raise invalid("Code.ImageUri: container images are not supported; give a zip package.")
    if code.get("ZipFile") is not None:
        if code.get("S3Bucket") or code.get("S3Key"):
            raise invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile."
            )
        data = bytes(code["ZipFile"])
        if len(data) > ZIPPED:
            raise ServiceError(
                "RequestEntityTooLargeException",
                f"The zip package has {len(data)} bytes; sent with the request it may have "
                f"{ZIPPED}. Put it into a bucket and give S3Bucket and S3Key.",
                status=413,
            )
    elif code.get("S3Bucket") and code.get("S3Key"):
        data = await _from_bucket(call, code)
    else:
        raise invalid(
            "Please provide a source for function code.", "It is ZipFile, or S3Bucket and S3Key"
        )
    await asyncio.to_thread(check, data)
    return data


async def _from_bucket(call: Call, code: Mapping[str, Any]) -> bytes:
    where = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
    if code.get("S3ObjectVersion"):
        where["VersionId"] = code["S3ObjectVersion"]
    try:
        answer = await call.client("s3").get_object(**where)
    except ServiceError as error:
        raise invalid(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. "
            f"S3 Error Message: {error.message}",
            f"It was s3://{where['Bucket']}/{where['Key']}",
        ) from error
    if answer["ContentLength"] > UNZIPPED:
        raise invalid(
            f"Unzipped size must be smaller than {UNZIPPED} bytes; the zip has "
            f"{answer['ContentLength']}."
        )
    return await read_all(answer["Body"])


async def drop(blobs: Blobs, blob_id: str, refusal: ServiceError) -> None:
    """Removes the blob of a write that was refused.

    Not when the store failed or the request was cut off: the row may be there after all, and the
    next start sweeps the blob if it is not.
    """
    if refusal.code != "ServiceUnavailable":
        await blobs.delete([blob_id])


def sha256(data: bytes) -> str:
    """CodeSha256: base64 of the digest."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def check(data: bytes) -> None:
    """Raises InvalidParameterValueException unless `data` is a package that can be unpacked."""
    if not data:
        raise invalid("Uploaded file must be a non-empty zip")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if not entries:
                raise invalid("Uploaded file must be a non-empty zip")
            if len(entries) > ENTRIES:
                raise invalid(f"The zip has {len(entries)} entries; at most {ENTRIES} are allowed.")
            folders: set[PurePosixPath] = set()
            for entry in entries:
                _check_entry(entry)
                folders.update(PurePosixPath(entry.filename).parents)
                if len(folders) > ENTRIES:
                    raise invalid(f"The zip has more than {ENTRIES} folders.")
            size = sum(entry.file_size for entry in entries)
            if size > UNZIPPED:
                raise invalid(f"Unzipped size must be smaller than {UNZIPPED} bytes; it is {size}.")
    except FAULTS as error:
        raise invalid(f"Could not unzip uploaded file. Please check your file: {error}") from error


def _check_entry(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    if not entry.filename:
        raise invalid("The zip has an entry without a name.")
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or "\0" in path.name:
        raise invalid(f"The zip's entry {entry.filename[:200]!r} leads out of the package.")
    if len(path.parts) > DEPTH:
        raise invalid(
            f"The zip's entry {entry.filename[:200]!r} lies in more than {DEPTH} folders."
        )
    if entry.flag_bits & 1:
        raise invalid(f"The zip's entry {entry.filename[:200]!r} is encrypted.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise invalid(f"The zip's entry {entry.filename[:200]!r} is neither stored nor deflated.")


class Unpacked:
    """Packages unpacked on disk, shared by the workers that run them.

    `hold` answers a folder that stays until it is `release`d.
    """

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self._folder = folder
        self._blobs = blobs
        self._holders: dict[str, int] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        shutil.rmtree(folder, ignore_errors=True)  # may hold half a package of an earlier server
        folder.mkdir(parents=True, mode=0o700)

    async def hold(self, blob_ids: Sequence[str]) -> Path:
        """One folder with these packages, later ones over earlier ones.

        Raises ServiceError InvalidZipFileException when they do not unpack.
        """
        name = hashlib.sha256("\n".join(blob_ids).encode()).hexdigest()[:40]
        folder = self._folder / name
        self._holders[name] = self._holders.get(name, 0) + 1
        try:
            async with self._locks.setdefault(name, asyncio.Lock()):
                if not folder.exists():
                    await self._make(folder, blob_ids)
        except BaseException:
            self._holders[name] -= 1
            raise
        return folder

    async def release(self, folder: Path) -> None:
        """Gives a folder back; those longest unused go when there are too many."""
        name = folder.name
        self._holders[name] = count = self._holders.pop(name) - 1  # to the end: used last
        if count:
            return
        free = [name for name, holders in self._holders.items() if not holders]
        for old in free[:-KEPT]:
            del self._holders[old]
            self._locks.pop(old, None)
            await asyncio.to_thread(shutil.rmtree, self._folder / old, True)

    async def _make(self, folder: Path, blob_ids: Sequence[str]) -> None:
        scratch = folder.with_suffix(".new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(0o755)
        left = UNZIPPED
        try:
            for blob_id in blob_ids:
                data = await self._blobs.get(blob_id)
                left -= await asyncio.to_thread(_unpack, data, scratch, left)
        except FAULTS as error:
            await asyncio.to_thread(shutil.rmtree, scratch, True)
            raise ServiceError(
                "InvalidZipFileException",
                f"Lambda could not unzip the package: {error}",
                status=502,
            ) from error
        scratch.replace(folder)


def _unpack(data: bytes, folder: Path, most: int) -> int:
    """Unpacks into `folder`, readable by all; answers the number of bytes.

    The sizes a zip claims are not believed. Links are refused unless they stay inside, and
    nothing is written through one: where it leads can change with the links on its way.
    """
    written, folder = 0, folder.resolve()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            _check_entry(entry)
            path = folder / entry.filename
            mode = entry.external_attr >> 16
            real = path if entry.is_dir() else path.parent
            if real.resolve() != real:
                raise ValueError(f"{entry.filename[:200]!r} would be written through a link")
            if entry.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.unlink()  # a later layer's file replaces an earlier one's
            with archive.open(entry) as source:
                if stat.S_ISLNK(mode):
                    _link(path, source.read(4096).decode(), folder)
                    continue
                with open(path, "wb") as target:
                    while piece := source.read(1 << 20):
                        written += len(piece)
                        if written > most:
                            raise ValueError(f"it holds more than {UNZIPPED} bytes with its layers")
                        target.write(piece)
            path.chmod(0o755 if mode & 0o111 else 0o644)
    for parent, _, _ in os.walk(folder):
        os.chmod(parent, 0o755)  # noqa: S103  packages are read by workers with other users
    return written


def _link(path: Path, target: str, folder: Path) -> None:
    inside = os.path.normpath(os.path.join(path.parent, target))
    if os.path.isabs(target) or not inside.startswith(f"{folder}{os.sep}"):
        raise ValueError(f"the link {path.name!r} leads out of the package")
    path.symlink_to(target)
