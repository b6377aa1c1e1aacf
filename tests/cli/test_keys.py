"""`inhouse keys`."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inhouse.cli.failures import Failure
from inhouse.cli.main import app
from inhouse.store import key_file
from inhouse.store.key_file import MasterKey


def run(*arguments: str) -> str:
    return CliRunner().invoke(app, ["keys", *arguments], catch_exceptions=False).output


def test_rotating_adds_a_key_and_shows_none(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first = MasterKey.new()
    key_file.write(path, [first])
    assert "restart the server" in run("rotate", "--key-file", str(path))
    kept, added = key_file.read(path)
    assert kept == first
    assert path.stat().st_mode & 0o777 == 0o600
    listed = run("list", "--key-file", str(path))
    assert listed.index(first.id) < listed.index(added.id)
    assert f"in {path}" in listed.replace("\n", " ")


def test_rotating_follows_a_link_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "backed-up").mkdir()
    path, link = tmp_path / "backed-up" / "keys.json", tmp_path / "keys.json"
    key_file.write(path, [MasterKey.new()])
    link.symlink_to(path)
    run("rotate", "--key-file", str(link))
    assert link.is_symlink()
    assert len(key_file.read(path)) == 2


def test_what_an_earlier_attempt_left_is_not_written_to(tmp_path: Path) -> None:
    path, left = tmp_path / "keys.json", tmp_path / "keys.json.new"
    key_file.write(path, [MasterKey.new()])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x")
    left.symlink_to(elsewhere)
    run("rotate", "--key-file", str(path))
    left.write_text("x")
    left.chmod(0o666)
    run("rotate", "--key-file", str(path))
    assert len(key_file.read(path)) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    assert (elsewhere.read_text(), left.exists()) == ("x", False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_rotated_file_stays_its_owner_s(tmp_path: Path) -> None:
    """With sudo, say: the server, which is another user, reads it at its next start."""
    path = tmp_path / "keys.json"
    key_file.write(path, [MasterKey.new()])
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    run("rotate", "--key-file", str(path))
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 2345, 0o640)


def test_a_file_that_cannot_stay_its_owner_s_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.json"
    key_file.write(path, [MasterKey.new()])
    before = path.read_bytes()

    def refuse(*_: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(Failure, match="Operation not permitted"):
        run("rotate", "--key-file", str(path))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("command", ["list", "rotate"])
def test_without_a_key_file_it_says_who_makes_one(tmp_path: Path, command: str) -> None:
    with pytest.raises(Failure, match="the first start of the server makes it"):
        run(command, "--data", str(tmp_path))
    (tmp_path / key_file.NAME).write_text("x")
    with pytest.raises(Failure, match="is damaged"):
        run(command, "--data", str(tmp_path))
    assert (tmp_path / key_file.NAME).read_text() == "x"
