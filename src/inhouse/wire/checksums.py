"""Checksums of objects and bodies, computed piece by piece."""

from __future__ import annotations

from typing import Protocol


class Checksum(Protocol):
    """Feed it bytes; `digest` at any time. `update` releases the GIL on large pieces."""

    def update(self, data: bytes) -> None: ...
    def digest(self) -> bytes: ...


def checksum(algorithm: str) -> Checksum:
    """A new checksum: crc32, crc32c, crc64nvme, sha1, sha256 or md5, in any case.

    Raises `ServiceError` InvalidRequest for other names.
    """
    raise NotImplementedError
