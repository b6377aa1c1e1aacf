"""A server with two accounts, and a session that has ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.iam import rows
from inhouse.services.iam.accounts import create_account
from inhouse.services.iam.identities import root_principal
from inhouse.store import Store
from tests.services.sts.roles import OTHER
from tests.serving import RunningServer, start

EXPIRED = {
    "id": "ASIAEXPIREDANHOURAGO",
    "account": OTHER,
    "secret": "expired-secret",
    "token": "expired-token",
    "expires": time.time() - 3600,
    "principal": json.dumps(root_principal(OTHER).to_row()),
}
"""A session that ended an hour ago, by the row."""


@pytest.fixture(scope="package")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Any]]:
    """A server, and the root key of its second account."""
    folder = tmp_path_factory.mktemp("two")
    house: Any = SimpleNamespace(clock=SystemClock(), ids=RandomIds())
    store = Store(folder / "data", durable=False)
    key = store.write_now(lambda tx: create_account(house, tx, OTHER, "research"))
    store.write_now(lambda tx: rows.add_session(tx, **EXPIRED))
    store.close()
    with start(folder, "--data", str(folder / "data")) as running:
        yield running, key


@pytest.fixture
def client(two: tuple[RunningServer, Any]) -> Callable[..., Any]:
    """Clients that leave it to the server to find fault."""
    config = Config(parameter_validation=False, retries={"max_attempts": 0})
    return lambda service, **arguments: two[0].client(service, config=config, **arguments)


@pytest.fixture
def other(two: tuple[RunningServer, Any]) -> Callable[[str], Any]:
    """Clients of the second account's root user."""
    server, key = two
    return lambda service: server.client(
        service,
        aws_access_key_id=key.principal.access_key_id,
        aws_secret_access_key=key.secret,
    )


@pytest.fixture
def iam(client: Callable[..., Any]) -> Any:
    return client("iam")


@pytest.fixture
def user(client: Callable[..., Any], iam: Any, fresh_name: Callable[..., str]) -> Any:
    """A user with a key: `user.name`, `user.arn`, `user.client("sts")`."""
    name = fresh_name("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    pair = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    return SimpleNamespace(name=name, arn=arn, client=lambda service: client(service, **pair))


@pytest.fixture
def as_session(client: Callable[..., Any]) -> Callable[..., Any]:
    def make(answer: Any, service: str) -> Any:
        made = answer["Credentials"]
        return client(
            service,
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )

    return make


@pytest.fixture
def expired() -> dict[str, Any]:
    """The key, secret and token of the session that ended."""
    return EXPIRED
