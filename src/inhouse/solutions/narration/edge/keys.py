"""The publisher's keys, and for each the one algorithm that it may have signed with."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK
from jwt.exceptions import PyJWTError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = structlog.get_logger()
SHORTEST_SECRET = 32
"""Bytes; RFC 7518 section 3.2: a key at least as long as the hash of HS256."""
SHORTEST_RSA = 2048
"""Bits; RFC 7518 section 3.3."""
LOOK_SECONDS = 1.0
MOST_KEYS = 50


class Unusable(Exception):
    """A key file that tokens cannot be checked with; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Key:
    """`algorithm` is HS256 or RS256, by what kind of key it is and never by what a token says."""

    kid: str | None
    algorithm: str
    material: Any


class KeyFile:
    """The keys in a file, read again when it changes; a file that got unusable changes nothing.

    Raises Unusable at first.
    """

    def __init__(self, file: Path, read: Callable[[bytes, Path], tuple[Key, ...]]) -> None:
        self._file = file
        self._read = read
        self._looked = time.monotonic()
        self._state: object = self._stat()
        try:
            self.keys = read(file.read_bytes(), file)
        except OSError as error:
            raise Unusable(f"{file} cannot be read: {error.strerror}") from None
        self.reads = 1

    def look(self) -> None:
        """Reads the file again if it changed; looks at most once in LOOK_SECONDS."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        state = self._stat()
        if state == self._state:
            return
        self._state = state
        try:
            self.keys = self._read(self._file.read_bytes(), self._file)
        except (OSError, Unusable) as error:
            log.error("edge.keys_kept", file=str(self._file), reason=str(error))
            return
        self.reads += 1
        log.info("edge.keys_read", file=str(self._file), keys=len(self.keys))

    def _stat(self) -> object:
        try:
            found = os.stat(self._file)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def key_file(file: Path) -> KeyFile:
    """A PEM with an RSA public key, or a secret. Raises Unusable."""
    return KeyFile(file, _single)


def jwks_file(file: Path) -> KeyFile:
    """A JSON Web Key Set, RFC 7517. Raises Unusable."""
    return KeyFile(file, _set)


def _single(data: bytes, file: Path) -> tuple[Key, ...]:
    if b"-----BEGIN" in data:
        return (Key(None, "RS256", _public(data, file)),)
    # An editor's line break at the end is no part of a secret that is text.
    secret = data.rstrip(b"\r\n") if data.isascii() else data
    _long_enough(secret, str(file))
    return (Key(None, "HS256", secret),)


def _public(data: bytes, file: Path) -> RSAPublicKey:
    if b"PRIVATE KEY" in data:
        raise Unusable(
            f"{file} holds a private key; the edge needs only the public one"
            " (openssl rsa -pubout), and the private one should stay with who signs"
        )
    try:
        found = load_pem_public_key(data)
    except ValueError as error:
        raise Unusable(f"{file} is no PEM with a public key: {error}") from None
    return _strong(found, str(file))


def _strong(found: Any, where: str) -> RSAPublicKey:
    if not isinstance(found, RSAPublicKey):
        raise Unusable(
            f"{where} holds a key that is not RSA; tokens are signed with RS256 or HS256"
        )
    if found.key_size < SHORTEST_RSA:
        raise Unusable(
            f"{where} holds an RSA key of {found.key_size} bits; it takes {SHORTEST_RSA}"
        )
    return found


def _long_enough(secret: bytes, where: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        raise Unusable(
            f"{where} holds a secret of {len(secret)} bytes; HS256 takes at least"
            f" {SHORTEST_SECRET}, as `openssl rand -hex 32` makes"
        )


def _set(data: bytes, file: Path) -> tuple[Key, ...]:
    try:
        entries = json.loads(data)["keys"]
        if not isinstance(entries, list):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unusable(f'{file} is no JWKS; it must be JSON like {{"keys": [...]}}') from None
    found = [key for entry in entries[:MOST_KEYS] if (key := _entry(entry, file))]
    if not found:
        raise Unusable(f"{file} holds no key for RS256 or HS256 signatures")
    named = [key.kid for key in found]
    if len(set(named)) < len(named):
        raise Unusable(f"{file} holds two keys of the same kid; tokens could not name one")
    return tuple(found)


def _entry(entry: Any, file: Path) -> Key | None:
    """A key of the set; None for those of other kinds and uses, which a set may hold as well."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    operations = entry.get("key_ops")
    if isinstance(operations, list) and "verify" not in operations:
        return None
    algorithm = {"RSA": "RS256", "oct": "HS256"}.get(str(entry.get("kty")))
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    kid = entry.get("kid")
    where = f"{file}, key {kid!r}"
    # Of a private key only the public half is kept.
    if algorithm == "RS256":
        entry = {name: entry[name] for name in ("kty", "n", "e") if name in entry}
    try:
        material = PyJWK(entry, algorithm).key
    except (PyJWTError, ValueError, TypeError) as error:
        raise Unusable(f"{where} cannot be read: {error}") from None
    if algorithm == "RS256":
        _strong(material, where)
    else:
        _long_enough(material, where)
    return Key(str(kid) if kid is not None else None, algorithm, material)
