"""Which tokens are valid. What they open is in test_paywall.py."""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from inhouse.solutions.narration.edge import keys
from inhouse.solutions.narration.edge.keys import Unusable, jwks_file, key_file
from inhouse.solutions.narration.edge.tokens import Invalid, Tokens
from tests.solutions.narration.edge.signing import (
    OTHER,
    PRIVATE,
    SECRET,
    jwk,
    jwks,
    pem,
    private_pem,
    token,
    unsigned,
    written,
)
from tests.waiting import until

NOW = int(time.time())
DAY = 86_400


@pytest.fixture
def secret(tmp_path: Path) -> Tokens:
    return Tokens(key_file(written(tmp_path / "secret", SECRET + "\n")))


@pytest.fixture
def public(tmp_path: Path) -> Tokens:
    return Tokens(key_file(written(tmp_path / "public.pem", pem())))


def test_what_the_key_signed_is_valid(secret: Tokens, public: Tokens) -> None:
    for _ in range(2):  # The second time it is remembered.
        secret.verify(token())
        public.verify(token(PRIVATE, "RS256"))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        pytest.param(token(SECRET[:-1] + "?"), "signature", id="other-key"),
        pytest.param(token(exp=NOW - 60), "expired", id="expired"),
        pytest.param(token(exp=None), "no claim exp", id="no-expiry"),
        pytest.param(token(nbf=NOW + DAY), "not valid yet", id="not-yet"),
        pytest.param(token(iat=NOW + DAY), "not valid yet", id="issued-later"),
        pytest.param(token(algorithm="HS384"), "cannot be read", id="another-hash"),
        pytest.param(token(PRIVATE, "RS256"), "cannot be read", id="another-kind"),
        pytest.param(unsigned(), "cannot be read", id="unsigned"),
        pytest.param(unsigned(alg="None"), "cannot be read", id="unsigned-other-case"),
        pytest.param(token()[:-2], "cannot be read", id="cut-off"),
        pytest.param(token() + ".", "cannot be read", id="a-part-more"),
        pytest.param("", "cannot be read", id="empty"),
        pytest.param("a.b.c", "cannot be read", id="no-base64"),
        pytest.param("ü" * 50, "cannot be read", id="no-ascii"),
        pytest.param("." * 8000, "cannot be read", id="dots"),
        pytest.param("a" * 9000, "at most", id="too-long"),
        pytest.param(token(exp="soon"), "cannot be read", id="no-number"),
    ],
)
def test_what_is_not_valid(secret: Tokens, made: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason) as told:
        secret.verify(made)
    assert not made or made not in str(told.value)


def _segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "claims",
    ['{"exp": 1e999}', '{"exp": NaN}', "[" * 3000 + "]" * 3000, "[]"],
    ids=["infinite", "no-number", "deep", "no-object"],
)
def test_what_the_publisher_should_not_have_signed(secret: Tokens, claims: str) -> None:
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    signed = f"{_segment({'alg': 'HS256'})}.{body}"
    digest = hmac.digest(SECRET.encode(), signed.encode(), "sha256")
    with pytest.raises(Invalid):
        secret.verify(f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}")


@pytest.mark.parametrize(
    "header",
    [{"kid": ["a"]}, {"kid": 7}, {"crit": ["x"], "x": 1}, {"b64": False}, {"alg": ["HS256"]}],
)
def test_hostile_headers(secret: Tokens, header: dict[str, Any]) -> None:
    body = f"{_segment({'alg': 'HS256', **header})}.{_segment({'exp': NOW + DAY})}"
    digest = hmac.digest(SECRET.encode(), body.encode(), "sha256")
    with pytest.raises(Invalid):
        secret.verify(f"{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}")


def test_a_public_key_is_no_secret(public: Tokens) -> None:
    """The oldest confusion: an HS256 token signed with the public key that everybody has."""
    body = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment({'exp': NOW + DAY})}"
    for known in (pem(), pem().rstrip(b"\n")):
        digest = hmac.digest(known, body.encode(), "sha256")
        with pytest.raises(Invalid):
            public.verify(f"{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}")
    for made in (unsigned(), token(OTHER, "RS256"), token(PRIVATE, "RS512"), token()):
        with pytest.raises(Invalid):
            public.verify(made)


def test_clocks_may_differ_a_little(secret: Tokens) -> None:
    now = int(time.time())
    secret.verify(token(exp=now - 3))
    secret.verify(token(nbf=now + 5))


def test_a_remembered_token_expires_all_the_same(secret: Tokens) -> None:
    made = token(exp=int(time.time()) - 7)
    secret.verify(made)
    with pytest.raises(Invalid, match="expired"):
        until(lambda: secret.verify(made), "the end of the token")


def test_issuer_and_audience(tmp_path: Path) -> None:
    file = key_file(written(tmp_path / "secret", SECRET))
    strict = Tokens(file, "https://gazette.example", "audio")
    strict.verify(token(iss="https://gazette.example", aud=["audio", "web"]))
    for claims, reason in [
        ({"aud": "audio"}, "no claim iss"),
        ({"iss": "https://gazette.example"}, "no claim aud"),
        ({"iss": "https://gazette.example", "aud": "web"}, "another audience"),
        ({"iss": "https://other.example", "aud": "audio"}, "another issuer"),
    ]:
        with pytest.raises(Invalid, match=reason):
            strict.verify(token(**claims))
    Tokens(file).verify(token(iss="anyone", aud="anything"))


def test_without_a_key_nothing_is_valid() -> None:
    with pytest.raises(Invalid):
        Tokens(None).verify(token())


def test_a_set_of_keys(tmp_path: Path) -> None:
    shared = base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    file = jwks(
        tmp_path / "jwks.json",
        jwk(PRIVATE, "rsa"),
        {"kty": "oct", "kid": "shared", "k": shared},
        jwk(OTHER, "sealing", use="enc"),
        jwk(OTHER, "long", alg="RS512"),
        {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(curve)), "kid": "curve"},
    )
    tokens = Tokens(jwks_file(file))
    tokens.verify(token(PRIVATE, "RS256", kid="rsa"))
    tokens.verify(token(SECRET, "HS256", kid="shared"))
    for made in (
        token(SECRET, "HS256", kid="rsa"),
        token(PRIVATE, "RS256", kid="shared"),
        token(PRIVATE, "RS256", kid="unknown"),
        token(PRIVATE, "RS256"),
        token(OTHER, "RS256", kid="sealing"),
        token(OTHER, "RS256", kid="long"),
        token(OTHER, "RS256", kid="rsa"),
    ):
        with pytest.raises(Invalid):
            tokens.verify(made)


def test_a_set_that_changes_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "LOOK_SECONDS", 0.0)
    file = jwks(tmp_path / "jwks.json", jwk(PRIVATE, "old"))
    tokens = Tokens(jwks_file(file))
    old, new = token(PRIVATE, "RS256", kid="old"), token(OTHER, "RS256", kid="new")
    tokens.verify(old)
    jwks(file, jwk(OTHER, "new"))
    os.utime(file, ns=(1, 1))
    tokens.verify(new)
    with pytest.raises(Invalid):  # It was remembered, and is forgotten with its key.
        tokens.verify(old)
    for broken in ("{", '{"keys": []}'):
        file.write_text(broken)
        tokens.verify(new)
    file.unlink()
    tokens.verify(new)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"too-short", "9 bytes; HS256 takes at least 32"),
        (b"a" * 31 + b"\n", "31 bytes"),
        (private_pem(), "private key"),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "1024 bits"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no PEM"),
    ],
)
def test_keys_that_cannot_be_used(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=reason) as told:
        key_file(written(tmp_path / "key", data))
    assert "AAAA" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "no JWKS"),
        ('{"keys": {}}', "no JWKS"),
        ('{"keys": [{"kty": "EC"}, 7]}', "no key for"),
        ('{"keys": [{"kty": "RSA", "n": "AQAB"}]}', "cannot be read"),
        ('{"keys": [{"kty": "oct", "k": "c2hvcnQ"}]}', "5 bytes"),
        (json.dumps({"keys": [jwk(PRIVATE, "a"), jwk(OTHER, "a")]}), "two keys of the same kid"),
    ],
)
def test_sets_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        jwks_file(written(tmp_path / "jwks.json", text))


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read: No such file"):
        key_file(tmp_path / "none")
