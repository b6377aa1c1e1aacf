"""Keys that customers send with each request, and that are kept nowhere (SSE-C).

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.store import Wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

AES256 = "AES256"
MEMBERS = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
"""The members of a request that has a customer's key."""
SOURCE = "CopySource"
"""What stands before these members where they are about the source of a copy."""
KNOWN_BY = "SSECustomerKnownBy"
"""The member of a row's headers by which the key is known again: a salt and an HMAC."""
_SALT = 16
_KEY = 32
_WITH = "Requests specifying Server Side Encryption with Customer provided keys must provide "


class CustomerKey:
    """A key for the time of one request. Implements core's `Keys`."""

    __slots__ = ("_key", "md5")

    def __init__(self, key: bytes, md5: str) -> None:
        self._key = key
        self.md5 = md5

    @classmethod
    def of(
        cls, req: Mapping[str, Any], prefix: str = "", *, reading: bool = False
    ) -> CustomerKey | None:
        """The key that a request brings; None if none. Raises InvalidArgument for half a key.

        Those who read may leave its MD5 out, and are told later that a key of another length is
        not the right one.
        """
        algorithm, text, md5 = (req.get(prefix + name) for name in MEMBERS)
        if algorithm is None and text is None and md5 is None:
            return None
        if algorithm is None:
            raise _invalid(f"{_WITH}a valid encryption algorithm.")
        if algorithm != AES256:
            raise _invalid(
                "The Encryption request you specified is not valid. Supported value: AES256.",
                code="InvalidEncryptionAlgorithmError",
                value=algorithm[:40],
            )
        if not text:
            raise _invalid(f"{_WITH}an appropriate secret key.")
        if md5 is None and not reading:
            raise _invalid(f"{_WITH}the client calculated MD5 of the secret key.")
        key = _decoded(text)
        found = base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode()
        if md5 not in (None, found):
            raise _invalid(
                "The calculated MD5 hash of the key did not match the hash that was provided."
            )
        if len(key) != _KEY and not reading:
            raise _invalid(
                "The secret key was invalid for the specified algorithm.",
                detail=f"It is base64 of {_KEY} bytes, not of {len(key)}.",
            )
        return cls(key, found)

    @property
    def told(self) -> dict[str, str]:
        """The members of an answer about what is encrypted with it."""
        return {"SSECustomerAlgorithm": AES256, "SSECustomerKeyMD5": self.md5}

    def known_by(self) -> str:
        """What is kept to know the key again. It does not help to find it."""
        salt = os.urandom(_SALT)
        return (salt + self._hmac(salt)).hex()

    def is_known_by(self, kept: str) -> bool:
        """False for the key with zeros behind it as well, whose HMAC is the same."""
        if len(self._key) != _KEY:
            return False
        raw = bytes.fromhex(kept)
        return hmac.compare_digest(self._hmac(raw[:_SALT]), raw[_SALT:])

    def fresh(self, context: bytes) -> tuple[bytes, bytes]:
        return Wrap(self._key).fresh(context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        return Wrap(self._key).open(sealed, context)

    def _hmac(self, salt: bytes) -> bytes:
        return hmac.digest(self._key, b"SSE-C" + salt, "sha256")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _invalid(
    message: str,
    *,
    code: str = "InvalidArgument",
    value: str | None = None,
    detail: str | None = None,
) -> ServiceError:
    """Names the header as S3 does, whichever of the three is wrong. Never the key."""
    return ServiceError(
        code,
        message,
        status=400,
        ArgumentName="x-amz-server-side-encryption",
        ArgumentValue=str(value),
        Detail=detail,
    )
