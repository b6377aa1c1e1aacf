"""Key files where workers would see them."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from inhouse.app import Inhouse
from inhouse.compute import Isolation, check_unseen, exposure
from inhouse.core.errors import SettingError
from inhouse.core.settings import Settings

SEEN = ("/usr/local/etc/x/keys.json", "/bin/keys.json", f"{sysconfig.get_path('purelib')}/k.json")


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    found = Isolation(request.param, "for the test")
    monkeypatch.setattr(exposure, "isolation", lambda: found)
    return str(request.param)


@pytest.mark.parametrize("kind", ["user-namespaces", "bubblewrap", "weak"], indirect=True)
def test_with_the_servers_user_workers_could_read_them(kind: str) -> None:
    for file in SEEN:
        with pytest.raises(SettingError, match=rf"{file} is in .*{kind}.* INHOUSE_KEY_FILE"):
            check_unseen(Path(file), Path("/var/lib/inhouse"))
    check_unseen(Path("/etc/inhouse/keys.json"), Path("/var/lib/inhouse"))


@pytest.mark.parametrize("kind", ["namespaces", "users"], indirect=True)
def test_users_of_their_own_cannot_read_them(kind: str) -> None:
    for file in SEEN:
        check_unseen(Path(file), Path("/var/lib/inhouse"))


@pytest.mark.parametrize("kind", ["user-namespaces", "bubblewrap"], indirect=True)
def test_a_folder_that_is_covered_may_be_anywhere(kind: str) -> None:
    check_unseen(Path("/usr/local/inhouse/master-keys.json"), Path("/usr/local/inhouse"))


@pytest.mark.parametrize("kind", ["weak"], indirect=True)
def test_where_nothing_is_covered_it_may_not(kind: str) -> None:
    with pytest.raises(SettingError, match=r"/usr/local/inhouse/master-keys\.json"):
        check_unseen(Path("/usr/local/inhouse/master-keys.json"), Path("/usr/local/inhouse"))


def test_links_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure, "isolation", lambda: Isolation("weak", "for the test"))
    (tmp_path / "keys.json").symlink_to("/usr/local/etc/x/keys.json")
    with pytest.raises(SettingError, match=r"keys\.json is in /usr"):
        check_unseen(tmp_path / "keys.json", tmp_path / "data")


@pytest.mark.parametrize("kind", ["user-namespaces"], indirect=True)
def test_the_server_does_not_start(kind: str, tmp_path: Path) -> None:
    file = Path("/usr/share/inhouse-keys.json")
    with pytest.raises(SettingError, match="functions are shown"):
        Inhouse(Settings(data=tmp_path / "data", key_file=file))
    assert not (tmp_path / "data").exists()
