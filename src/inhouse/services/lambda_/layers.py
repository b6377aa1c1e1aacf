"""Layers: packages that functions share, unpacked under /opt.

https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works, writes
from inhouse.services.lambda_ import names, packages, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row
    from inhouse.services.lambda_.downloads import Downloads

PAGE = 50


class Layers:
    """Publish, get, list and delete layer versions.

    A deleted version can no longer be given to a function; those that use it keep working for as
    long as they are not changed to use another.
    """

    house: House
    downloads: Downloads

    @works("lambda:PublishLayerVersion", names.of_layer)
    async def publish_layer_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.layer(call, req)
        if chosen.account != call.account:
            raise names.invalid(f"LayerName: {req['LayerName']!r} is in another account.")
        data = await packages.fetch(call, req["Content"])
        blob = await self.house.blobs.put(data)
        columns = {
            "description": req.get("Description", ""),
            "runtimes": orjson.dumps(req.get("CompatibleRuntimes") or []).decode(),
            "architectures": orjson.dumps(req.get("CompatibleArchitectures") or []).decode(),
            "license": req.get("LicenseInfo"),
            "code_blob": blob.id,
            "code_size": len(data),
            "code_sha256": packages.sha256(data),
            "created": self.house.clock.time(),
        }
        try:
            version = await call.write(_add, chosen, columns)
        except ServiceError as refusal:
            await packages.drop(self.house.blobs, blob.id, refusal)
            raise
        row = rows.layer(self.house.dispatch.reader(), _version(chosen, version))
        assert row is not None
        return self._content(row)

    @reads("lambda:GetLayerVersion", names.of_layer_version)
    def get_layer_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return self._content(_existing(call, names.layer(call, req)))

    @reads("lambda:GetLayerVersion", names.of_layer_arn)
    def get_layer_version_by_arn(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return self._content(_existing(call, names.layer_version(req["Arn"])))

    @reads("lambda:ListLayers")
    def list_layers(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        newest = {
            row["name"]: row
            for row in rows.all_layers(call.tx, call.account, call.region)
            if _fits(row, req)
        }
        found = [newest[name] for name in sorted(newest) if name > req.get("Marker", "")]
        most = names.page(req, PAGE)
        shown = [
            {
                "LayerName": row["name"],
                "LayerArn": _place(row).arn,
                "LatestMatchingVersion": _brief(row),
            }
            for row in found[:most]
        ]
        answer: dict[str, Any] = {"Layers": shown}
        if len(found) > most:
            answer["NextMarker"] = shown[-1]["LayerName"]
        return answer

    @reads("lambda:ListLayerVersions", names.of_layer)
    def list_layer_versions(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        marker = req.get("Marker")
        if marker is not None and not (marker.isascii() and marker.isdigit()):
            raise names.invalid(f"Marker: {marker!r} is not one that ListLayerVersions answered.")
        found = [
            row
            for row in rows.layer_versions(call.tx, names.layer(call, req))
            if _fits(row, req) and (marker is None or row["version"] < int(marker))
        ]
        most = names.page(req, PAGE)
        answer: dict[str, Any] = {"LayerVersions": [_brief(row) for row in found[:most]]}
        if len(found) > most:
            answer["NextMarker"] = str(found[most - 1]["version"])
        return answer

    @writes("lambda:DeleteLayerVersion", names.of_layer_version)
    def delete_layer_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        rows.hide_layer(call.tx, names.layer(call, req))
        return {}

    def _content(self, row: Row) -> dict[str, Any]:
        return {
            "Content": {
                "Location": self.downloads.url(row["code_blob"]),
                "CodeSha256": row["code_sha256"],
                "CodeSize": row["code_size"],
            },
            "LayerArn": _place(row).arn,
            **_brief(row),
        }


def _existing(call: Call, chosen: names.Layer) -> Row:
    row = rows.layer(call.tx, chosen)
    if row is None:
        raise ServiceError(
            "ResourceNotFoundException",
            f"The resource you requested does not exist: {chosen.version_arn}",
            status=404,
            Type="User",
        )
    return row


def _add(call: Call, chosen: names.Layer, columns: Mapping[str, Any]) -> int:
    return rows.add_layer(call.tx, chosen, **columns)


def _version(chosen: names.Layer, version: int) -> names.Layer:
    return names.Layer(chosen.account, chosen.region, chosen.name, version)


def _place(row: Row) -> names.Layer:
    return names.Layer(row["account"], row["region"], row["name"], row["version"])


def _fits(row: Row, req: Mapping[str, Any]) -> bool:
    """Whether a version serves the runtime and architecture a listing asks for."""
    wanted = (("CompatibleRuntime", "runtimes"), ("CompatibleArchitecture", "architectures"))
    return all(
        not req.get(field) or req[field] in orjson.loads(row[column]) for field, column in wanted
    )


def _brief(row: Row) -> dict[str, Any]:
    moment = datetime.fromtimestamp(row["created"], UTC)
    shown = {
        "LayerVersionArn": _place(row).version_arn,
        "Version": row["version"],
        "Description": row["description"],
        "CreatedDate": moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000",
        "CompatibleRuntimes": orjson.loads(row["runtimes"]),
        "CompatibleArchitectures": orjson.loads(row["architectures"]),
        "LicenseInfo": row["license"],
    }
    return {member: value for member, value in shown.items() if value or member == "Description"}
