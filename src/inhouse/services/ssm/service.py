"""Parameters and their tags. Names and keys are those of boto3's `ssm` client."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.core.ports import ResourceFacts
from inhouse.services.ssm import names, rows
from inhouse.services.ssm.listing import Listing
from inhouse.services.ssm.secret import Vault
from inhouse.services.ssm.tagging import Tagging
from inhouse.wire.constraints import constrained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row, Tx
    from inhouse.services.ssm.names import Selector

SIZES = {"Standard": 4096, "Advanced": 8192}
"""Bytes a value may have, by tier."""
LARGER = (
    ". To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier"
)
HISTORY = 100
"""Versions kept; the oldest without a label makes room for a new one."""
DEFAULT_KEY = "alias/aws/ssm"


@constrained("ssm", code="ValidationException")
class SsmService(Listing, Tagging):
    """Systems Manager's Parameter Store."""

    name = "ssm"

    def __init__(self, house: House) -> None:
        self._vault = Vault(house.data / "ssm")

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """A parameter's owner and tags; parameters have no policies of their own here."""
        parts = arn.split(":", 5)
        if len(parts) != 6 or not parts[5].startswith("parameter/"):
            return None
        plain = parts[5].removeprefix("parameter/")
        named = [names.Selector(parts[4], parts[3], name, "") for name in (plain, f"/{plain}")]
        return ResourceFacts(
            parts[4], tags=lambda: {**rows.tags_of(tx, named[0]), **rows.tags_of(tx, named[1])}
        )

    @writes("ssm:PutParameter", names.of_name)
    def put_parameter(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.select(call, req["Name"])
        names.check(chosen.name)
        chosen = rows.stored(call.tx, chosen)
        current = rows.latest(call.tx, chosen)
        if current is not None and not req.get("Overwrite"):
            raise ServiceError(
                "ParameterAlreadyExists",
                "The parameter already exists. To overwrite this value, set the overwrite option in "
                "the request to true.",
            )
        if req.get("Overwrite") and req.get("Tags"):
            raise ServiceError(
                "ValidationException",
                "Invalid request: tags and overwrite can't be used together. To create a parameter "
                "with tags, please remove overwrite flag. To update tags for an existing parameter, "
                "please use AddTagsToResource or RemoveTagsFromResource.",
            )
        tier = _tier(req)
        kind = _type(req, current)
        _check_value(req, kind, tier)
        version = current["version"] + 1 if current is not None else 1
        self._make_room(call, chosen, version)
        rows.add(
            call.tx,
            chosen,
            version,
            type=kind,
            value=self._stored(chosen, kind, req["Value"]),
            key_id=(req.get("KeyId") or DEFAULT_KEY) if kind == "SecureString" else None,
            tier=tier,
            data_type=req.get("DataType", "text"),
            description=req.get("Description", current["description"] if current else None),
            allowed_pattern=req.get("AllowedPattern"),
            labels="[]",
            modified=call.house.clock.time(),
            modified_by=call.principal.arn,
        )
        for tag in req.get("Tags", ()):
            rows.tag(call.tx, chosen, tag["Key"], tag["Value"])
        return {"Version": version, "Tier": tier}

    @reads("ssm:GetParameter", names.of_name)
    def get_parameter(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = rows.stored(call.tx, names.select(call, req["Name"]))
        row = rows.selected(call.tx, chosen)
        if row is None:
            raise _missing(call, chosen)
        return {"Parameter": self._shown(row, chosen.suffix, bool(req.get("WithDecryption")))}

    @reads("ssm:GetParameters", names.of_names)
    def get_parameters(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found, invalid = [], []
        for name in dict.fromkeys(req["Names"]):
            chosen = rows.stored(call.tx, names.select(call, name))
            row = rows.selected(call.tx, chosen)
            if row is None:
                invalid.append(name)
            else:
                found.append(self._shown(row, chosen.suffix, bool(req.get("WithDecryption"))))
        return {"Parameters": found, "InvalidParameters": invalid}

    @writes("ssm:DeleteParameter", names.of_name)
    def delete_parameter(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = rows.stored(call.tx, names.select(call, req["Name"]))
        if not rows.drop(call.tx, chosen):
            raise _missing(call, chosen)
        return {}

    @writes("ssm:DeleteParameters", names.of_names)
    def delete_parameters(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        deleted: list[str] = []
        invalid: list[str] = []
        for name in dict.fromkeys(req["Names"]):
            done = rows.drop(call.tx, rows.stored(call.tx, names.select(call, name)))
            (deleted if done else invalid).append(name)
        return {"DeletedParameters": deleted, "InvalidParameters": invalid}

    def _stored(self, chosen: Selector, kind: str, value: str) -> str:
        if kind != "SecureString":
            return value
        return self._vault.seal(value, names.arn(chosen.account, chosen.region, chosen.name))

    def _make_room(self, call: Call, chosen: Selector, version: int) -> None:
        kept = rows.versions(call.tx, chosen) if version > HISTORY else []
        if len(kept) < HISTORY:
            return
        if orjson.loads(kept[0]["labels"]):
            raise ServiceError(
                "ParameterMaxVersionLimitExceeded",
                f"You attempted to create a new version of {chosen.name} by calling the "
                f"PutParameter API with the overwrite flag. Version {kept[0]['version']}, the "
                "oldest version, can't be deleted because it has a label associated with it. Move "
                "the label to another version of the parameter, and try again.",
            )
        rows.drop_version(call.tx, chosen, kept[0]["version"])

    def _shown(self, row: Row, suffix: str, decrypt: bool) -> dict[str, Any]:
        """A row as GetParameter answers it."""
        arn = names.arn(row["account"], row["region"], row["name"])
        value = row["value"]
        if decrypt and row["type"] == "SecureString":
            value = self._vault.open(value, arn)
        shown = {
            "Name": row["name"],
            "Type": row["type"],
            "Value": value,
            "Version": row["version"],
            "LastModifiedDate": datetime.fromtimestamp(row["modified"], UTC),
            "ARN": arn,
            "DataType": row["data_type"],
        }
        return {**shown, "Selector": suffix} if suffix else shown


def _missing(call: Call, chosen: Selector) -> ServiceError:
    if chosen.suffix and rows.latest(call.tx, chosen) is not None:
        return ServiceError(
            "ParameterVersionNotFound",
            f"Systems Manager could not find version {chosen.suffix[1:]} of {chosen.name}. Verify the "
            "version and try again.",
        )
    return ServiceError("ParameterNotFound", f"Parameter {chosen.name}{chosen.suffix} not found.")


def _tier(req: Mapping[str, Any]) -> str:
    tier: str = req.get("Tier", "Standard")
    if tier == "Intelligent-Tiering":
        return "Advanced" if len(req["Value"].encode()) > SIZES["Standard"] else "Standard"
    return tier


def _type(req: Mapping[str, Any], current: Row | None) -> str:
    kind: str | None = req.get("Type") or (current["type"] if current is not None else None)
    if kind is None:
        raise ServiceError(
            "ValidationException", "A parameter type is required when you create a parameter."
        )
    if current is not None and (kind == "SecureString") != (current["type"] == "SecureString"):
        raise ServiceError(
            "ValidationException",
            f"Type {kind!r}: the parameter exists as {current['type']} and cannot change to it.",
        )
    return kind


def _check_value(req: Mapping[str, Any], kind: str, tier: str) -> None:
    value, size = req["Value"], len(req["Value"].encode())
    if not value:
        raise ServiceError(
            "ValidationException",
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member "
            "must have length greater than or equal to 1.",
        )
    if size > SIZES[tier]:
        raise ServiceError(
            "ValidationException",
            f"{tier} tier parameters support a maximum parameter value of {SIZES[tier]} characters"
            f"{LARGER if tier == 'Standard' else ''}. This one has {size} bytes.",
        )
    pattern = req.get("AllowedPattern")
    if pattern and not _matches(pattern, value):
        raise ServiceError(
            "ParameterPatternMismatchException",
            f"The value does not match AllowedPattern {pattern!r}.",
        )
    if req.get("DataType", "text") not in ("text", "aws:ec2:image"):
        raise ServiceError(
            "ValidationException",
            f"The following data type is not supported: {req['DataType']} (Data type names are all "
            "lowercase.)",
        )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error as error:
        raise ServiceError(
            "InvalidAllowedPatternException", f"AllowedPattern {pattern!r}: {error}."
        ) from None
