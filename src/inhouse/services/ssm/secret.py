"""SecureString values: AES-256-GCM under a key file of this server, bound to their ARN."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from pathlib import Path

NONCE = 12


class Vault:
    """Seals and opens values. The key is made at first use, readable by the owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cipher: AESGCM | None = None

    def seal(self, value: str, arn: str) -> str:
        nonce = os.urandom(NONCE)
        sealed = self._aes().encrypt(nonce, value.encode(), arn.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, arn: str) -> str:
        """Raises cryptography's InvalidTag when `sealed` was made for another ARN or key."""
        raw = base64.b64decode(sealed)
        return self._aes().decrypt(raw[:NONCE], raw[NONCE:], arn.encode()).decode()

    def _aes(self) -> AESGCM:
        if self._cipher is None:
            self._cipher = AESGCM(self._key())
        return self._cipher

    def _key(self) -> bytes:
        path = self._folder / "key"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(AESGCM.generate_key(256))
                file.flush()
                os.fsync(descriptor)
        return path.read_bytes()
