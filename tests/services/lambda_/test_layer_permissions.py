"""Layers that are lent to others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.iam.accounts import create_account
from inhouse.store import Store
from tests.services.lambda_.conftest import ACCOUNT, zipped
from tests.services.lambda_.test_functions import CODE, refused
from tests.serving import start

OTHER = "210987654321"


@pytest.fixture
def two_accounts(tmp_path: Path) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
    """Clients of the account that has the layer, and of another one's root user."""
    house: Any = SimpleNamespace(clock=SystemClock(), ids=RandomIds())
    store = Store(tmp_path / "data", durable=False)
    key = store.write_now(lambda tx: create_account(house, tx, OTHER, "research"))
    store.close()
    keys = {"aws_access_key_id": key.principal.access_key_id, "aws_secret_access_key": key.secret}
    with start(tmp_path, "--data", str(tmp_path / "data")) as running:
        yield running.client, partial(running.client, **keys)


@pytest.fixture
def layer(lam: Any, fresh_name: Callable[..., str]) -> dict[str, Any]:
    """One version of a layer, as LayerName and VersionNumber."""
    name = fresh_name("layer")
    lam.publish_layer_version(LayerName=name, Content={"ZipFile": CODE})
    return {"LayerName": name, "VersionNumber": 1}


def test_a_policy_grows_and_shrinks(lam: Any, layer: dict[str, Any]) -> None:
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:{layer['LayerName']}:1"
    grant = {"StatementId": "one", "Action": "lambda:GetLayerVersion", "Principal": OTHER}
    added = lam.add_layer_version_permission(**layer, **grant)
    assert json.loads(added["Statement"]) == {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": "lambda:GetLayerVersion",
        "Resource": arn,
    }
    everybody = {**grant, "StatementId": "all", "Principal": "*", "OrganizationId": "o-0123456789"}
    again = lam.add_layer_version_permission(**layer, **everybody, RevisionId=added["RevisionId"])
    found = lam.get_layer_version_policy(**layer)
    assert found["RevisionId"] == again["RevisionId"] != added["RevisionId"]
    _, last = json.loads(found["Policy"])["Statement"]
    assert last["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}
    for name in ("one", "all"):
        lam.remove_layer_version_permission(**layer, StatementId=name)
    code, message = refused(lambda: lam.get_layer_version_policy(**layer))
    assert (code, "No policy" in message) == ("ResourceNotFoundException", True)


def test_what_is_wrong_is_told(lam: Any, layer: dict[str, Any]) -> None:
    grant = {"StatementId": "one", "Action": "lambda:GetLayerVersion", "Principal": OTHER}
    lam.add_layer_version_permission(**layer, **grant)
    add, remove = lam.add_layer_version_permission, lam.remove_layer_version_permission
    other = {**grant, "StatementId": "two"}
    for wrong, call in (
        ("ResourceConflictException", lambda: add(**layer, **grant)),
        ("PreconditionFailedException", lambda: add(**layer, **other, RevisionId="old")),
        ("ValidationException", lambda: add(**layer, **{**other, "Action": "lambda:GetLayer"})),
        ("ValidationException", lambda: add(**layer, **{**other, "Principal": "me"})),
        ("ResourceNotFoundException", lambda: add(**{**layer, "VersionNumber": 9}, **other)),
        ("ResourceNotFoundException", lambda: remove(**layer, StatementId="two")),
        ("PreconditionFailedException", lambda: remove(**layer, StatementId="one", RevisionId="x")),
    ):
        assert refused(call)[0] == wrong
    principals = [f"{number:012}" for number in range(200)]
    with pytest.raises(lam.exceptions.PolicyLengthExceededException):
        for number, principal in enumerate(principals):
            add(**layer, **{**grant, "StatementId": f"s{number}" * 20, "Principal": principal})


def test_another_account_uses_what_it_is_lent(
    two_accounts: tuple[Callable[..., Any], Callable[..., Any]], fresh_name: Callable[..., str]
) -> None:
    owner, guest = (client("lambda") for client in two_accounts)
    files = {"python/shared.py": "WORD = 'lent'\n"}
    made = owner.publish_layer_version(LayerName="lent", Content={"ZipFile": zipped(files)})
    arn = made["LayerVersionArn"]
    assert refused(lambda: guest.get_layer_version_by_arn(Arn=arn))[0] == "AccessDeniedException"
    owner.add_layer_version_permission(
        LayerName="lent",
        VersionNumber=1,
        StatementId="guest",
        Action="lambda:GetLayerVersion",
        Principal=OTHER,
    )
    assert guest.get_layer_version_by_arn(Arn=arn)["LayerVersionArn"] == arn
    iam, name = two_accounts[1]("iam"), fresh_name("fn")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="fn", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    source = "import shared\ndef handler(e, c):\n    return shared.WORD\n"
    guest.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": zipped({"main.py": source})},
        Layers=[arn],
    )
    owner.remove_layer_version_permission(LayerName="lent", VersionNumber=1, StatementId="guest")
    assert json.loads(guest.invoke(FunctionName=name)["Payload"].read()) == "lent"
    assert refused(lambda: guest.get_layer_version_by_arn(Arn=arn))[0] == "AccessDeniedException"
    assert refused(
        lambda: guest.update_function_configuration(FunctionName=name, Layers=[arn])
    )[0] == "AccessDeniedException"  # fmt: skip
