"""MD5 and checksums of objects: computed, compared with what the client promised, combined.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.wire.checksums import ALGORITHMS, HEADERS, MEMBERS, checksum, invalid_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT = "CRC64NVME"
"""The checksum of objects whose client sent none."""
_COMBINED = ("CRC32", "CRC32C", "CRC64NVME")
_SIZES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
_PREFIX = "x-amz-checksum-"
_UNKNOWN = ("SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128")


@dataclass(slots=True)
class Promise:
    """What a client says of the bytes it sends. `trailer` names the trailer that will say it."""

    algorithm: str | None = None
    value: bytes | None = None
    trailer: str | None = None
    md5: bytes | None = None


class Digests:
    """The MD5 and the checksums of one stream of bytes."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.checksums = {name: checksum(name) for name in algorithms}

    def update(self, piece: bytes) -> None:
        self.md5.update(piece)
        for running in self.checksums.values():
            running.update(piece)


@dataclass(frozen=True, slots=True)
class Found:
    """What bytes turned out to be: their MD5, and their checksums by algorithm."""

    md5: bytes
    checksums: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, digests: Digests) -> Found:
        sums = {name: running.digest() for name, running in digests.checksums.items()}
        return cls(digests.md5.digest(), sums)


def promise(req: Mapping[str, Any], headers: Mapping[str, str]) -> Promise:
    """Reads Content-MD5, `x-amz-checksum-*` and `x-amz-trailer`. Raises InvalidDigest and
    InvalidRequest for values that no digest can have."""
    found = Promise(md5=_content_md5(req.get("ContentMD5")))
    for name in _UNKNOWN:
        if req.get(f"Checksum{name}") is not None:
            raise unknown_algorithm(name)
    given = [(name, req[member]) for name, member in MEMBERS.items() if req.get(member) is not None]
    announced = headers.get("x-amz-trailer", "").strip().lower()
    trailed = announced.startswith(_PREFIX)
    if len(given) + trailed > 1:
        raise ServiceError(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    if given:
        found.algorithm, text = given[0]
        found.value = value_of(found.algorithm, text)
    elif trailed:
        found.algorithm = ALGORITHMS.get(announced) or algorithm(announced.removeprefix(_PREFIX))
        found.trailer = announced
    _check_named(found, req.get("ChecksumAlgorithm"))
    return found


def _check_named(found: Promise, name: str | None) -> None:
    """`x-amz-sdk-checksum-algorithm`: what a checksum that comes is of; alone, what to compute."""
    if not name:
        return
    if found.algorithm is None:
        found.algorithm = algorithm(name)
    elif found.algorithm != name.upper():
        raise ServiceError(
            "InvalidRequest",
            "Value for x-amz-sdk-checksum-algorithm header is invalid.",
            status=400,
            Detail=f"The checksum that came is {found.algorithm}, not {name[:40]!r}.",
        )


def _content_md5(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != 16:
        raise invalid_digest(text)
    return value


def algorithm(name: str) -> str:
    """The name in capitals. Raises InvalidRequest for algorithms we do not compute."""
    upper = name.upper()
    if upper not in MEMBERS:
        raise unknown_algorithm(name)
    return upper


def unknown_algorithm(name: str) -> ServiceError:
    return ServiceError(
        "InvalidRequest",
        f"Checksum algorithm {name[:40]!r} is not supported; use one of {', '.join(MEMBERS)}.",
        status=400,
    )


def value_of(name: str, text: str) -> bytes:
    """The bytes of a checksum in base64."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != _SIZES[name]:
        raise ServiceError(
            "InvalidRequest",
            f"Value for {HEADERS[name]} header is invalid.",
            status=400,
            Detail=f"{text[:64]!r} is not base64 of {_SIZES[name]} bytes.",
        )
    return value


def check(promised: Promise, found: Found, trailers: Mapping[str, str]) -> None:
    """Raises BadDigest when the bytes are not those the client promised."""
    if promised.md5 is not None and not hmac.compare_digest(promised.md5, found.md5):
        raise ServiceError(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
            status=400,
            ExpectedDigest=promised.md5.hex(),
            CalculatedDigest=text_of(found.md5),
        )
    name, value = promised.algorithm, promised.value
    if name is None:
        return
    if promised.trailer is not None:
        sent = trailers.get(promised.trailer)
        if sent is None:
            raise ServiceError(
                "MalformedTrailerError",
                f"The trailer {promised.trailer} was announced and is missing.",
            )
        value = value_of(name, sent.strip())
    if value is not None and not hmac.compare_digest(value, found.checksums[name]):
        raise mismatch(name)


def mismatch(name: str) -> ServiceError:
    return ServiceError(
        "BadDigest", f"The {name} you specified did not match the calculated checksum.", status=400
    )


def text_of(value: bytes) -> str:
    return base64.b64encode(value).decode()


def default_type(name: str) -> str:
    """The checksum type of multipart uploads that name only an algorithm."""
    return "FULL_OBJECT" if name == DEFAULT else "COMPOSITE"


def upload_type(name: str, wanted: str | None) -> str:
    """The checksum type of an upload. Raises InvalidRequest for pairs that cannot be."""
    if wanted is None:
        return default_type(name)
    if wanted not in ("COMPOSITE", "FULL_OBJECT"):
        raise ServiceError(
            "InvalidRequest", f"ChecksumType is {wanted[:40]!r}; it is COMPOSITE or FULL_OBJECT."
        )
    if (
        wanted != "FULL_OBJECT"
        if name == DEFAULT
        else wanted == "FULL_OBJECT" and name not in _COMBINED
    ):
        raise ServiceError(
            "InvalidRequest",
            f"The {wanted} checksum type cannot be used with the {name.lower()} checksum algorithm.",
            status=400,
        )
    return wanted


def composite_etag(etags: Iterable[str]) -> str:
    """The ETag of a multipart object: MD5 of the parts' MD5s, `-` and their number."""
    values = [bytes.fromhex(etag) for etag in etags]
    return f"{hashlib.md5(b''.join(values), usedforsecurity=False).hexdigest()}-{len(values)}"
