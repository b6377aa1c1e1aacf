"""The key file: master keys as JSON, which only the server's user may read.

The last key seals what is new; the others open what is old. Whoever has the file and the data
can read everything; whoever lost the file has lost the data.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "master-keys.json"
"""The file's name in the data directory, where INHOUSE_KEY_FILE names no other place."""
KEY = 32
"""Bytes of a key."""
ID = 8
"""Bytes of a key's id, which is their hex digits."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    id: str
    made: str
    """When, in ISO 8601."""
    key: bytes = field(repr=False)

    @classmethod
    def new(cls) -> MasterKey:
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(os.urandom(ID).hex(), made, os.urandom(KEY))


def read(path: Path) -> list[MasterKey]:
    """The keys, oldest first. Raises SettingError when the file holds none, or cannot be read."""
    try:
        found: Any = orjson.loads(path.read_bytes())
        keys = [_key(one) for one in found["keys"]]
    except OSError as error:
        raise SettingError(f"the key file {path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError):
        raise _damaged(path) from None
    if not keys:
        raise _damaged(path)
    return keys


def write(path: Path, keys: Sequence[MasterKey]) -> None:
    """Replaces the file, durably: it is there whole, or as it was before.

    A link leads to the file. Who owned it and who could read it can do so still, whoever writes.
    Raises SettingError when that cannot be.
    """
    file = Path(os.path.realpath(path))
    scratch = file.with_name(f"{file.name}.new")
    try:
        scratch.unlink(missing_ok=True)
        try:
            _write(scratch, keys, file.stat() if file.exists() else None)
            scratch.replace(file)
        finally:
            scratch.unlink(missing_ok=True)
        _sync(file.parent)
    except OSError as error:
        raise SettingError(f"the key file {path} cannot be written: {error.strerror}") from None


def _write(path: Path, keys: Sequence[MasterKey], old: os.stat_result | None) -> None:
    told = [
        {"id": one.id, "made": one.made, "key": base64.b64encode(one.key).decode()} for one in keys
    ]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if old is not None:
            os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        file.write(orjson.dumps({"keys": told}, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(descriptor)


def is_private(path: Path) -> bool:
    """Whether nobody but the file's owner may touch it."""
    return path.stat().st_mode & 0o077 == 0


def _key(one: dict[str, str]) -> MasterKey:
    try:
        key, number = base64.b64decode(one["key"], validate=True), bytes.fromhex(one["id"])
    except binascii.Error as error:
        raise ValueError from error
    if (len(key), len(number)) != (KEY, ID):
        raise ValueError
    return MasterKey(number.hex(), str(one["made"]), key)


def _damaged(path: Path) -> SettingError:
    return SettingError(
        f"the key file {path} is damaged: it is JSON with at least one key, each with `id` "
        f"({ID * 2} hex digits), `made` and `key` (base64 of {KEY} bytes). Put back a copy"
    )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
