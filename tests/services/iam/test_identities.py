"""Identities on rows: what is remembered, and what may not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.iam import IamService, rows
from inhouse.services.iam.accounts import KeyTaken
from inhouse.services.iam.identities import Identities
from inhouse.store import Store

ACCOUNT = "123456789012"


class Iam:
    """IAM's rows in a store of their own."""

    def __init__(self, store: Store) -> None:
        self.store = store
        dispatch = SimpleNamespace(reader=store.reader)
        house: Any = SimpleNamespace(
            clock=SystemClock(), ids=RandomIds(), region="us-east-1", dispatch=dispatch
        )
        self.service = IamService(house)
        self.identities: Identities = house.identities

    def write(self, change: Callable[[Any], Any]) -> Any:
        return self.store.write_now(change)

    def bootstrap(self, key_id: str = "AKIAADMIN", secret: str = "secret") -> None:
        self.write(lambda tx: self.service.bootstrap(tx, ACCOUNT, key_id, secret))

    def change(self, change: Callable[[Any], Any]) -> Any:
        def run(tx: Any) -> Any:
            self.identities.changed(tx)
            return change(tx)

        return self.write(run)

    def key(self, key_id: str) -> Any:
        return self.identities.key(self.store.reader(), key_id)

    def policies(self, principal: Any) -> Any:
        return self.identities.policies(self.store.reader(), principal)


@pytest.fixture
def iam(tmp_path: Path) -> Iterator[Iam]:
    store = Store(tmp_path, durable=False)
    yield Iam(store)
    store.close()


def test_the_admin_may_do_everything(iam: Iam) -> None:
    iam.bootstrap()
    key = iam.key("AKIAADMIN")
    assert key.secret == "secret"
    assert key.principal.arn == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert key.principal.access_key_id == "AKIAADMIN"
    ((name, document),) = iam.policies(key.principal).identity
    assert name == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert '"*"' in document


def test_bootstrap_again_changes_nothing(iam: Iam) -> None:
    iam.bootstrap()
    before = iam.key("AKIAADMIN")
    iam.bootstrap()
    assert iam.key("AKIAADMIN") == before
    assert rows.count_entities(iam.store.reader(), ACCOUNT, "user") == 1


def test_a_configured_key_joins_and_the_oldest_makes_room(iam: Iam) -> None:
    for number in range(3):
        iam.bootstrap(f"AKIA{number}")
    assert iam.key("AKIA0") is None
    assert iam.key("AKIA1") is not None
    assert iam.key("AKIA2") is not None


def test_a_new_secret_replaces_the_old_one(iam: Iam) -> None:
    iam.bootstrap()
    assert iam.key("AKIAADMIN").secret == "secret"
    iam.bootstrap(secret="other")
    assert iam.key("AKIAADMIN").secret == "other"


@pytest.mark.parametrize("status", ["Inactive", "Deleted"])
def test_a_key_taken_out_of_use_does_not_come_back_by_itself(iam: Iam, status: str) -> None:
    iam.bootstrap()
    iam.change(lambda tx: rows.change_key(tx, "AKIAADMIN", status=status))
    iam.bootstrap()
    assert iam.key("AKIAADMIN") is None


def test_somebody_elses_key_cannot_become_the_admins(iam: Iam) -> None:
    iam.bootstrap()
    root = iam.write(lambda tx: iam.service.create_account(tx, "210987654321", "research"))
    with pytest.raises(KeyTaken, match=root.principal.access_key_id):
        iam.bootstrap(root.principal.access_key_id)


def test_keys_of_suspended_accounts_do_not_work(iam: Iam) -> None:
    root = iam.write(lambda tx: iam.service.create_account(tx, "210987654321", "research"))
    key_id = root.principal.access_key_id
    assert iam.key(key_id).principal.kind == "root"
    iam.change(lambda tx: rows.change_account(tx, "210987654321", status="SUSPENDED"))
    assert iam.key(key_id) is None


def test_what_a_writer_saw_and_undid_is_not_remembered(iam: Iam) -> None:
    iam.bootstrap()
    principal = iam.key("AKIAADMIN").principal

    def fail(tx: Any) -> None:
        iam.identities.changed(tx)
        rows.put_inline(tx, principal.unique_id, "extra", "{}")
        assert len(iam.identities.policies(tx, principal).identity) == 2
        raise RuntimeError("undo")

    with pytest.raises(RuntimeError):
        iam.write(fail)
    assert len(iam.policies(principal).identity) == 1


def test_a_reader_slower_than_a_change_leaves_nothing_behind(iam: Iam) -> None:
    iam.bootstrap()
    principal = iam.key("AKIAADMIN").principal
    reader = iam.store.reader()

    class Slow:
        """The reader, during whose first statement somebody commits a change."""

        def __getattr__(self, name: str) -> Any:
            def call(*args: Any, **params: Any) -> Any:
                found = getattr(reader, name)(*args, **params)
                if args[0] is rows._ATTACHED:
                    iam.change(lambda tx: rows.drop_inline(tx, principal.unique_id, "extra"))
                    iam.change(
                        lambda tx: rows.detach(
                            tx, principal.unique_id, "arn:aws:iam::aws:policy/AdministratorAccess"
                        )
                    )
                return found

            return call

    slow = Slow()
    iam.identities._house.dispatch.reader = lambda: slow
    assert len(iam.identities.policies(slow, principal).identity) == 1
    assert iam.policies(principal).identity == ()


def test_a_session_outlives_neither_its_role_nor_passes_to_a_namesake(iam: Iam) -> None:
    iam.bootstrap()

    def add_role(tx: Any, role_id: str) -> None:
        rows.add_entity(
            tx,
            id=role_id,
            account=ACCOUNT,
            kind="role",
            name="Worker",
            path="/a/",
            created=0.0,
            tags={"team": "x"},
            trust="{}",
            max_session=3600,
        )
        rows.put_inline(tx, role_id, "own", "{}")

    iam.change(lambda tx: add_role(tx, "AROAONE"))
    arn = f"arn:aws:iam::{ACCOUNT}:role/a/Worker"
    role = iam.identities.role(iam.store.reader(), arn)
    assert role is not None
    assert iam.identities.role(iam.store.reader(), arn.replace("/a/", "/")) is None
    principal = iam.identities.role_principal(role, "night", tags={"team": "y"})
    assert principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/Worker/night"
    assert principal.tags == {"team": "y"}
    opened = iam.write(lambda tx: iam.identities.open_session(tx, principal, seconds=900))
    key = iam.key(opened.access_key_id)
    assert key.session_token == opened.session_token
    assert key.expires == opened.expires
    assert opened.secret_access_key not in repr(opened) + repr(key)
    assert iam.policies(key.principal).identity == (("own", "{}"),)
    iam.change(lambda tx: rows.drop_entity(tx, "AROAONE"))
    iam.change(lambda tx: add_role(tx, "AROATWO"))
    assert iam.policies(key.principal).identity == ()
