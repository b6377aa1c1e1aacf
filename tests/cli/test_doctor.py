"""What `inhouse doctor` says of isolation."""

from __future__ import annotations

from pathlib import Path

import pytest

from inhouse import compute
from inhouse.cli import doctor
from inhouse.compute import Isolation, bubblewrap
from inhouse.store import key_file


@pytest.mark.parametrize(
    ("found", "program", "state", "words"),
    [
        (Isolation("bubblewrap", "", True), "/usr/bin/bwrap", "ok", "used, from /usr/bin/bwrap"),
        (Isolation("user-namespaces", "", True), "/usr/bin/bwrap", "ok", "not needed"),
        (Isolation("namespaces", "", True), None, "ok", "not installed, and not needed"),
        (Isolation("weak", ""), None, "missing", "apt install bubblewrap"),
        (Isolation("weak", ""), "/usr/bin/bwrap", "missing", "does not work here"),
    ],
)
def test_bubblewrap_is_told_by_what_it_would_change(
    monkeypatch: pytest.MonkeyPatch,
    found: Isolation,
    program: str | None,
    state: str,
    words: str,
) -> None:
    monkeypatch.setattr(compute, "isolation", lambda: found)
    monkeypatch.setattr(bubblewrap, "program", lambda: program)
    _, told, note = doctor._bubblewrap()
    assert told == state
    assert words in note


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        (Isolation("namespaces", "fine", True), "ok", "namespaces: fine; egress rules are kept"),
        (Isolation("users", "fine"), "missing", "egress rules cannot be kept"),
        (Isolation("weak", "open"), "missing", "weak: open"),
    ],
)
def test_isolation_is_told_with_its_egress(
    monkeypatch: pytest.MonkeyPatch, found: Isolation, state: str, words: str
) -> None:
    monkeypatch.setattr(compute, "isolation", lambda: found)
    _, told, note = doctor._isolation()
    assert (told, words in note) == (state, True)


def test_keys_are_told_with_who_may_read_them(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    told = ("missing", f"no key file {path}; the first start makes it")
    assert doctor._keys(path, tmp_path)[1:] == told
    key_file.write(path, [key_file.MasterKey.new()])
    _, state, note = doctor._keys(path, tmp_path)
    assert (state, f"{path}, mode 0600, keys: 1" in note) == ("ok", True)
    path.chmod(0o644)
    _, state, note = doctor._keys(path, tmp_path)
    assert (state, f"chmod 600 {path}" in note) == ("wrong", True)
    path.write_text("{}")
    _, state, note = doctor._keys(path, tmp_path)
    assert (state, "is damaged" in note) == ("wrong", True)
