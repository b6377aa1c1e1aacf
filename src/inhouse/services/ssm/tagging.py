"""Tags on parameters, labels on their versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.ssm import names, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.services.ssm.names import Selector

TAGS = 50
LABELS = 10
_LABEL = re.compile(r"(?!\d|aws|ssm)[a-zA-Z0-9_.\-]{1,100}", re.IGNORECASE).fullmatch


class Tagging:
    """AddTagsToResource and its kin, LabelParameterVersion and UnlabelParameterVersion."""

    @writes("ssm:AddTagsToResource", names.of_resource)
    def add_tags_to_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = _parameter(call, req)
        for tag in req["Tags"]:
            rows.tag(call.tx, chosen, tag["Key"], tag["Value"])
        if len(rows.tags_of(call.tx, chosen)) > TAGS:
            raise ServiceError("TooManyTagsError", f"A parameter can have at most {TAGS} tags.")
        return {}

    @writes("ssm:RemoveTagsFromResource", names.of_resource)
    def remove_tags_from_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = _parameter(call, req)
        for key in req["TagKeys"]:
            rows.untag(call.tx, chosen, key)
        return {}

    @reads("ssm:ListTagsForResource", names.of_resource)
    def list_tags_for_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found = rows.tags_of(call.tx, _parameter(call, req))
        return {"TagList": [{"Key": key, "Value": value} for key, value in found.items()]}

    @writes("ssm:LabelParameterVersion", names.of_name)
    def label_parameter_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen, kept = _labelled(call, req)
        version = req.get("ParameterVersion", max(kept))
        _check_version(chosen, version, kept)
        valid = [label for label in dict.fromkeys(req["Labels"]) if _LABEL(label)]
        for other, labels in kept.items():
            if other != version and set(labels) & set(valid):
                rows.set_labels(call.tx, chosen, other, [x for x in labels if x not in valid])
        labels = [*kept[version], *(label for label in valid if label not in kept[version])]
        if len(labels) > LABELS:
            raise ServiceError(
                "ParameterVersionLabelLimitExceeded",
                f"A parameter version can have maximum {LABELS} labels. Move one or more labels to "
                "another version and try again.",
            )
        rows.set_labels(call.tx, chosen, version, labels)
        invalid = [label for label in req["Labels"] if label not in valid]
        return {"InvalidLabels": invalid, "ParameterVersion": version}

    @writes("ssm:UnlabelParameterVersion", names.of_name)
    def unlabel_parameter_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Labels that the version does not have are told as InvalidLabels."""
        chosen, kept = _labelled(call, req)
        version, asked = req["ParameterVersion"], list(dict.fromkeys(req["Labels"]))
        _check_version(chosen, version, kept)
        has = kept[version]
        rows.set_labels(call.tx, chosen, version, [x for x in has if x not in asked])
        return {
            "RemovedLabels": [label for label in asked if label in has],
            "InvalidLabels": [label for label in asked if label not in has],
        }


def _labelled(call: Call, req: Mapping[str, Any]) -> tuple[Selector, dict[int, list[str]]]:
    """The parameter in `Name` and its versions' labels. Raises ParameterNotFound."""
    chosen = rows.stored(call.tx, names.select(call, req["Name"]))
    kept = {row["version"]: orjson.loads(row["labels"]) for row in rows.versions(call.tx, chosen)}
    if not kept:
        raise ServiceError("ParameterNotFound", f"Parameter {chosen.name} not found.")
    return chosen, kept


def _check_version(chosen: Selector, version: int, kept: Mapping[int, list[str]]) -> None:
    if version not in kept:
        raise ServiceError(
            "ParameterVersionNotFound",
            f"Systems Manager could not find version {version} of {chosen.name}. Verify the "
            "version and try again.",
        )


def _parameter(call: Call, req: Mapping[str, Any]) -> Selector:
    """The parameter of a tagging request. Raises when it is another kind or not there."""
    if req["ResourceType"] != "Parameter":
        raise ServiceError(
            "InvalidResourceType",
            f"ResourceType {req['ResourceType']!r}: only Parameter is served here.",
        )
    chosen = rows.stored(call.tx, names.select(call, req["ResourceId"]))
    if rows.latest(call.tx, chosen) is None:
        raise ServiceError("InvalidResourceId", f"Parameter {chosen.name!r} not found.")
    return chosen
