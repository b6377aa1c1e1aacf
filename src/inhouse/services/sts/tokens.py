"""ID tokens of OpenID Connect providers: signature, times, audience.

The keys are those that the provider publishes, found as OpenID Connect Discovery says.
https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import jwt

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.clock import Clock
    from inhouse.core.ports import OidcProvider

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
LEEWAY = 300.0
"""Seconds that the provider's clock may be away from ours."""
KEPT, ANEW = 3600.0, 30.0
"""Seconds that keys are kept; an unknown key is looked for again, but not more often than that."""
_PATIENCE, _LARGEST = 5.0, 1 << 20
_ISSUERS = 256


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. `audience` is `azp` where the token has one, as STS takes it."""

    subject: str
    audience: str
    all: Mapping[str, Any]


class Keys:
    """The public keys of issuers, fetched and remembered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, list[jwt.PyJWK]]] = {}

    async def key(self, issuer: str, key_id: str | None) -> Any:
        """The key of that id; the only one where a token names none. Raises a ServiceError."""
        since, keys = self._known.get(issuer, (0.0, []))
        age = self._clock.steady() - since
        found = _chosen(keys, key_id)
        if age > KEPT or (found is None and age > ANEW):
            keys = await _published(issuer)
            if len(self._known) >= _ISSUERS:
                self._known.clear()
            self._known[issuer] = (self._clock.steady(), keys)
            found = _chosen(keys, key_id)
        if found is None:
            raise untrusted("The token is signed with a key that its issuer does not publish.")
        return found.key


def issuer_of(token: str) -> str:
    """Who a token says made it, not verified yet."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.PyJWTError:
        raise untrusted("The ID Token provided is not a valid JWT.") from None
    if not isinstance(issuer, str) or not issuer:
        raise untrusted("Missing a required claim: iss")
    return issuer


async def verified(token: str, provider: OidcProvider, keys: Keys, now: float) -> Claims:
    """The claims of a token that `provider` made for one of its clients and that holds now."""
    issuer, key_id = issuer_of(token), jwt.get_unverified_header(token).get("kid")
    key = await keys.key(issuer, key_id if isinstance(key_id, str) else None)
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            options={
                "require": ["exp", "iat", "sub", "aud"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
    except jwt.MissingRequiredClaimError as problem:
        raise untrusted(f"Missing a required claim: {problem.claim}") from None
    except (jwt.PyJWTError, TypeError, ValueError) as problem:
        raise untrusted(f"The token cannot be verified: {problem}") from None
    _check_times(claims, now)
    return Claims(str(claims["sub"]), _audience(claims, provider), claims)


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    times = {name: claims.get(name, now) for name in ("exp", "iat", "nbf")}
    if not all(isinstance(one, int | float) for one in times.values()):
        raise untrusted("exp, iat and nbf must be numbers of seconds since 1970.")
    if times["exp"] <= now:
        raise ServiceError(
            "ExpiredTokenException",
            f"Token expired: current date/time {int(now)} must be before the expiration date/time "
            f"{int(times['exp'])}",
            status=400,
        )
    if max(times["iat"], times["nbf"]) > now + LEEWAY:
        raise untrusted("The token is not valid yet.")


def _audience(claims: Mapping[str, Any], provider: OidcProvider) -> str:
    given = claims.get("azp") or claims["aud"]
    audiences = given if isinstance(given, list) else [given]
    for one in audiences:
        if one in provider.clients:
            return str(one)
    raise untrusted("Incorrect token audience")


def _chosen(keys: list[jwt.PyJWK], key_id: str | None) -> jwt.PyJWK | None:
    if key_id is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.key_id == key_id), None)


async def _published(issuer: str) -> list[jwt.PyJWK]:
    """The signing keys in the JWKS document that the issuer's configuration names."""
    async with httpx.AsyncClient(timeout=_PATIENCE, follow_redirects=False) as client:
        try:
            settings = await _document(
                client, f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            )
            if settings.get("issuer") != issuer:
                raise untrusted("The issuer's configuration names another issuer.")
            published = await _document(client, str(settings["jwks_uri"]))
            return [
                jwt.PyJWK(one)
                for one in published["keys"]
                if one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig"
            ]
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _silent() from None
        except (ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
            raise _silent() from None


async def _document(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        body = b""
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > _LARGEST:
                raise ValueError("the document is too long")
    found: dict[str, Any] = json.loads(body)
    return found


def _silent() -> ServiceError:
    return ServiceError(
        "InvalidIdentityToken",
        "Couldn't retrieve verification key from your identity provider, please reference "
        "AssumeRoleWithWebIdentity documentation for requirements",
        status=400,
    )


def untrusted(message: str) -> ServiceError:
    return ServiceError("InvalidIdentityToken", message, status=400)
