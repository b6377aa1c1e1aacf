"""AssumeRoleWithWebIdentity: a role for who shows a token of a trusted OpenID Connect provider.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import works
from inhouse.core.principal import Principal
from inhouse.services.sts import assuming, tokens
from inhouse.services.sts.opening import denied, opened
from inhouse.wire.constraints import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, OidcProvider, RoleFacts
    from inhouse.services.sts.assuming import Keys

ACTION = "sts:AssumeRoleWithWebIdentity"
_TAGS = "https://aws.amazon.com/tags"
_SOURCE = "https://aws.amazon.com/source_identity"


class WebIdentity:
    """Unsigned: the token is the credential."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._keys = tokens.Keys(house.clock)

    @works(None, anonymous=True)
    async def assume_role_with_web_identity(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        if "ProviderId" in req:
            raise assuming.invalid("ProviderId is for OAuth 2.0 access tokens; OIDC tokens only.")
        token, issuer = req["WebIdentityToken"], tokens.issuer_of(req["WebIdentityToken"])
        account = assuming.check_arn(req["RoleArn"]).split(":")[4]
        provider = self._house.identities.oidc_provider(call.tx, account, issuer)
        if provider is None:
            raise tokens.untrusted(f"No OpenIDConnect provider found in your account for {issuer}")
        claims = await tokens.verified(token, provider, self._keys, call.now.timestamp())
        role = self._house.identities.role(call.tx, req["RoleArn"])
        if role is None:
            raise denied(f"Not authorized to perform {ACTION}")
        return await call.write(_assume, req, role, provider, claims)


def _assume(
    call: Call,
    req: Mapping[str, Any],
    role: RoleFacts,
    provider: OidcProvider,
    claims: tokens.Claims,
) -> dict[str, Any]:
    known = _provider_keys(provider, claims)
    guest = replace(
        call,
        principal=Principal("federated", "", provider.arn, context=known),
        account=role.account,
    )
    tagged = _session_tags(claims)
    tags = assuming.session_tags(guest, tagged)
    source: str | None = claims.all.get(_SOURCE)
    named = {"SourceIdentity": str(source)} if source else {}
    check("sts", "AssumeRole", named, {})
    keys = assuming.keys(guest, {**req, **tagged, **named})
    _require(guest, role, ACTION, keys)
    if tags:
        _require(guest, role, "sts:TagSession", keys)
    if source:
        _require(guest, role, "sts:SetSourceIdentity", keys)
    narrowing = assuming.narrowing(guest, req, role.account, tagged["Tags"])
    principal = call.house.identities.role_principal(
        role,
        req["RoleSessionName"],
        session_policies=narrowing.policies,
        tags=tags,
        context={
            **assuming.session_context(guest, tagged["TransitiveTagKeys"], tags, source),
            **known,
            "aws:FederatedProvider": provider.arn,
        },
    )
    seconds = assuming.duration(guest, req, role)
    return {
        **opened(call, principal, seconds, narrowing.packed, source),
        "SubjectFromWebIdentityToken": claims.subject,
        "Audience": claims.audience,
        "Provider": provider.arn,
    }


def _require(guest: Call, role: RoleFacts, action: str, keys: Keys) -> None:
    try:
        guest.require(action, role.arn, keys)
    except ServiceError:
        raise denied(f"Not authorized to perform {action}") from None


def _provider_keys(provider: OidcProvider, claims: tokens.Claims) -> dict[str, str | list[str]]:
    """`PROVIDER:sub`, `PROVIDER:aud` and `PROVIDER:amr`, which sessions keep.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    name = provider.arn.partition(":oidc-provider/")[2]
    keys: dict[str, str | list[str]] = {
        f"{name}:sub": claims.subject,
        f"{name}:aud": claims.audience,
    }
    methods = claims.all.get("amr")
    if isinstance(methods, list):
        keys[f"{name}:amr"] = [str(one) for one in methods]
    return keys


def _session_tags(claims: tokens.Claims) -> dict[str, Any]:
    """The tags that a token carries, as a request would give them."""
    given = claims.all.get(_TAGS, {})
    try:
        pairs = dict(given.get("principal_tags", {}))
        tagged = {
            "Tags": [{"Key": key, "Value": _only(value)} for key, value in pairs.items()],
            "TransitiveTagKeys": [str(key) for key in given.get("transitive_tag_keys", ())],
        }
    except (AttributeError, TypeError, ValueError):
        raise tokens.untrusted(f"The claim {_TAGS} is not as STS documents it.") from None
    check("sts", "AssumeRole", tagged, {})
    return tagged


def _only(value: Any) -> str:
    """Tokens give a tag's value in a list of one, or plainly."""
    if isinstance(value, list):
        (value,) = value
    return str(value)
