"""Users and their access keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.iam import answers, entities, names, pages, resource_rows, rows, targets
from inhouse.services.iam.changing import changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.iam.identities import Identities

KEYS = 2
"""Access keys a user may have."""
_IN_THE_WAY = {
    "login-profile": "delete login profile",
    "mfa": "delete MFA device",
    "ssh-public-key": "remove referenced objects",
    "service-credential": "remove referenced objects",
    "signing-certificate": "delete signing certificates",
}
"""What a user that is to be deleted may not have any more, by kind."""


class Users:
    """CreateUser and its kin, CreateAccessKey and its."""

    identities: Identities

    @changes("iam:CreateUser", targets.of_new("user"), keys=targets.new_entity_keys)
    def create_user(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"User": answers.entity(call.tx, entities.make(call, "user", req))}

    @reads("iam:GetUser", targets.of_self_or_user)
    def get_user(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        if "UserName" not in req and call.principal.kind == "root":
            return {"User": _root(call)}
        row = entities.find(call, "user", targets.user_name(call, req))
        return {"User": answers.entity(call.tx, row)}

    @reads("iam:ListUsers", targets.of_all("user"))
    def list_users(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return entities.listed(call, "user", req)

    @changes("iam:UpdateUser", targets.of_moved("user"))
    def update_user(self, call: Call, req: Mapping[str, Any]) -> None:
        entities.move(call, "user", req)

    @changes("iam:DeleteUser", targets.of_user)
    def delete_user(self, call: Call, req: Mapping[str, Any]) -> None:
        row = entities.named(call, "user", req)
        if rows.keys_of(call.tx, call.account, row["id"]):
            raise names.conflict("delete access keys")
        for kind, what in _IN_THE_WAY.items():
            if resource_rows.owned(call.tx, row["id"], kind):
                raise names.conflict(what)
        if rows.groups_of(call.tx, row["id"]):
            raise names.conflict("remove users from group")
        entities.drop(call, row)

    @changes("iam:CreateAccessKey", targets.of_self_or_user)
    def create_access_key(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user_id, name = _holder(call, req)
        if len(rows.keys_of(call.tx, call.account, user_id)) >= KEYS:
            raise names.too_many("AccessKeysPerUser", KEYS)
        ids = call.house.ids
        key_id, secret, now = ids.unique("AKIA"), ids.token(30), call.house.clock.time()
        rows.add_key(
            call.tx,
            id=key_id,
            account=call.account,
            user_id=user_id,
            secret=secret,
            status="Active",
            created=now,
        )
        return {
            "AccessKey": {
                "UserName": name,
                "AccessKeyId": key_id,
                "Status": "Active",
                "SecretAccessKey": secret,
                "CreateDate": answers.date(now),
            }
        }

    @reads("iam:ListAccessKeys", targets.of_self_or_user)
    def list_access_keys(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user_id, name = _holder(call, req)
        found = rows.keys_of(call.tx, call.account, user_id)
        page, more = pages.page(found, req, lambda row: f"{row['created']:020f}{row['id']}")
        shown = [
            {
                "UserName": name,
                "AccessKeyId": row["id"],
                "Status": row["status"],
                "CreateDate": answers.date(row["created"]),
            }
            for row in page
        ]
        return {"AccessKeyMetadata": shown, **more}

    @changes("iam:UpdateAccessKey", targets.of_self_or_user)
    def update_access_key(self, call: Call, req: Mapping[str, Any]) -> None:
        if req["Status"] == "Expired":
            raise names.invalid("Status Expired cannot be set; use Active or Inactive.")
        rows.change_key(call.tx, _key(call, req)["id"], status=req["Status"])

    @changes("iam:DeleteAccessKey", targets.of_self_or_user)
    def delete_access_key(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.change_key(call.tx, _key(call, req)["id"], status="Deleted")

    @reads("iam:GetAccessKeyLastUsed", targets.of_key)
    def get_access_key_last_used(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = rows.key(call.tx, req["AccessKeyId"])
        if row is None or row["status"] == "Deleted" or row["account"] != call.account:
            raise ServiceError(
                "AccessDenied",
                f"User: {call.principal.arn} is not authorized to perform "
                f"iam:GetAccessKeyLastUsed on resource: access key {req['AccessKeyId']}",
                status=403,
            )
        user = rows.entity_by_id(call.tx, row["user_id"])
        last = (row["last_used"], row["last_service"] or "N/A", row["last_region"] or "N/A")
        moment, service, region = self.identities.last_use(row["id"]) or last
        used: dict[str, Any] = {"ServiceName": service, "Region": region}
        if moment is not None:
            used["LastUsedDate"] = answers.date(moment)
        answer: dict[str, Any] = {"AccessKeyLastUsed": used}
        return {**answer, "UserName": user["name"]} if user is not None else answer


def _root(call: Call) -> dict[str, Any]:
    account = rows.account(call.tx, call.account)
    return {
        "UserId": call.account,
        "Arn": call.principal.arn,
        "CreateDate": answers.date(account["created"] if account is not None else 0),
        "Path": "/",
        "UserName": account["name"] if account is not None else call.account,
    }


def _holder(call: Call, req: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name of the user whose keys are meant; both empty for the root user."""
    if "UserName" not in req and call.principal.kind == "root":
        return "", ""
    row = entities.find(call, "user", targets.user_name(call, req))
    return row["id"], row["name"]


def _key(call: Call, req: Mapping[str, Any]) -> Row:
    user_id, _ = _holder(call, req)
    row = rows.key(call.tx, req["AccessKeyId"])
    if (
        row is None
        or row["status"] == "Deleted"
        or (row["account"], row["user_id"]) != (call.account, user_id)
    ):
        raise _no_key(req["AccessKeyId"])
    return row


def _no_key(key_id: str) -> ServiceError:
    return names.not_found(f"The Access Key with id {key_id} cannot be found.")
