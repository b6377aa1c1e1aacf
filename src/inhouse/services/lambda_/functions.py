"""Operations on functions themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works
from inhouse.services.lambda_ import (
    configuration,
    names,
    packages,
    roles,
    rows,
    tagging,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row
    from inhouse.services.lambda_.downloads import Downloads
    from inhouse.services.lambda_.names import Function
    from inhouse.services.lambda_.runtimes import Runtimes

PAGE = 50


class Functions:
    """Create, read, update, delete."""

    house: House
    runtimes: Runtimes
    downloads: Downloads

    @works("lambda:CreateFunction", names.of_function)
    async def create_function(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.new(call, req)
        if not (req.get("Runtime") and req.get("Handler")):
            raise names.invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment "
                "packages."
            )
        await asyncio.to_thread(self.runtimes.get, req["Runtime"])
        columns = configuration.columns(call, req, self.runtimes)
        tagging.check(req.get("Tags") or {})
        roles.check_pass(call, chosen, columns["role"])
        if rows.function(call.tx, chosen) is not None:
            raise _exists(chosen)
        data = await packages.fetch(call, req["Code"])
        blob = await self.house.blobs.put(data)
        columns |= {
            "code_blob": blob.id,
            "code_size": len(data),
            "code_sha256": packages.sha256(data),
            "policy": "[]",
            "concurrency": None,
            "events": None,
            "tags": orjson.dumps(req.get("Tags") or {}).decode(),
        }
        try:
            return await call.write(_create, chosen, req, columns)
        except ServiceError as refusal:
            await packages.drop(self.house.blobs, blob.id, refusal)
            raise

    @works("lambda:UpdateFunctionCode", names.of_function)
    async def update_function_code(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        current = _existing(call, chosen)
        versions.check_revision(current, req)
        data = await packages.fetch(call, req)
        columns: dict[str, Any] = {
            "code_size": len(data),
            "code_sha256": packages.sha256(data),
        }
        if "Architectures" in req:
            columns |= configuration.columns(
                call, {"Architectures": req["Architectures"]}, self.runtimes, current
            )
        if req.get("DryRun"):
            return configuration.shown({**dict(current), **columns}, _sizes(call, current))
        blob = await self.house.blobs.put(data)
        columns["code_blob"] = blob.id
        try:
            answer, unused = await call.write(_change, chosen, req, columns)
        except ServiceError as refusal:
            await packages.drop(self.house.blobs, blob.id, refusal)
            raise
        await self.forget(chosen)
        await self.house.blobs.delete(unused)
        return answer

    @works("lambda:UpdateFunctionConfiguration", names.of_function)
    async def update_function_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        chosen = names.of(call, req)
        current = _existing(call, chosen)
        if "Runtime" in req:
            await asyncio.to_thread(self.runtimes.get, req["Runtime"])
        columns = configuration.columns(call, req, self.runtimes, current)
        if "role" in columns:
            roles.check_pass(call, chosen, columns["role"])
        answer, _ = await call.write(_change, chosen, req, columns)
        await self.forget(chosen)
        return answer

    @reads("lambda:GetFunction", names.of_function)
    def get_function(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.qualified(call, req)
        row = versions.target(call.tx, chosen)
        answer: dict[str, Any] = {
            "Configuration": configuration.shown(row, _sizes(call, row), chosen.qualifier),
            "Code": {"RepositoryType": "S3", "Location": self.downloads.url(row["code_blob"])},
        }
        if tags := orjson.loads(row["tags"]):
            answer["Tags"] = tags
        if row["concurrency"] is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": row["concurrency"]}
        return answer

    @reads("lambda:GetFunctionConfiguration", names.of_function)
    def get_function_configuration(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.qualified(call, req)
        row = versions.target(call.tx, chosen)
        return configuration.shown(row, _sizes(call, row), chosen.qualifier)

    @reads("lambda:ListFunctions")
    def list_functions(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        most = names.page(req, PAGE)
        if req.get("FunctionVersion") == "ALL":
            return _list_all(call, req.get("Marker") or "", most)
        found = rows.page(call.tx, call.account, call.region, req.get("Marker", ""), most + 1)
        shown = [configuration.listed(row, _sizes(call, row)) for row in found[:most]]
        answer: dict[str, Any] = {"Functions": shown}
        if len(found) > most:
            answer["NextMarker"] = shown[-1]["FunctionName"]
        return answer

    @works("lambda:DeleteFunction", names.of_function)
    async def delete_function(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.qualified(call, req)
        if chosen.qualifier:
            unused = await call.write(_delete_version, chosen)
        else:
            unused = await call.write(_delete, chosen)
        await self.forget(chosen)
        await self.house.blobs.delete(unused)
        return {"StatusCode": 204}

    async def forget(self, chosen: Function) -> None:
        """Ends idle workers of a function that is no longer what it was."""
        raise NotImplementedError


def _existing(call: Call, chosen: Function) -> Row:
    row = rows.function(call.tx, chosen)
    if row is None:
        raise names.missing(chosen)
    return row


def _sizes(call: Call, row: Row) -> dict[str, int]:
    return configuration.layer_sizes(call, row)


def _exists(chosen: Function) -> ServiceError:
    return ServiceError(
        "ResourceConflictException", f"Function already exist: {chosen.name}", status=409
    )


def _create(
    call: Call, chosen: Function, req: Mapping[str, Any], columns: Mapping[str, Any]
) -> dict[str, Any]:
    if rows.function(call.tx, chosen) is not None:
        raise _exists(chosen)
    house = call.house
    rows.add(call.tx, chosen, **columns, revision=house.ids.uuid(), modified=house.clock.time())
    return {**_made(call, chosen, req), "FunctionArn": chosen.arn}  # on AWS too, if published


def _change(
    call: Call, chosen: Function, req: Mapping[str, Any], columns: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Answers the function, or the version that is asked for, and packages nobody uses now."""
    before = _existing(call, chosen)
    versions.check_revision(before, req)
    house = call.house
    rows.change(call.tx, chosen, **columns, revision=house.ids.uuid(), modified=house.clock.time())
    answer = _made(call, chosen, req)
    old = before["code_blob"]
    kept = old == columns.get("code_blob", old) or rows.uses(call.tx, old)
    return answer, [] if kept else [old]


def _made(call: Call, chosen: Function, req: Mapping[str, Any]) -> dict[str, Any]:
    if req.get("Publish"):
        return versions.publish(call, chosen)
    row = _existing(call, chosen)
    return configuration.shown(row, _sizes(call, row))


def _delete(call: Call, chosen: Function) -> list[str]:
    """Answers the packages nobody uses now."""
    row = _existing(call, chosen)
    return list({row["code_blob"], *rows.drop(call.tx, chosen)})


def _delete_version(call: Call, chosen: Function) -> list[str]:
    number = chosen.qualifier
    if number == names.LATEST:
        raise names.invalid("$LATEST version cannot be deleted without deleting the function.")
    if not number.isdecimal():
        raise names.invalid(
            f"Qualifier: {number} is an alias's name; aliases are deleted with DeleteAlias."
        )
    latest = _existing(call, replace(chosen, qualifier=""))
    row = rows.version(call.tx, chosen, number)
    if row is None:
        return []  # deleted it is
    if used := [alias["alias"] for alias in rows.aliases_to(call.tx, chosen, number)]:
        raise ServiceError(
            "ResourceConflictException",
            f"Function version {chosen.qualified_arn} is used by the aliases {used}; change or "
            "delete them first.",
            status=409,
            Type="User",
        )
    rows.drop_version(call.tx, chosen, number)
    blob = row["code_blob"]
    return [] if blob == latest["code_blob"] or rows.uses(call.tx, blob) else [blob]


def _list_all(call: Call, marker: str, most: int) -> dict[str, Any]:
    """All versions of all functions; a marker is the last one's `name:number`."""
    name, _, number = marker.partition(":")
    if number and not (number.isascii() and number.isdecimal() and len(number) < 18):
        raise names.invalid(f"Marker: {marker[:100]!r} is not one that was answered.")
    found = rows.everything(call.tx, call.account, call.region, name, int(number or 0), most + 1)
    shown = []
    for owner, version in found[:most]:
        chosen = names.Function(call.account, call.region, owner)
        row = rows.version(call.tx, chosen, str(version or names.LATEST))
        if row is not None:
            shown.append(versions.listed(call, row))
    answer: dict[str, Any] = {"Functions": shown}
    if len(found) > most:
        answer["NextMarker"] = "{}:{}".format(*found[most - 1])
    return answer
