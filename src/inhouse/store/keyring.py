"""Envelopes: what is stored is sealed under data keys, and those under a master key.

A sealed data key is `version, master key's id, nonce, data key and tag` (AES-256-GCM) and opens
for the same context only. Nonces are random: a master key may seal 2**32 data keys.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select

from inhouse.core.errors import SettingError
from inhouse.store import key_file
from inhouse.store.key_file import ID, KEY, MasterKey
from inhouse.store.tables import master_keys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from inhouse.core.ports import Row, Tx

log = structlog.get_logger()
_VERSION = b"\x01"
_NONCE = 12
_TAG = 16
_HEAD = 1 + ID
SEALED = _HEAD + _NONCE + KEY + _TAG
"""Bytes of a sealed data key."""
_KNOWN = select(master_keys)
_ADD = insert(master_keys)


class Unopenable(Exception):
    """Sealed under another key, or for another context, or damaged."""


class Wrap:
    """Seals data keys under one key. `number` names it in what is sealed."""

    __slots__ = ("_cipher", "_head")

    def __init__(self, key: bytes, number: bytes = bytes(ID)) -> None:
        self._cipher = AESGCM(key)
        self._head = _VERSION + number

    def fresh(self, context: bytes) -> tuple[bytes, bytes]:
        """A new data key, plain and sealed."""
        random = os.urandom(KEY + _NONCE)
        key, nonce = random[:KEY], random[KEY:]
        return key, self._head + nonce + self._cipher.encrypt(nonce, key, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The data key. Raises Unopenable."""
        if not sealed.startswith(self._head) or len(sealed) != SEALED:
            raise Unopenable
        try:
            return self._cipher.decrypt(
                sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :], context
            )
        except InvalidTag:
            raise Unopenable from None


class Keyring:
    """Implements core's `Keys` over a key file."""

    def __init__(self, keys: Sequence[MasterKey]) -> None:
        self._keys = keys
        self._wraps = {bytes.fromhex(one.id): Wrap(one.key, bytes.fromhex(one.id)) for one in keys}
        self._newest = self._wraps[bytes.fromhex(keys[-1].id)]

    @classmethod
    def open_file(cls, path: Path, tx: Tx) -> Keyring:
        """The keyring of `path`, which is made when no key was ever used here.

        Raises SettingError when keys that sealed what is stored are missing or others.
        """
        known = tx.all(_KNOWN)
        if not path.exists():
            if known:
                raise SettingError(_lost(path, known))
            if not path.parent.is_dir():
                raise SettingError(f"INHOUSE_KEY_FILE is {path}, but there is no {path.parent}")
            key_file.write(path, [MasterKey.new()])
            log.info("keys.made", path=str(path))
        ring = cls(key_file.read(path))
        ring._check(path, known)
        if not key_file.is_private(path):
            log.warning("keys.readable_by_others", path=str(path), remedy=f"chmod 600 {path}")
        return ring

    def enrol(self, tx: Tx) -> None:
        """Notes the keys, so that the next start knows whether it has the same."""
        known = {row["id"] for row in tx.all(_KNOWN)}
        for one in self._keys:
            if one.id not in known:
                tx.run(_ADD, id=one.id, proof=_proof(one))

    def fresh(self, context: bytes) -> tuple[bytes, bytes]:
        return self._newest.fresh(context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        wrap = self._wraps.get(sealed[1:_HEAD])
        if wrap is None:
            raise Unopenable
        return wrap.open(sealed, context)

    def _check(self, path: Path, known: Sequence[Row]) -> None:
        there = {one.id: one for one in self._keys}
        for row in known:
            one = there.get(row["id"])
            if one is None:
                raise SettingError(_lost(path, [row]))
            if not _proves(one, row["proof"]):
                raise SettingError(
                    f"the key {one.id} in the key file {path} is not the one that sealed this "
                    "data; put the right file back, or set INHOUSE_KEY_FILE to it"
                )


def _proof(one: MasterKey) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(one.key).encrypt(nonce, b"", one.id.encode())


def _proves(one: MasterKey, proof: bytes) -> bool:
    try:
        AESGCM(one.key).decrypt(proof[:_NONCE], proof[_NONCE:], one.id.encode())
    except InvalidTag:
        return False
    return True


def _lost(path: Path, missing: Sequence[Row]) -> str:
    names = ", ".join(row["id"] for row in missing)
    return (
        f"what is stored here is sealed under the master key {names}, which the key file {path} "
        f"{'lacks' if path.exists() else 'had, and it is gone'}; put it back, or set "
        "INHOUSE_KEY_FILE to where it is. Without it the data cannot be read"
    )
