"""STS through boto3: roles for tokens of an OpenID Connect provider, here a server of our own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from inhouse.core.errors import ServiceError
from inhouse.core.ports import OidcProvider
from inhouse.services.sts import tokens
from tests.services.iam.asking import allow, refused
from tests.serving import ACCOUNT


class Provider:
    """An identity provider: publishes its keys, signs tokens."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.requests: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.requests.append(self.path)
                body = json.dumps(provider.document(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}/realms/press"
        self.url = f"http://{self.host}"
        self.new_key("first")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def new_key(self, name: str, key: Any = None) -> None:
        self.keys[name] = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def document(self, path: str) -> Any:
        if path.endswith("openid-configuration"):
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        return {"keys": [self._public(name, key) for name, key in self.keys.items()]}

    def _public(self, name: str, key: Any) -> Any:
        is_rsa = isinstance(key, rsa.RSAPrivateKey)
        kind: Any = jwt.algorithms.RSAAlgorithm if is_rsa else jwt.algorithms.ECAlgorithm
        return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig"}

    def token(self, key: str = "first", algorithm: str = "RS256", **claims: Any) -> str:
        now = int(time.time())
        given = {
            "iss": self.url,
            "sub": "reader-7",
            "aud": "app",
            "iat": now,
            "exp": now + 600,
            **claims,
        }
        kept = {name: value for name, value in given.items() if value is not None}
        return jwt.encode(kept, self.keys[key], algorithm=algorithm, headers={"kid": key})


def impostor(provider: Provider) -> Provider:
    """Says that it is another, and has keys of its own."""
    made = Provider()
    made.server.shutdown()
    made.url = provider.url
    return made


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()


@pytest.fixture
def registered(iam: Any, provider: Provider) -> Iterator[str]:
    arn = iam.create_open_id_connect_provider(Url=provider.url, ClientIDList=["app", "web"])
    yield arn["OpenIDConnectProviderArn"]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn["OpenIDConnectProviderArn"])


@pytest.fixture
def anonymous(two: Any) -> Any:
    config = Config(signature_version=UNSIGNED, retries={"max_attempts": 0})
    return two[0].client("sts", config=config)


@pytest.fixture
def make_role(iam: Any, registered: str, fresh_name: Callable[..., str]) -> Callable[..., str]:
    def make(*actions: str, policy: str | None = None, **condition: Any) -> str:
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"Federated": registered},
            "Action": ["sts:AssumeRoleWithWebIdentity", *actions],
        }
        if condition:
            statement["Condition"] = condition
        name = fresh_name("web")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if policy:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
        return arn

    return make


def test_a_token_opens_a_role(
    anonymous: Any,
    provider: Provider,
    registered: str,
    make_role: Callable[..., str],
    as_session: Callable[..., Any],
) -> None:
    host = provider.host
    own = f"arn:aws:ssm:*:*:parameter/${{{host}:sub}}"
    role = make_role(
        policy=allow("ssm:PutParameter", resource=own),
        StringEquals={f"{host}:aud": "app", f"{host}:sub": "reader-7"},
    )
    answer = anonymous.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="reader", WebIdentityToken=provider.token()
    )
    assert answer["SubjectFromWebIdentityToken"] == "reader-7"
    assert (answer["Audience"], answer["Provider"]) == ("app", registered)
    name = role.rpartition("/")[2]
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/reader"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    ssm = as_session(answer, "ssm")
    ssm.put_parameter(Name="reader-7", Value="x", Type="String", Overwrite=True)
    with refused("AccessDeniedException"):
        ssm.put_parameter(Name="reader-8", Value="x", Type="String")


@pytest.mark.parametrize(
    ("claims", "code", "words"),
    [
        ({"exp": 1}, "ExpiredTokenException", "Token expired"),
        ({"aud": "other"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"azp": "other"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"sub": None}, "InvalidIdentityToken", "sub"),
        ({"exp": None}, "InvalidIdentityToken", "exp"),
        ({"iss": None}, "InvalidIdentityToken", "iss"),
        ({"iss": "https://elsewhere.example"}, "InvalidIdentityToken", "No OpenIDConnect provider"),
        ({"nbf": 99999999999}, "InvalidIdentityToken", "not valid yet"),
        ({"sub": "stranger"}, "AccessDenied", "Not authorized to perform sts:AssumeRoleWith"),
        ({"https://aws.amazon.com/tags": {"principal_tags": {"a": []}}}, "InvalidIdentityToken", ""),
        ({"https://aws.amazon.com/tags": {"principal_tags": {"a": ["b"]}}}, "AccessDenied", "TagSession"),
    ],
)  # fmt: skip
def test_other_tokens_do_not(
    anonymous: Any,
    provider: Provider,
    make_role: Callable[..., str],
    claims: Any,
    code: str,
    words: str,
) -> None:
    role = make_role(StringEquals={f"{provider.host}:sub": "reader-7"})
    with refused(code, words):
        anonymous.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="reader", WebIdentityToken=provider.token(**claims)
        )


def test_forged_tokens_do_not(
    anonymous: Any, provider: Provider, make_role: Callable[..., str]
) -> None:
    role = make_role()
    forger = impostor(provider)
    good = provider.token()
    unsigned = jwt.encode(
        jwt.decode(good, options={"verify_signature": False}), None, algorithm="none"
    )
    head, body, signature = good.split(".")
    for token in (
        forger.token(),
        unsigned,
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        "no.token.x",
    ):
        with refused("InvalidIdentityToken"):
            anonymous.assume_role_with_web_identity(
                RoleArn=role, RoleSessionName="reader", WebIdentityToken=token
            )


def test_keys_are_remembered(
    anonymous: Any, provider: Provider, make_role: Callable[..., str]
) -> None:
    ask = {"RoleArn": make_role(), "RoleSessionName": "reader"}
    anonymous.assume_role_with_web_identity(**ask, WebIdentityToken=provider.token())
    before = len(provider.requests)
    anonymous.assume_role_with_web_identity(**ask, WebIdentityToken=provider.token())
    assert len(provider.requests) == before
    forger = impostor(provider)
    forger.new_key("unknown")
    with refused("InvalidIdentityToken", "does not publish"):
        anonymous.assume_role_with_web_identity(**ask, WebIdentityToken=forger.token("unknown"))


async def test_new_keys_are_fetched_when_a_token_names_one(provider: Provider) -> None:
    clock = SimpleNamespace(now=1000.0)
    keys: Any = tokens.Keys(SimpleNamespace(steady=lambda: clock.now))
    await keys.key(provider.url, "first")
    provider.new_key("curve", ec.generate_private_key(ec.SECP256R1()))
    before = len(provider.requests)
    with pytest.raises(ServiceError, match="does not publish"):
        await keys.key(provider.url, "curve")  # not again so soon
    assert len(provider.requests) == before
    clock.now += tokens.ANEW + 1
    key = await keys.key(provider.url, "curve")
    token = provider.token("curve", "ES256")
    assert jwt.decode(token, key, algorithms=["ES256"], audience="app")["sub"] == "reader-7"
    facts = OidcProvider("arn", ("app",))
    forger = impostor(provider)
    forger.new_key("curve")
    with pytest.raises(ServiceError, match="cannot be verified"):
        await tokens.verified(forger.token("curve"), facts, keys, time.time())
    with pytest.raises(ServiceError, match="does not publish"):
        await keys.key(provider.url, None)  # which of the two?


def test_tags_and_source_identity_come_with_the_token(
    anonymous: Any,
    provider: Provider,
    make_role: Callable[..., str],
    as_session: Callable[..., Any],
) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/desk": "news", "aws:SourceIdentity": "ann"}}
    role = make_role(
        "sts:TagSession",
        "sts:SetSourceIdentity",
        policy=allow("ssm:DescribeParameters", Condition=condition),
    )
    tags = {"principal_tags": {"desk": ["news"]}, "transitive_tag_keys": ["desk"]}
    token = provider.token(
        **{"https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "ann"}
    )
    answer = anonymous.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="reader", WebIdentityToken=token
    )
    assert answer["SourceIdentity"] == "ann"
    as_session(answer, "ssm").describe_parameters()


def test_a_silent_provider_is_told(
    iam: Any, anonymous: Any, provider: Provider, fresh_name: Callable[..., str]
) -> None:
    gone = Provider()
    gone.server.shutdown()
    gone.server.server_close()
    arn = iam.create_open_id_connect_provider(Url=gone.url, ClientIDList=["app"])
    with refused("InvalidIdentityToken", "Couldn't retrieve verification key"):
        anonymous.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
            RoleSessionName="reader",
            WebIdentityToken=gone.token(),
        )
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn["OpenIDConnectProviderArn"])
