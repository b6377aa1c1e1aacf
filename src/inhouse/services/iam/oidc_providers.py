"""OpenID Connect providers whose users may assume roles.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads
from inhouse.services.iam import answers, names, resource_rows, resources, targets
from inhouse.services.iam.changing import changes
from inhouse.services.iam.issuers import bare, is_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KIND = "oidc-provider"
PROVIDERS, CLIENTS, THUMBPRINTS = 100, 100, 5
_OF = targets.of_member("OpenIDConnectProviderArn")


class OidcProviders:
    """CreateOpenIDConnectProvider and its kin."""

    @changes("iam:CreateOpenIDConnectProvider", targets.of_new_issuer, keys=targets.tag_keys)
    def create_open_id_connect_provider(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        url, clients = req["Url"], list(dict.fromkeys(req.get("ClientIDList", ())))
        if not is_url(url):
            raise names.invalid("Invalid Open ID Connect Provider URL")
        thumbprints = _thumbprints(req.get("ThumbprintList", ()))
        _check_clients(clients)
        if resource_rows.named(call.tx, call.account, KIND, bare(url)) is not None:
            raise names.exists(f"Provider with url {url} already exists.")
        if resource_rows.count(call.tx, call.account, KIND) >= PROVIDERS:
            raise names.too_many("OpenIdConnectProvidersPerAccount", PROVIDERS)
        row = resources.make(
            call,
            KIND,
            bare(url),
            {"Path": "/", "Tags": req.get("Tags", ())},
            prefix="AOIP",
            clients=clients,
            thumbprints=thumbprints,
        )
        made: dict[str, Any] = {"OpenIDConnectProviderArn": resource_rows.arn(row)}
        return {**made, "Tags": resources.tags(row)} if resources.tags(row) else made

    @reads("iam:GetOpenIDConnectProvider", _OF)
    def get_open_id_connect_provider(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _found(call, req, "OpenIDConnect Provider not found for arn {arn}")
        facts = resource_rows.details(row)
        return {
            "Url": row["name"],
            "ClientIDList": facts["clients"],
            "ThumbprintList": facts["thumbprints"],
            "CreateDate": answers.date(row["created"]),
            "Tags": resources.tags(row),
        }

    @reads("iam:ListOpenIDConnectProviders", ANY)
    def list_open_id_connect_providers(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found = resource_rows.of_kind(call.tx, call.account, KIND)
        return {"OpenIDConnectProviderList": [{"Arn": resource_rows.arn(row)} for row in found]}

    @changes("iam:DeleteOpenIDConnectProvider", _OF)
    def delete_open_id_connect_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        """Deletes the provider; one that is not there is deleted already."""
        row = _row(call, req)
        if row is not None:
            resource_rows.drop(call.tx, row)

    @changes("iam:UpdateOpenIDConnectProviderThumbprint", _OF)
    def update_open_id_connect_provider_thumbprint(
        self, call: Call, req: Mapping[str, Any]
    ) -> None:
        row = _found(call, req)
        thumbprints = _thumbprints(req["ThumbprintList"])
        resource_rows.change(call.tx, row, details={"thumbprints": thumbprints})

    @changes("iam:AddClientIDToOpenIDConnectProvider", _OF)
    def add_client_id_to_open_id_connect_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        row = _found(call, req)
        known = resource_rows.details(row)["clients"]
        clients = list(dict.fromkeys([*known, req["ClientID"]]))
        _check_clients(clients)
        resource_rows.change(call.tx, row, details={"clients": clients})

    @changes("iam:RemoveClientIDFromOpenIDConnectProvider", _OF)
    def remove_client_id_from_open_id_connect_provider(
        self, call: Call, req: Mapping[str, Any]
    ) -> None:
        row = _found(call, req)
        known = resource_rows.details(row)["clients"]
        clients = [one for one in known if one != req["ClientID"]]
        resource_rows.change(call.tx, row, details={"clients": clients})

    @changes("iam:TagOpenIDConnectProvider", _OF, keys=targets.tag_keys)
    def tag_open_id_connect_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.tag(call, _found(call, req), req)

    @changes("iam:UntagOpenIDConnectProvider", _OF, keys=targets.tag_keys)
    def untag_open_id_connect_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.untag(call, _found(call, req), req)

    @reads("iam:ListOpenIDConnectProviderTags", _OF)
    def list_open_id_connect_provider_tags(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return resources.list_tags(_found(call, req), req)


def _found(
    call: Call,
    req: Mapping[str, Any],
    missing: str = "OpenId connect Provider {arn} cannot be found.",
) -> Row:
    row = _row(call, req)
    if row is None:
        raise names.not_found(missing.format(arn=req["OpenIDConnectProviderArn"]))
    return row


def _row(call: Call, req: Mapping[str, Any]) -> Row | None:
    arn = names.check_arn(req["OpenIDConnectProviderArn"], KIND)
    row = resource_rows.named(call.tx, call.account, KIND, arn.partition("/")[2])
    return row if row is not None and resource_rows.arn(row) == arn else None


def _thumbprints(given: Sequence[str]) -> list[str]:
    if len(given) > THUMBPRINTS:
        raise ServiceError(
            "InvalidInput", f"Thumbprint list must contain fewer than {THUMBPRINTS} entries."
        )
    return list(given)


def _check_clients(clients: Sequence[str]) -> None:
    if len(clients) > CLIENTS:
        raise names.too_many("ClientIdsPerOpenIdConnectProvider", CLIENTS)
