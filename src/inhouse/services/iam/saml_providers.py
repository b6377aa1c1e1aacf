"""SAML providers: kept and given back; nobody assumes a role with SAML here yet.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lxml import etree

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads, writes
from inhouse.services.iam import answers, names, resource_rows, resources, targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KIND = "saml-provider"
PROVIDERS = 100
_VALID = timedelta(days=36_500)
"""How long metadata holds that does not say so itself."""
_ENTITY = "{urn:oasis:names:tc:SAML:2.0:metadata}EntityDescriptor"
_OF = targets.of_member("SAMLProviderArn")


def _of_new(call: Call, req: Mapping[str, Any]) -> str:
    return targets.arn(call, f"{KIND}/{req['Name']}")


class SamlProviders:
    """CreateSAMLProvider and its kin."""

    @writes("iam:CreateSAMLProvider", _of_new, keys=targets.tag_keys)
    def create_saml_provider(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        _refuse_keys(req)
        name, valid = req["Name"], _valid_until(req["SAMLMetadataDocument"], call.now)
        if resource_rows.named(call.tx, call.account, KIND, name) is not None:
            raise names.exists(f"SAMLProvider {name} already exists.")
        if resource_rows.count(call.tx, call.account, KIND) >= PROVIDERS:
            raise names.too_many("SAMLProvidersPerAccount", PROVIDERS)
        row = resources.make(
            call,
            KIND,
            name,
            req,
            prefix="ASAM",
            metadata=req["SAMLMetadataDocument"],
            valid=valid,
            uuid=call.house.ids.unique(call.house.ids.unique("")),
        )
        tags = {"Tags": resources.tags(row)} if req.get("Tags") else {}
        return {"SAMLProviderArn": resource_rows.arn(row), **tags}

    @reads("iam:GetSAMLProvider", _OF)
    def get_saml_provider(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _found(call, req)
        facts = resource_rows.details(row)
        return {
            "SAMLProviderUUID": facts["uuid"],
            "SAMLMetadataDocument": facts["metadata"],
            "CreateDate": answers.date(row["created"]),
            "ValidUntil": answers.date(facts["valid"]),
            "Tags": resources.tags(row),
            "PrivateKeyList": [],
        }

    @reads("iam:ListSAMLProviders", ANY)
    def list_saml_providers(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found = [
            {
                "Arn": resource_rows.arn(row),
                "ValidUntil": answers.date(resource_rows.details(row)["valid"]),
                "CreateDate": answers.date(row["created"]),
            }
            for row in resource_rows.of_kind(call.tx, call.account, KIND)
        ]
        return {"SAMLProviderList": found}

    @writes("iam:UpdateSAMLProvider", _OF)
    def update_saml_provider(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        _refuse_keys(req)
        row = _found(call, req)
        if "SAMLMetadataDocument" in req:
            text = req["SAMLMetadataDocument"]
            changed = {"metadata": text, "valid": _valid_until(text, call.now)}
            resource_rows.change(call.tx, row, details=changed)
        return {"SAMLProviderArn": resource_rows.arn(row)}

    @writes("iam:DeleteSAMLProvider", _OF)
    def delete_saml_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        resource_rows.drop(call.tx, _found(call, req))

    @writes("iam:TagSAMLProvider", _OF, keys=targets.tag_keys)
    def tag_saml_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.tag(call, _found(call, req), req)

    @writes("iam:UntagSAMLProvider", _OF, keys=targets.tag_keys)
    def untag_saml_provider(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.untag(call, _found(call, req), req)

    @reads("iam:ListSAMLProviderTags", _OF)
    def list_saml_provider_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return resources.list_tags(_found(call, req), req)


def _refuse_keys(req: Mapping[str, Any]) -> None:
    for member in ("AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey"):
        if member in req:
            raise ServiceError("InvalidInput", f"{member}: assertions are not decrypted here.")


def _found(call: Call, req: Mapping[str, Any]) -> Row:
    arn = names.check_arn(req["SAMLProviderArn"], KIND)
    row = resource_rows.named(call.tx, call.account, KIND, arn.partition("/")[2])
    if row is None or resource_rows.arn(row) != arn:
        raise names.not_found(f"Manifest not found for arn {arn}")
    return row


def _valid_until(text: str, now: datetime) -> float:
    """Until when a metadata document holds. Raises InvalidInput for what is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise _unreadable("it is not XML") from None
    if root.tag != _ENTITY or not root.get("entityID"):
        raise _unreadable("expected an EntityDescriptor with an entityID")
    until = root.get("validUntil")
    if until is None:
        return (now + _VALID).timestamp()
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise _unreadable(f"validUntil {until!r} is no date") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _unreadable(reason: str) -> ServiceError:
    return ServiceError("InvalidInput", f"Could not parse metadata: {reason}.")
