"""Passwords of users, and the account's rules for them.

Hashing a password takes a moment, so it is done on a thread, before the write.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads, works, writes
from inhouse.services.iam import answers, entities, names, passwords, resource_rows, rows, targets
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KIND = "login-profile"
REMEMBERED = 24
"""Earlier passwords kept at most, as many as a policy can forbid to return."""
_FLAGS = (
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
)


class LoginProfiles:
    """CreateLoginProfile and its kin, ChangePassword, the account's password policy."""

    @works("iam:CreateLoginProfile", targets.of_self_or_user)
    async def create_login_profile(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.find(call, "user", targets.user_name(call, req))
        passwords.check(req["Password"], passwords.policy(call.tx, call.account))
        password = await asyncio.to_thread(passwords.kept, req["Password"])
        return await call.write(_create, user["id"], password, req)

    @reads("iam:GetLoginProfile", targets.of_self_or_user)
    def get_login_profile(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.find(call, "user", targets.user_name(call, req))
        return {"LoginProfile": _shown(user, _profile(call, user))}

    @works("iam:UpdateLoginProfile", targets.of_user)
    async def update_login_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        row = _profile(call, entities.named(call, "user", req))
        changed: dict[str, Any] = {}
        if "PasswordResetRequired" in req:
            changed["reset"] = req["PasswordResetRequired"]
        if "Password" in req:
            changed |= await _replacement(call, row, req["Password"])
        await call.write(lambda here: resource_rows.change(here.tx, row, details=changed))

    @writes("iam:DeleteLoginProfile", targets.of_self_or_user)
    def delete_login_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        user = entities.find(call, "user", targets.user_name(call, req))
        resource_rows.drop(call.tx, _profile(call, user))

    @works(None)
    async def change_password(self, call: Call, req: Mapping[str, Any]) -> None:
        user = rows.entity_by_id(call.tx, call.principal.unique_id)
        if user is None or user["kind"] != "user":
            raise ServiceError("InvalidUserType", "Only IAM Users can change their own password")
        rules = passwords.policy(call.tx, call.account)
        if rules is None or not rules["AllowUsersToChangePassword"]:
            call.require("iam:ChangePassword", entity_arn(user))
        row = _profile(call, user)
        known = resource_rows.details(row)["password"]
        if not await asyncio.to_thread(passwords.matches, req["OldPassword"], known):
            raise ServiceError("AccessDenied", "The old password was incorrect.", status=403)
        changed = {"reset": False, **await _replacement(call, row, req["NewPassword"])}
        await call.write(lambda here: resource_rows.change(here.tx, row, details=changed))

    @writes("iam:UpdateAccountPasswordPolicy", ANY)
    def update_account_password_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        """Sets the whole policy: what the request leaves out takes its default."""
        rules = {
            "MinimumPasswordLength": req.get("MinimumPasswordLength", 6),
            **{flag: req.get(flag, False) for flag in _FLAGS},
            "ExpirePasswords": "MaxPasswordAge" in req,
            **{
                member: req[member]
                for member in ("MaxPasswordAge", "PasswordReusePrevention", "HardExpiry")
                if member in req
            },
        }
        row = resource_rows.named(call.tx, call.account, passwords.POLICY, passwords.POLICY)
        if row is not None:
            resource_rows.drop(call.tx, row)
        _add(call, passwords.POLICY, passwords.POLICY, None, rules)

    @reads("iam:GetAccountPasswordPolicy", ANY)
    def get_account_password_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        rules = passwords.policy(call.tx, call.account)
        if rules is None:
            raise names.not_found(
                f"The Password Policy with domain name {call.account} cannot be found."
            )
        return {"PasswordPolicy": rules}

    @writes("iam:DeleteAccountPasswordPolicy", ANY)
    def delete_account_password_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        row = resource_rows.named(call.tx, call.account, passwords.POLICY, passwords.POLICY)
        if row is None:
            raise names.not_found("The account policy with name PasswordPolicy cannot be found.")
        resource_rows.drop(call.tx, row)


def _create(call: Call, user_id: str, password: str, req: Mapping[str, Any]) -> dict[str, Any]:
    user = rows.entity_by_id(call.tx, user_id)
    if user is None:
        raise names.no_such("user", req.get("UserName", user_id))
    if resource_rows.owned(call.tx, user_id, KIND):
        raise names.exists(f"Login Profile for user {user['name']} already exists.")
    facts = {
        "password": password,
        "earlier": [],
        "reset": req.get("PasswordResetRequired", False),
        "changed": call.house.clock.time(),
    }
    _add(call, KIND, user_id, user_id, facts)
    return {"LoginProfile": _shown(user, _profile(call, user))}


def _add(call: Call, kind: str, name: str, owner: str | None, details: Mapping[str, Any]) -> None:
    resource_rows.add(
        call.tx,
        id=call.house.ids.unique("ALOG"),
        account=call.account,
        kind=kind,
        name=name,
        path="/",
        created=call.house.clock.time(),
        owner=owner,
        tags={},
        details=details,
    )


async def _replacement(call: Call, row: Row, password: str) -> dict[str, Any]:
    """What changes with a new password. Raises PasswordPolicyViolation."""
    rules, facts = passwords.policy(call.tx, call.account), resource_rows.details(row)
    passwords.check(password, rules)
    earlier = [*facts["earlier"], facts["password"]][-REMEMBERED:]
    await asyncio.to_thread(passwords.check_new, password, rules, earlier)
    new = await asyncio.to_thread(passwords.kept, password)
    return {"password": new, "earlier": earlier, "changed": call.house.clock.time()}


def _profile(call: Call, user: Row) -> Row:
    found = resource_rows.owned(call.tx, user["id"], KIND)
    if not found:
        raise names.not_found(f"Login Profile for User {user['name']} cannot be found.")
    return found[0]


def _shown(user: Row, profile: Row) -> dict[str, Any]:
    return {
        "UserName": user["name"],
        "CreateDate": answers.date(profile["created"]),
        "PasswordResetRequired": resource_rows.details(profile)["reset"],
    }
