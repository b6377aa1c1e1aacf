"""Passwords of users for services that cannot sign: Git in CodeCommit, CQL in Keyspaces.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads, writes
from inhouse.services.iam import answers, entities, names, pages, resource_rows, resources, targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KIND = "service-credential"
SERVICES = ("cassandra.amazonaws.com", "codecommit.amazonaws.com")
CREDENTIALS = 2
"""What a user may have for each service."""


class ServiceCredentials:
    """CreateServiceSpecificCredential and its kin."""

    @writes("iam:CreateServiceSpecificCredential", targets.of_user)
    def create_service_specific_credential(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        user, service = entities.named(call, "user", req), _service(req["ServiceName"])
        if "CredentialAgeDays" in req:
            raise names.invalid(f"CredentialAgeDays: credentials for {service} do not expire.")
        kept = _of_service(resource_rows.owned(call.tx, user["id"], KIND), service)
        if len(kept) >= CREDENTIALS:
            raise names.too_many("ServiceSpecificCredentialsPerUser", CREDENTIALS)
        taken = {resource_rows.details(row)["user"] for row in kept}
        first, second = (f"{user['name']}{more}-at-{call.account}" for more in ("", "+1"))
        credential_id = call.house.ids.unique("ACCA", answers.ID_SIZE)
        row = resources.make(
            call,
            KIND,
            credential_id,
            {},
            prefix="ACCA",
            owner=user["id"],
            service=service,
            user=second if first in taken else first,
            status="Active",
        )
        return _with_password(call, user, row)

    @reads("iam:ListServiceSpecificCredentials", targets.of_self_or_user)
    def list_service_specific_credentials(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        user = entities.find(call, "user", targets.user_name(call, req))
        found = resource_rows.owned(call.tx, user["id"], KIND)
        if "ServiceName" in req:
            found = _of_service(found, _service(req["ServiceName"]))
        page, more = pages.page(sorted(found, key=entities.by_name), req, entities.by_name)
        return {"ServiceSpecificCredentials": [_shown(user, row) for row in page], **more}

    @writes("iam:UpdateServiceSpecificCredential", targets.of_self_or_user)
    def update_service_specific_credential(self, call: Call, req: Mapping[str, Any]) -> None:
        _, row = _named(call, req)
        if req["Status"] == "Expired":
            raise names.invalid("Status Expired cannot be set; use Active or Inactive.")
        resource_rows.change(call.tx, row, details={"status": req["Status"]})

    @writes("iam:ResetServiceSpecificCredential", targets.of_self_or_user)
    def reset_service_specific_credential(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return _with_password(call, *_named(call, req))

    @writes("iam:DeleteServiceSpecificCredential", targets.of_self_or_user)
    def delete_service_specific_credential(self, call: Call, req: Mapping[str, Any]) -> None:
        resource_rows.drop(call.tx, _named(call, req)[1])


def _service(name: str) -> str:
    if name not in SERVICES:
        raise names.not_found(
            f"No such service {name} is supported for Service Specific Credentials"
        )
    return name


def _of_service(found: list[Row], service: str) -> list[Row]:
    return [row for row in found if resource_rows.details(row)["service"] == service]


def _named(call: Call, req: Mapping[str, Any]) -> tuple[Row, Row]:
    """The user and the credential that a request names. Raises NoSuchEntity."""
    user = entities.find(call, "user", targets.user_name(call, req))
    name = req["ServiceSpecificCredentialId"]
    row = resource_rows.named(call.tx, call.account, KIND, name)
    if row is None or row["owner"] != user["id"]:
        raise names.not_found(f"No such credential {name} exists")
    return user, row


def _with_password(call: Call, user: Row, row: Row) -> dict[str, Any]:
    """The credential with a new password, told this once. It is random, so that a hash keeps it."""
    password = call.house.ids.token(45)
    digest = hashlib.sha256(password.encode()).hexdigest()
    resource_rows.change(call.tx, row, details={"password": digest})
    return {"ServiceSpecificCredential": {**_shown(user, row), "ServicePassword": password}}


def _shown(user: Row, row: Row) -> dict[str, Any]:
    facts = resource_rows.details(row)
    return {
        "UserName": user["name"],
        "Status": facts["status"],
        "ServiceUserName": facts["user"],
        "CreateDate": answers.date(row["created"]),
        "ServiceSpecificCredentialId": row["name"],
        "ServiceName": facts["service"],
    }
