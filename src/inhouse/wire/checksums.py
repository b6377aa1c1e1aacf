"""Checksums of objects and bodies, computed piece by piece.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING, Protocol, cast

from awscrt import checksums as crt

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Algorithm → the member of boto3's dicts that carries it, base64.
MEMBERS = {
    "CRC32": "ChecksumCRC32",
    "CRC32C": "ChecksumCRC32C",
    "CRC64NVME": "ChecksumCRC64NVME",
    "SHA1": "ChecksumSHA1",
    "SHA256": "ChecksumSHA256",
}
#: Algorithm → the request, response and trailer header that carries it, base64.
HEADERS = {algorithm: f"x-amz-checksum-{algorithm.lower()}" for algorithm in MEMBERS}
#: The other way round.
ALGORITHMS = {header: algorithm for algorithm, header in HEADERS.items()}

_CRCS: dict[str, tuple[Callable[..., int], int, Callable[..., int]]] = {
    "CRC32": (crt.crc32, 4, crt.combine_crc32),
    "CRC32C": (crt.crc32c, 4, crt.combine_crc32c),
    "CRC64NVME": (crt.crc64nvme, 8, crt.combine_crc64nvme),
}
_HASHES = ("SHA1", "SHA256", "MD5")


class Checksum(Protocol):
    """Feed it bytes; `digest` at any time, big-endian."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    __slots__ = ("_compute", "_size", "_value")

    def __init__(self, compute: Callable[..., int], size: int) -> None:
        self._compute, self._size, self._value = compute, size, 0

    def update(self, data: bytes, /) -> None:
        self._value = self._compute(bytes(data), self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


def invalid_digest(content_md5: str) -> ServiceError:
    """The error for a Content-MD5 that is none."""
    error = ServiceError(
        "InvalidDigest",
        f"The Content-MD5 you specified was invalid: {content_md5[:64]!r} is not base64 of "
        "16 bytes.",
        status=400,
    )
    error.fields["Content-MD5"] = content_md5[:64]
    return error


def checksum(algorithm: str) -> Checksum:
    """A new checksum: crc32, crc32c, crc64nvme, sha1, sha256 or md5, in any case.

    Raises `ServiceError` InvalidRequest for other names.
    """
    name = algorithm.upper()
    crc = _CRCS.get(name)
    if crc is not None:
        return _Crc(crc[0], crc[1])
    if name in _HASHES:
        return cast("Checksum", hashlib.new(name.lower(), usedforsecurity=False))
    raise ServiceError(
        "InvalidRequest",
        f"Checksum algorithm {algorithm[:40]!r} is not supported; use one of {', '.join(MEMBERS)}.",
        status=400,
    )


def composite(algorithm: str, parts: Sequence[bytes]) -> str:
    """The checksum of a multipart object's checksums: base64, `-`, the number of parts."""
    whole = checksum(algorithm)
    for digest in parts:
        whole.update(digest)
    return f"{b64encode(whole.digest()).decode('ascii')}-{len(parts)}"


def full_object(algorithm: str, parts: Sequence[tuple[bytes, int]]) -> bytes:
    """The CRC of a whole object from the digests and lengths (bytes) of its parts, in order.

    Raises `ServiceError` InvalidRequest for algorithms that cannot be combined.
    """
    crc = _CRCS.get(algorithm.upper())
    if crc is None:
        raise ServiceError(
            "InvalidRequest",
            f"Full object checksums need a CRC, not {algorithm[:40]!r}.",
            status=400,
        )
    _, size, combine = crc
    value = 0
    for digest, length in parts:
        value = combine(value, int.from_bytes(digest, "big"), length)
    return value.to_bytes(size, "big")
