"""IAM through boto3: OpenID Connect providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.iam.asking import refused
from tests.serving import ACCOUNT


def test_a_provider_lives(iam: Any, fresh_name: Callable[..., str]) -> None:
    host = f"{fresh_name('oidc')}.example.com"
    url, tags = f"https://{host}/id", [{"Key": "k1", "Value": "v1"}]
    made = iam.create_open_id_connect_provider(
        Url=f"{url}?x=1", ThumbprintList=["b" * 40], ClientIDList=["one"], Tags=tags
    )
    arn = made["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}/id"
    with refused("EntityAlreadyExists", f"Provider with url {url} already exists."):
        iam.create_open_id_connect_provider(Url=url)
    of = {"OpenIDConnectProviderArn": arn}
    iam.add_client_id_to_open_id_connect_provider(**of, ClientID="two")
    iam.add_client_id_to_open_id_connect_provider(**of, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(**of, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(**of, ThumbprintList=["c" * 40, "d" * 40])
    shown = iam.get_open_id_connect_provider(**of)
    assert shown["Url"] == f"{host}/id"
    assert shown["ClientIDList"] == ["two"]
    assert shown["ThumbprintList"] == ["c" * 40, "d" * 40]
    assert shown["Tags"] == tags
    iam.tag_open_id_connect_provider(**of, Tags=[{"Key": "k2", "Value": "v2"}])
    page = iam.list_open_id_connect_provider_tags(**of, MaxItems=1)
    assert page["Tags"] == tags
    rest = iam.list_open_id_connect_provider_tags(**of, Marker=page["Marker"])
    assert [tag["Key"] for tag in rest["Tags"]] == ["k2"]
    iam.untag_open_id_connect_provider(**of, TagKeys=["k1", "k2"])
    assert iam.list_open_id_connect_provider_tags(**of)["Tags"] == []
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.delete_open_id_connect_provider(**of)
    with refused("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}"):
        iam.get_open_id_connect_provider(**of)
    with refused("NoSuchEntity", f"OpenId connect Provider {arn} cannot be found."):
        iam.add_client_id_to_open_id_connect_provider(**of, ClientID="three")
    iam.delete_open_id_connect_provider(**of)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"Url": "example.org"}, "ValidationError", "Invalid Open ID Connect Provider URL"),
        ({"Url": "ftp://example.org"}, "ValidationError", "Invalid Open ID Connect Provider URL"),
        ({"ThumbprintList": ["a" * 40] * 6}, "InvalidInput", "Thumbprint list must contain fewer"),
        (
            {"ClientIDList": [str(number) for number in range(101)]},
            "LimitExceeded",
            "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
        ),
        ({"ThumbprintList": ["a"]}, "ValidationError", "'thumbprintList'"),
    ],
)
def test_bad_providers_are_refused(iam: Any, arguments: Any, code: str, words: str) -> None:
    with refused(code, words):
        iam.create_open_id_connect_provider(**{"Url": "https://bad.example.org", **arguments})
