"""Identifiers are injected, so that tests can foresee them."""

from __future__ import annotations

import base64
import secrets
import uuid
from typing import Protocol


class Ids(Protocol):
    def uuid(self) -> str:
        """A random UUID in its 36-character form."""
        ...

    def token(self, size: int = 32) -> str:
        """`size` random bytes, base64url without padding: secrets, tokens, version ids."""
        ...

    def unique(self, prefix: str) -> str:
        """An IAM unique id: `prefix` (`AIDA`, `AKIA`, …) and 16 of A-Z2-7.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        """
        ...


class RandomIds:
    """Ids from the operating system's generator."""

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def token(self, size: int = 32) -> str:
        return secrets.token_urlsafe(size)

    def unique(self, prefix: str) -> str:
        return prefix + base64.b32encode(secrets.token_bytes(10)).decode()
