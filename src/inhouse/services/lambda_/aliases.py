"""Aliases: names for versions, that may share their invocations between two.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.lambda_ import configuration, names, rows
from inhouse.services.lambda_.versions import PAGE, check_revision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.lambda_.names import Function


class Aliases:
    """CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases."""

    @writes("lambda:CreateAlias", names.of_function)
    def create_alias(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen, name = _existing_function(call, req), req["Name"]
        if rows.alias(call.tx, chosen, name) is not None:
            arn = replace(chosen, qualifier=name).qualified_arn
            raise ServiceError(
                "ResourceConflictException",
                f"Alias already exists: {arn}",
                status=409,
                Type="User",
            )
        columns = {"other_version": None, "other_weight": None, "description": ""}
        columns |= _columns(call, chosen, req)
        _check_routing(columns)
        revision = call.house.ids.uuid()
        rows.add_alias(
            call.tx, chosen, name, **columns, policy="[]", events=None, revision=revision
        )
        return _shown(_existing(call, chosen, name))

    @reads("lambda:GetAlias", names.of_function)
    def get_alias(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen, name = names.of(call, req), req["Name"]
        return _shown(_existing(call, chosen, name, "Cannot find alias arn"))

    @writes("lambda:UpdateAlias", names.of_function)
    def update_alias(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen, name = names.of(call, req), req["Name"]
        row = _existing(call, chosen, name)
        check_revision(row, req)
        columns = _columns(call, chosen, req)
        _check_routing({**dict(row), **columns})
        revision = call.house.ids.uuid()
        rows.change_alias(call.tx, chosen, name, **columns, revision=revision)
        return _shown(_existing(call, chosen, name))

    @writes("lambda:DeleteAlias", names.of_function)
    def delete_alias(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        rows.drop_alias(call.tx, names.of(call, req), req["Name"])
        return {}

    @reads("lambda:ListAliases", names.of_function)
    def list_aliases(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = _existing_function(call, req)
        most = names.page(req, PAGE)
        version = req.get("FunctionVersion")
        found = [
            row
            for row in rows.aliases_of(call.tx, chosen, req.get("Marker") or "")
            if version in (None, row["version"], row["other_version"])
        ]
        answer: dict[str, Any] = {"Aliases": [_shown(row) for row in found[:most]]}
        if len(found) > most:
            answer["NextMarker"] = found[most - 1]["alias"]
        return answer


def _existing_function(call: Call, req: Mapping[str, Any]) -> Function:
    chosen = names.of(call, req)
    if rows.function(call.tx, chosen) is None:
        raise names.missing(chosen)
    return chosen


def _existing(call: Call, chosen: Function, name: str, sentence: str = "Alias not found") -> Row:
    row = rows.alias(call.tx, chosen, name)
    if row is None:
        raise ServiceError(
            "ResourceNotFoundException",
            f"{sentence}: {chosen.arn}:{name}",
            status=404,
            Type="User",
        )
    return row


def _columns(call: Call, chosen: Function, req: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "FunctionVersion" in req:
        found["version"] = _version(call, chosen, req["FunctionVersion"])
    if "Description" in req:
        found["description"] = req["Description"]
    if "RoutingConfig" in req:
        weights = req["RoutingConfig"].get("AdditionalVersionWeights") or {}
        if len(weights) > 1:
            raise names.invalid(
                "Number of items in AdditionalVersionWeights cannot be greater than 1; there are "
                f"{len(weights)}."
            )
        found["other_version"] = found["other_weight"] = None
        for version, weight in weights.items():
            found["other_version"] = _version(call, chosen, version)
            found["other_weight"] = weight
    return found


def _version(call: Call, chosen: Function, number: str) -> str:
    if rows.version(call.tx, chosen, number) is None:
        raise names.missing(replace(chosen, qualifier=number))
    return number


def _check_routing(columns: Mapping[str, Any]) -> None:
    """Two versions that share an alias must be published, and differ."""
    pair = (columns["version"], columns["other_version"])
    if pair[1] is None:
        return
    if names.LATEST in pair:
        raise names.invalid(
            "$LATEST is not supported for an alias pointing to more than 1 version; publish it."
        )
    if pair[0] == pair[1]:
        raise names.invalid(
            f"Invalid function version {pair[1]}. Function version {pair[1]} is already included in "
            "routing configuration."
        )


def _shown(row: Row) -> dict[str, Any]:
    chosen = replace(configuration.place(row), qualifier=row["alias"])
    answer: dict[str, Any] = {
        "AliasArn": chosen.qualified_arn,
        "Name": row["alias"],
        "FunctionVersion": row["version"],
        "Description": row["description"],
        "RevisionId": row["revision"],
    }
    if row["other_version"]:
        weights = {row["other_version"]: row["other_weight"]}
        answer["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    return answer
