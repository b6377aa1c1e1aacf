"""Identifiers are injected, so that tests can foresee them."""

from __future__ import annotations

import base64
import os
import secrets
from typing import Protocol


class Ids(Protocol):
    def uuid(self) -> str:
        """A random UUID (version 4) in its 36-character form."""
        ...

    def token(self, size: int = 32) -> str:
        """`size` random bytes, base64url without padding: secrets, tokens, version ids."""
        ...

    def unique(self, prefix: str, size: int = 16) -> str:
        """An IAM unique id: `prefix` (`AIDA`, `AKIA`, …) and `size` of A-Z2-7.

        Access keys have 16, users, groups, roles, policies and what else has an ARN 17.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
        """
        ...


class RandomIds:
    """Ids from the operating system's generator."""

    def uuid(self) -> str:
        text = os.urandom(16).hex()
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def token(self, size: int = 32) -> str:
        return secrets.token_urlsafe(size)

    def unique(self, prefix: str, size: int = 16) -> str:
        return prefix + base64.b32encode(secrets.token_bytes(size * 5 // 8 + 1)).decode()[:size]
