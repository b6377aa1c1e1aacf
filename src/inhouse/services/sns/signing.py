"""Signatures on messages, so that receivers can tell that they are this server's.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import datetime
import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ROUTE = "/_inhouse/sns/"
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def string_to_sign(message: Mapping[str, str | None]) -> bytes:
    """Names and values on lines of their own, in AWS's order; members that are absent left out."""
    names = _NOTIFICATION if message["Type"] == "Notification" else _CONFIRMATION
    lines = [f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None]
    return "".join(lines).encode()


class Signer:
    """The server's signing key and certificate, made at first use and kept under `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._key: rsa.RSAPrivateKey | None = None
        self._certificate = b""
        self._name = ""
        self.sign = lru_cache(maxsize=256)(self._sign)
        """`sign(data, version)`: base64. Kept, because subscribers of a topic get the same text."""

    @property
    def certificate(self) -> bytes:
        """The certificate in PEM."""
        self._load()
        return self._certificate

    @property
    def certificate_path(self) -> str:
        """Where the certificate is served, from `/`."""
        self._load()
        return f"{ROUTE}{self._name}"

    def _sign(self, data: bytes, version: str) -> str:
        digest = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - AWS's version 1
        signature = self._load().sign(data, padding.PKCS1v15(), digest)
        return base64.b64encode(signature).decode()

    def _load(self) -> rsa.RSAPrivateKey:
        with self._lock:
            if self._key is None:
                path = self._folder / "signing.pem"
                pem = path.read_bytes() if path.exists() else self._create(path)
                key = serialization.load_pem_private_key(pem, None)
                assert isinstance(key, rsa.RSAPrivateKey)
                found = x509.load_pem_x509_certificate(pem)
                self._certificate = found.public_bytes(serialization.Encoding.PEM)
                digest = found.fingerprint(hashes.SHA256()).hex()
                self._name = f"SimpleNotificationService-{digest[:32]}.pem"
                self._key = key
            return self._key

    def _create(self, path: Path) -> bytes:
        """Writes key and certificate in one file, whole or not at all."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = _private_pem(key) + _self_signed(key)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        return pem


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _self_signed(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.inhouse")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
