"""IAM through boto3: passwords of users for services that cannot sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.iam.asking import refused
from tests.serving import ACCOUNT

GIT, CQL = "codecommit.amazonaws.com", "cassandra.amazonaws.com"


@pytest.fixture
def user(iam: Any, fresh_name: Callable[..., str]) -> str:
    name = fresh_name("committer")
    iam.create_user(UserName=name)
    return name


def make(iam: Any, user: str, service: str = GIT) -> dict[str, Any]:
    made = iam.create_service_specific_credential(UserName=user, ServiceName=service)
    credential: dict[str, Any] = made["ServiceSpecificCredential"]
    return credential


def test_a_credential_lives(iam: Any, user: str) -> None:
    made = make(iam, user)
    assert (made["ServiceUserName"], made["Status"]) == (f"{user}-at-{ACCOUNT}", "Active")
    assert len(made["ServicePassword"]) == 60
    key = {"UserName": user, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    iam.update_service_specific_credential(**key, Status="Inactive")
    (listed,) = iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]
    del made["ServicePassword"]
    assert listed == {**made, "Status": "Inactive"}
    again = iam.reset_service_specific_credential(**key)["ServiceSpecificCredential"]
    assert len(again.pop("ServicePassword")) == 60
    assert again == listed
    with refused("DeleteConflict", "must remove referenced objects first."):
        iam.delete_user(UserName=user)
    iam.delete_service_specific_credential(**key)
    iam.delete_user(UserName=user)


def test_two_for_each_service(iam: Any, user: str) -> None:
    make(iam, user)
    assert make(iam, user)["ServiceUserName"] == f"{user}+1-at-{ACCOUNT}"
    with refused("LimitExceeded", "ServiceSpecificCredentialsPerUser: 2"):
        make(iam, user)
    other = make(iam, user, CQL)
    found = iam.list_service_specific_credentials(UserName=user, ServiceName=CQL)
    ids = [one["ServiceSpecificCredentialId"] for one in found["ServiceSpecificCredentials"]]
    assert ids == [other["ServiceSpecificCredentialId"]]


def test_what_is_not_there_is_refused(iam: Any, user: str) -> None:
    with refused("NoSuchEntity", "The user with name nobody cannot be found."):
        make(iam, "nobody")
    with refused("NoSuchEntity", "No such service lambda.amazonaws.com is supported"):
        make(iam, user, "lambda.amazonaws.com")
    with refused("NoSuchEntity", "No such service s3.amazonaws.com is supported"):
        iam.list_service_specific_credentials(UserName=user, ServiceName="s3.amazonaws.com")
    with refused("ValidationError", "CredentialAgeDays"):
        iam.create_service_specific_credential(UserName=user, ServiceName=GIT, CredentialAgeDays=30)
    key = {"UserName": user, "ServiceSpecificCredentialId": "ACCA" + "X" * 16}
    with refused("NoSuchEntity", "No such credential"):
        iam.reset_service_specific_credential(**key)
    with refused("NoSuchEntity", "No such credential"):
        iam.delete_service_specific_credential(**key)
    mine = {**key, "ServiceSpecificCredentialId": make(iam, user)["ServiceSpecificCredentialId"]}
    with refused("ValidationError", "Expired"):
        iam.update_service_specific_credential(**mine, Status="Expired")
    with refused("NoSuchEntity", "The user with name nobody cannot be found."):
        iam.update_service_specific_credential(**{**mine, "UserName": "nobody"}, Status="Active")
