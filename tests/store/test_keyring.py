"""Key files and the envelopes made under their keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from inhouse.core.errors import SettingError
from inhouse.store import Keyring, Store, Unopenable, Wrap, key_file
from inhouse.store.key_file import MasterKey
from inhouse.store.keyring import SEALED


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = Store(tmp_path / "data", durable=False)
    yield store
    store.close()


def test_a_key_opens_what_it_sealed_for_its_context(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    ring = Keyring.open_file(path, store.reader())
    key, sealed = ring.fresh(b"bucket/key")
    assert (len(key), len(sealed)) == (32, SEALED)
    assert key not in sealed
    assert Keyring.open_file(path, store.reader()).open(sealed, b"bucket/key") == key
    with pytest.raises(Unopenable):
        ring.open(sealed, b"bucket/other")
    with pytest.raises(Unopenable):
        Keyring([MasterKey.new()]).open(sealed, b"bucket/key")


def test_no_bit_of_a_sealed_key_can_be_changed() -> None:
    wrap = Wrap(bytes(32))
    _, sealed = wrap.fresh(b"c")
    forged = [
        sealed[:at] + bytes([sealed[at] ^ 1 << at % 8]) + sealed[at + 1 :] for at in range(SEALED)
    ]
    for one in (*forged, sealed[:-1], sealed + b"x", b""):
        with pytest.raises(Unopenable):
            wrap.open(one, b"c")


def test_keys_of_before_open_and_the_last_one_seals(store: Store, tmp_path: Path) -> None:
    path, reader = tmp_path / "keys", store.reader()
    first = Keyring.open_file(path, reader)
    store.write_now(first.enrol)
    key, sealed = first.fresh(b"c")
    key_file.write(path, [*key_file.read(path), MasterKey.new()])
    second = Keyring.open_file(path, reader)
    store.write_now(second.enrol)
    assert second.open(sealed, b"c") == key
    with pytest.raises(Unopenable):
        first.open(second.fresh(b"c")[1], b"c")


def test_a_file_without_the_keys_of_the_data_is_refused(store: Store, tmp_path: Path) -> None:
    path, reader = tmp_path / "keys", store.reader()
    ring = Keyring.open_file(path, reader)
    store.write_now(ring.enrol)
    (mine,) = key_file.read(path)
    path.unlink()
    with pytest.raises(SettingError, match=f"{mine.id}.*it is gone"):
        Keyring.open_file(path, reader)
    assert not path.exists()
    key_file.write(path, [MasterKey.new()])
    with pytest.raises(SettingError, match=f"{mine.id}.*lacks"):
        Keyring.open_file(path, reader)
    key_file.write(path, [MasterKey(mine.id, mine.made, os.urandom(32))])
    with pytest.raises(SettingError, match="not the one that sealed this data"):
        Keyring.open_file(path, reader)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b'{"keys": []}',
        b'{"keys": [{"id": "00", "made": "", "key": ""}]}',
        b'{"keys": [{"id": "0011223344556677", "made": "", "key": "AAAA"}]}',
        b'{"keys": [{"id": "0011223344556677", "made": "", "key": "!"}]}',
        b'{"keys": [7]}',
    ],
)
def test_damaged_files_are_told(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(text)
    with pytest.raises(SettingError, match="is damaged"):
        key_file.read(path)


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    keys = [MasterKey.new(), MasterKey.new()]
    key_file.write(path, keys)
    assert key_file.read(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_file.is_private(path)
    path.chmod(0o640)
    assert not key_file.is_private(path)
    assert [one["id"] for one in orjson.loads(path.read_bytes())["keys"]] == [k.id for k in keys]
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_have_a_key_file(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"INHOUSE_KEY_FILE is .*, but there is no "):
        Keyring.open_file(tmp_path / "not" / "mounted", store.reader())
    with pytest.raises(SettingError, match="cannot be written"):
        key_file.write(tmp_path / "not" / "mounted", [MasterKey.new()])
    with pytest.raises(SettingError, match="cannot be read"):
        key_file.read(tmp_path)
