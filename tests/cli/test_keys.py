"""`inhouse keys`."""

from __future__ import annotations

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


@pytest.mark.parametrize("command", ["list", "rotate"])
def test_without_a_key_file_it_says_who_makes_one(tmp_path: Path, command: str) -> None:
    with pytest.raises(Failure, match="the first start of the server makes it"):
        run(command, "--data", str(tmp_path))
    (tmp_path / key_file.NAME).write_text("x")
    with pytest.raises(Failure, match="is damaged"):
        run(command, "--data", str(tmp_path))
    assert (tmp_path / key_file.NAME).read_text() == "x"
