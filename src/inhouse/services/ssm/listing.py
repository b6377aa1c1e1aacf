"""Operations that list: by path, by filter, by version."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.ssm import filters, names, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Row


class Listing:
    """GetParametersByPath, DescribeParameters, GetParameterHistory."""

    @reads("ssm:GetParametersByPath", names.of_path)
    def get_parameters_by_path(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        path, wanted = req["Path"], req.get("ParameterFilters") or []
        filters.check_path(path)
        filters.check(wanted, filters.BY_PATH)
        prefix = "" if path == "/" else path.rstrip("/") + "/"  # some names on `/` have no slash
        deep, decrypt = bool(req.get("Recursive")), bool(req.get("WithDecryption"))
        found = [
            row
            for row in rows.page(call.tx, call.account, call.region, prefix, _after(req))
            if filters.below(row["name"], path, deep=deep) and filters.fits(call.tx, row, wanted)
        ]
        page, token = _cut(found, _most(req, 10, 10))
        return {"Parameters": [self._shown(row, "", decrypt) for row in page], **token}

    @reads("ssm:DescribeParameters", names.everything)
    def describe_parameters(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        wanted = filters.described(req)
        found = [
            row
            for row in rows.page(call.tx, call.account, call.region, "", _after(req))
            if filters.fits(call.tx, row, wanted)
        ]
        page, token = _cut(found, _most(req, 50, 50))
        return {"Parameters": [_described(row) for row in page], **token}

    @reads("ssm:GetParameterHistory", names.of_name)
    def get_parameter_history(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = rows.stored(call.tx, names.select(call, req["Name"]))
        if rows.latest(call.tx, chosen) is None:
            raise ServiceError("ParameterNotFound", f"Parameter {chosen.name} not found.")
        after, most = _after(req), _most(req, 50, 50)
        found = rows.history(call.tx, chosen, int(after) if after.isdigit() else 0, most + 1)
        decrypt = bool(req.get("WithDecryption"))
        page, token = _cut(found, most, "version")
        shown = [
            {
                **_described(row),
                "Value": self._shown(row, "", decrypt)["Value"],
                "Labels": orjson.loads(row["labels"]),
            }
            for row in page
        ]
        return {"Parameters": shown, **token}

    def _shown(self, row: Row, suffix: str, decrypt: bool) -> dict[str, Any]:
        raise NotImplementedError


def _described(row: Row) -> dict[str, Any]:
    """A row without its value, as DescribeParameters answers it."""
    shown = {
        "Name": row["name"],
        "ARN": names.arn(row["account"], row["region"], row["name"]),
        "Type": row["type"],
        "KeyId": row["key_id"],
        "LastModifiedDate": datetime.fromtimestamp(row["modified"], UTC),
        "LastModifiedUser": row["modified_by"],
        "Description": row["description"],
        "AllowedPattern": row["allowed_pattern"],
        "Version": row["version"],
        "Tier": row["tier"],
        "DataType": row["data_type"],
        "Policies": [],
    }
    return {name: value for name, value in shown.items() if value is not None}


def _most(req: Mapping[str, Any], default: int, limit: int) -> int:
    most: int = req.get("MaxResults", default)
    if not 1 <= most <= limit:
        raise ServiceError("ValidationException", f"MaxResults {most}: use 1 to {limit}.")
    return most


def _cut(
    found: Sequence[Row], most: int, key: str = "name"
) -> tuple[Sequence[Row], dict[str, str]]:
    """The first page of what was found, and the token for the next if there is one."""
    if len(found) <= most:
        return found, {}
    last = str(found[most - 1][key])
    return found[:most], {"NextToken": base64.urlsafe_b64encode(last.encode()).decode()}


def _after(req: Mapping[str, Any]) -> str:
    token = req.get("NextToken")
    if not token:
        return ""
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        raise ServiceError(
            "InvalidNextToken", "NextToken is not one that this operation gave."
        ) from None
