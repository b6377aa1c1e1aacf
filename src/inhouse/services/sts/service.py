"""Security Token Service."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads, writes
from inhouse.services.sts import assuming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Credentials, House

USER_TOKEN, USER_TOKEN_DEFAULT = 129_600, 43_200
ROOT_TOKEN = 3_600
_WITHOUT_MFA = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},'
    '{"Effect":"Deny","Action":["iam:*","sts:DecodeAuthorizationMessage","sts:GetAccessKeyInfo",'
    '"sts:GetFederationToken"],"Resource":"*"}]}'
)
"""What a GetSessionToken session may not do as it has no MFA: IAM, and STS but AssumeRole."""


def of_role(call: Call, req: Mapping[str, Any]) -> str:
    """The role to be assumed, in whichever account it is."""
    arn: str = req["RoleArn"]
    if not arn.startswith("arn:") or arn.count(":") < 5:
        raise assuming.invalid("roleArn", arn, "a role's ARN reads arn:aws:iam::account:role/name")
    return arn


class StsService:
    """Temporary credentials. Sessions are rows of IAM, reached through `house.identities`."""

    name = "sts"

    def __init__(self, house: House) -> None:
        self._house = house

    @reads(None)
    def get_caller_identity(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        who = call.principal
        return {"UserId": who.unique_id, "Account": who.account, "Arn": who.arn}

    @reads("sts:GetAccessKeyInfo", ANY)
    def get_access_key_info(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        key = self._house.identities.key(call.tx, req["AccessKeyId"])
        if key is None:
            raise assuming.invalid("accessKeyId", req["AccessKeyId"], "no active key has this id")
        return {"Account": key.principal.account}

    @writes("sts:AssumeRole", of_role, keys=assuming.keys)
    def assume_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        assuming.check(req)
        identities = self._house.identities
        role = identities.role(call.tx, req["RoleArn"])
        if call.principal.kind == "root":
            raise _denied("Roles may not be assumed by root accounts.")
        if role is None:
            raise _denied(
                f"User: {call.principal.arn} is not authorized to perform: sts:AssumeRole on "
                f"resource: {req['RoleArn']}"
            )
        seconds = assuming.duration(call, req, role)
        tags, source = assuming.session_tags(call, req), assuming.source_identity(call, req)
        if tags:
            call.require("sts:TagSession", role.arn, assuming.keys(call, req))
        if source:
            call.require("sts:SetSourceIdentity", role.arn, assuming.keys(call, req))
        narrowing = assuming.narrowing(call, req, role)
        principal = identities.role_principal(
            role,
            req["RoleSessionName"],
            session_policies=narrowing.policies,
            tags=tags,
            context=assuming.session_context(call, req, tags, source),
        )
        made = identities.open_session(call.tx, principal, seconds=seconds)
        answer: dict[str, Any] = {
            "Credentials": _shown(made),
            "AssumedRoleUser": {"AssumedRoleId": principal.unique_id, "Arn": principal.arn},
        }
        if narrowing.packed is not None:
            answer["PackedPolicySize"] = narrowing.packed
        if source:
            answer["SourceIdentity"] = source
        return answer

    @writes(None)
    def get_session_token(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        who = call.principal
        if who.kind not in ("user", "root") or who.access_key_id.startswith("ASIA"):
            raise _denied("Cannot call GetSessionToken with session credentials")
        if "TokenCode" in req or "SerialNumber" in req:
            raise assuming.no_mfa()
        most = ROOT_TOKEN if who.kind == "root" else USER_TOKEN
        seconds = req.get("DurationSeconds", min(most, USER_TOKEN_DEFAULT))
        if not assuming.SHORTEST <= seconds <= USER_TOKEN:
            raise assuming.invalid(
                "durationSeconds", seconds, f"use {assuming.SHORTEST} to {USER_TOKEN}"
            )
        principal = replace(
            who,
            session_policies=(_WITHOUT_MFA,),
            context={
                "aws:MultiFactorAuthPresent": "false",
                "aws:TokenIssueTime": call.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
            },
        )
        made = self._house.identities.open_session(call.tx, principal, seconds=min(seconds, most))
        return {"Credentials": _shown(made)}


def _shown(made: Credentials) -> dict[str, Any]:
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": datetime.fromtimestamp(made.expires, UTC),
    }


def _denied(message: str) -> ServiceError:
    return ServiceError("AccessDenied", message, status=403)
