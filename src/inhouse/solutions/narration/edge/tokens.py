"""Readers' tokens: JSON Web Tokens that the publisher's site signs for its subscribers. RFC 7519."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

if TYPE_CHECKING:
    from inhouse.solutions.narration.edge.keys import Key, KeyFile

LEEWAY_SECONDS = 10
"""By so much the clocks of publisher and edge may differ."""
LONGEST = 8_192
MOST_REMEMBERED = 10_000
REMEMBERED_SECONDS = 60.0
_REASONS = (
    (ExpiredSignatureError, "the token has expired"),
    (ImmatureSignatureError, "the token is not valid yet"),
    (InvalidAudienceError, "the token is for another audience"),
    (InvalidIssuerError, "the token is of another issuer"),
    (InvalidSignatureError, "the signature does not match"),
)


class Invalid(Exception):
    """A token that opens nothing; the text says why, and nothing of the token."""


class Tokens:
    """Verifies tokens with the keys of a file; without one no token is valid."""

    def __init__(
        self, keys: KeyFile | None, issuer: str | None = None, audience: str | None = None
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[bytes, float] = OrderedDict()
        self._reads = 0

    def verify(self, token: str) -> None:
        """Returns for a valid token. Raises Invalid."""
        if self._keys is None:
            raise Invalid("no tokens are accepted here")
        if len(token) > LONGEST:
            raise Invalid(f"a token has at most {LONGEST} characters")
        self._keys.look()
        if self._reads != self._keys.reads:
            self._verified.clear()
            self._reads = self._keys.reads
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if self._verified.get(digest, 0.0) > time.time():
            return
        self._remember(digest, self._expiry(token, self._keys.keys))

    def _remember(self, digest: bytes, expires: float) -> None:
        self._verified[digest] = min(expires + LEEWAY_SECONDS, time.time() + REMEMBERED_SECONDS)
        self._verified.move_to_end(digest)
        if len(self._verified) > MOST_REMEMBERED:
            self._verified.popitem(last=False)

    def _expiry(self, token: str, keys: tuple[Key, ...]) -> float:
        try:
            key = _named(jwt.get_unverified_header(token).get("kid"), keys)
            claims = self._claims(token, key)
            return float(claims["exp"])
        except MissingRequiredClaimError as error:
            raise Invalid(f"the token has no claim {error.claim}") from None
        except PyJWTError as error:
            reasons = (reason for kind, reason in _REASONS if isinstance(error, kind))
            raise Invalid(next(reasons, "the token cannot be read")) from None
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise Invalid("the token cannot be read") from None

    def _claims(self, token: str, key: Key) -> dict[str, Any]:
        required = ["exp"]
        required += ["iss"] if self._issuer is not None else []
        required += ["aud"] if self._audience is not None else []
        claims: dict[str, Any] = jwt.decode(
            token,
            key.material,
            algorithms=[key.algorithm],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_SECONDS,
            options={
                "require": required,
                "verify_aud": self._audience is not None,
                "verify_iss": self._issuer is not None,
                "verify_sub": False,
                "verify_jti": False,
                "enforce_minimum_key_length": True,
            },
        )
        return claims


def _named(kid: object, keys: tuple[Key, ...]) -> Key:
    """The key a token names. One that names none is checked with the only one there is."""
    if len(keys) == 1 and (kid is None or keys[0].kid is None):
        return keys[0]
    for key in keys:
        if key.kid is not None and key.kid == kid:
            return key
    raise Invalid(
        "the token names no key (kid)" if kid is None else "the token names an unknown key (kid)"
    )
