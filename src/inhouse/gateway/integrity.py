"""What clients say of their bodies, compared with what came."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.wire.checksums import ALGORITHMS, checksum, invalid_digest

if TYPE_CHECKING:
    from inhouse.wire.http import HttpRequest
    from inhouse.wire.operation import ChecksumFacts


def check(request: HttpRequest, facts: ChecksumFacts) -> None:
    """Compares a buffered body with its Content-MD5 and `x-amz-checksum-…` headers.

    The latter only where the model says that they speak of the body (`facts`): those of
    CompleteMultipartUpload speak of the object.
    Raises BadDigest when they differ, InvalidDigest or InvalidRequest when a header is no digest.
    Streamed bodies are for their operation to check, piece by piece.
    """
    if request.body is None:
        return
    declared = request.headers.get("content-md5")
    if declared is not None:
        _check_md5(declared, request.body)
    if facts.algorithm_member is None:
        return
    for header, algorithm in ALGORITHMS.items():
        value = request.headers.get(header)
        if value is not None:
            _check_checksum(header, algorithm, value, request.body)


def check_length(request: HttpRequest) -> None:
    """Raises MissingContentLength, 411, when nothing tells where a streamed body ends."""
    headers = request.headers
    if "content-length" not in headers and "transfer-encoding" not in headers:
        raise ServiceError(
            "MissingContentLength", "You must provide the Content-Length HTTP header.", status=411
        )


def _check_md5(declared: str, body: bytes) -> None:
    expected = _decoded(declared)
    if len(expected) != 16:
        raise invalid_digest(declared)
    found = hashlib.md5(body, usedforsecurity=False).digest()
    if not hmac.compare_digest(found, expected):
        raise ServiceError(
            "BadDigest", "The Content-MD5 you specified did not match what we received."
        )


def _check_checksum(header: str, algorithm: str, declared: str, body: bytes) -> None:
    computed = checksum(algorithm)
    computed.update(body)
    found, expected = computed.digest(), _decoded(declared)
    if len(expected) != len(found):
        raise ServiceError("InvalidRequest", f"Value for {header} header is invalid.")
    if not hmac.compare_digest(found, expected):
        raise ServiceError(
            "BadDigest",
            f"The {algorithm} you specified did not match the calculated checksum.",
        )


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:  # binascii.Error is one, as is what letters beyond ASCII raise
        return b""
