"""Security Token Service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inhouse.core.operations import ANY, reads, writes
from inhouse.core.principal import Principal
from inhouse.services.sts import assuming
from inhouse.services.sts.opening import denied, opened, shown
from inhouse.services.sts.web_identity import WebIdentity
from inhouse.wire.constraints import constrained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House

USER_TOKEN, ROOT_TOKEN = 43_200, 3_600
"""Seconds a GetSessionToken session lasts by default, and at most for a root user."""
_EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
_NOT = '{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":{},"Resource":"*"}}}}'
_STS = '"sts:DecodeAuthorizationMessage","sts:GetAccessKeyInfo","sts:GetFederationToken"'
_WITH_MFA = _NOT.format(f"[{_STS}]")
_WITHOUT_MFA = _NOT.format(f'["iam:*",{_STS}]')
_FEDERATED = _NOT.format('["iam:*","sts:*"]')
"""What user sessions may not do: STS but AssumeRole, and IAM without MFA; federated users neither.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
"""


def of_role(call: Call, req: Mapping[str, Any]) -> str:
    """The role to be assumed, in whichever account it is."""
    return assuming.check_arn(req["RoleArn"])


def of_federated(call: Call, req: Mapping[str, Any]) -> str:
    return f"arn:aws:sts::{call.account}:federated-user/{req['Name']}"


@constrained("sts")
class StsService(WebIdentity):
    """Temporary credentials. Sessions are rows of IAM, reached through `house.identities`."""

    name = "sts"

    def __init__(self, house: House) -> None:
        super().__init__(house)

    @reads(None)
    def get_caller_identity(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        who = call.principal
        return {"UserId": who.unique_id, "Account": who.account, "Arn": who.arn}

    @reads("sts:GetAccessKeyInfo", ANY)
    def get_access_key_info(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        key = self._house.identities.key(call.tx, req["AccessKeyId"])
        if key is None:
            raise assuming.invalid(
                f"Invalid parameter: access key ID {req['AccessKeyId']} is unknown."
            )
        return {"Account": key.principal.account}

    @writes("sts:AssumeRole", of_role, keys=assuming.keys)
    def assume_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        role = self._house.identities.role(call.tx, req["RoleArn"])
        if call.principal.kind == "root":
            raise denied("Roles may not be assumed by root accounts.")
        if role is None:
            raise denied(
                f"User: {call.principal.arn} is not authorized to perform: sts:AssumeRole on "
                f"resource: {req['RoleArn']}"
            )
        seconds = assuming.duration(call, req, role)
        tags, source = assuming.session_tags(call, req), assuming.source_identity(call, req)
        keys = assuming.keys(call, req)
        if tags:
            call.require("sts:TagSession", role.arn, keys)
        if source:
            call.require("sts:SetSourceIdentity", role.arn, keys)
        narrowing = assuming.narrowing(call, req, role.account, req.get("Tags", ()))
        mfa = assuming.shows_mfa(call, req, spend=True)
        passed = req.get("TransitiveTagKeys", ())
        principal = self._house.identities.role_principal(
            role,
            req["RoleSessionName"],
            session_policies=narrowing.policies,
            tags=tags,
            context=assuming.session_context(call, passed, tags, source, mfa=mfa),
        )
        return opened(call, principal, seconds, narrowing.packed, source)

    @writes(None)
    def get_session_token(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        who = call.principal
        if who.kind not in ("user", "root") or who.access_key_id.startswith("ASIA"):
            raise denied("Cannot call GetSessionToken with session credentials")
        mfa = assuming.shows_mfa(call, req, spend=True)
        principal = replace(
            who,
            session_policies=(_EVERYTHING, _WITH_MFA if mfa else _WITHOUT_MFA),
            context=assuming.issued(call, mfa=mfa),
        )
        seconds = _user_seconds(call, req)
        made = self._house.identities.open_session(call.tx, principal, seconds=seconds)
        return {"Credentials": shown(made)}

    @writes("sts:GetFederationToken", of_federated, keys=assuming.tag_keys)
    def get_federation_token(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """A session with what the caller and the given policies both allow, and without IAM."""
        who, name = call.principal, req["Name"]
        if who.kind not in ("user", "root") or who.access_key_id.startswith("ASIA"):
            raise denied("Cannot call GetFederationToken with session credentials")
        arn = of_federated(call, req)
        tags = assuming.session_tags(call, req)
        if tags:
            call.require("sts:TagSession", arn, assuming.tag_keys(call, req))
        narrowing = assuming.narrowing(call, req, who.account, req.get("Tags", ()))
        principal = Principal(
            kind="user",
            account=who.account,
            arn=arn,
            identity_arn=who.arn,
            unique_id=f"{who.account}:{name}",
            session_policies=(*narrowing.policies, _FEDERATED),
            tags={**who.tags, **tags},
            context=assuming.issued(call, mfa=False),
            behind=who.unique_id,
        )
        made = self._house.identities.open_session(
            call.tx, principal, seconds=_user_seconds(call, req)
        )
        return {
            "Credentials": shown(made),
            "FederatedUser": {"FederatedUserId": principal.unique_id, "Arn": arn},
            "PackedPolicySize": narrowing.packed or 0,
        }


def _user_seconds(call: Call, req: Mapping[str, Any]) -> int:
    seconds: int = req.get("DurationSeconds", USER_TOKEN)
    return min(seconds, ROOT_TOKEN) if call.principal.kind == "root" else seconds
