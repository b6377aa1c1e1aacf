"""Operations on functions themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works, writes
from inhouse.services.lambda_ import configuration, names, packages, roles, rows, tagging

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
        chosen = names.of(call, req)
        await asyncio.to_thread(self.runtimes.get, req.get("Runtime", ""))
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
            return await call.write(_create, chosen, columns)
        except ServiceError as refusal:
            await packages.drop(self.house.blobs, blob.id, refusal)
            raise

    @works("lambda:UpdateFunctionCode", names.of_function)
    async def update_function_code(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        current = _existing(call, chosen)
        _check_revision(current, req)
        if req.get("Publish"):
            raise names.invalid("Publish: versions are not supported; functions have $LATEST.")
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
            answer = await call.write(_change, chosen, req, columns)
        except ServiceError as refusal:
            await packages.drop(self.house.blobs, blob.id, refusal)
            raise
        await self.forget(chosen)
        await self.house.blobs.delete([current["code_blob"]])
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
        answer = await call.write(_change, chosen, req, columns)
        await self.forget(chosen)
        return answer

    @reads("lambda:GetFunction", names.of_function)
    def get_function(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _existing(call, names.of(call, req))
        answer: dict[str, Any] = {
            "Configuration": configuration.shown(row, _sizes(call, row)),
            "Code": {"RepositoryType": "S3", "Location": self.downloads.url(row["code_blob"])},
        }
        if tags := orjson.loads(row["tags"]):
            answer["Tags"] = tags
        if row["concurrency"] is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": row["concurrency"]}
        return answer

    @reads("lambda:GetFunctionConfiguration", names.of_function)
    def get_function_configuration(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _existing(call, names.of(call, req))
        return configuration.shown(row, _sizes(call, row))

    @reads("lambda:ListFunctions")
    def list_functions(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        most = min(req.get("MaxItems", PAGE), PAGE)
        if most < 1:
            raise names.invalid(f"MaxItems: {most} is not between 1 and 10000.")
        found = rows.page(call.tx, call.account, call.region, req.get("Marker", ""), most + 1)
        shown = [configuration.shown(row, _sizes(call, row)) for row in found[:most]]
        answer: dict[str, Any] = {"Functions": shown}
        if len(found) > most:
            answer["NextMarker"] = shown[-1]["FunctionName"]
        return answer

    @works("lambda:DeleteFunction", names.of_function)
    async def delete_function(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        row = await call.write(_delete, chosen)
        await self.forget(chosen)
        await self.house.blobs.delete([row["code_blob"]])
        return {"StatusCode": 204}

    @writes("lambda:PutFunctionConcurrency", names.of_function)
    def put_function_concurrency(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        _existing(call, chosen)
        reserved = req["ReservedConcurrentExecutions"]
        if not 0 <= reserved <= self.house.settings.worker_limit:
            raise names.invalid(
                f"ReservedConcurrentExecutions: {reserved} is not between 0 and "
                f"{self.house.settings.worker_limit}, the server's worker_limit."
            )
        rows.change(call.tx, chosen, concurrency=reserved)
        return {"ReservedConcurrentExecutions": reserved}

    @reads("lambda:GetFunctionConcurrency", names.of_function)
    def get_function_concurrency(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        reserved = _existing(call, names.of(call, req))["concurrency"]
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    @writes("lambda:DeleteFunctionConcurrency", names.of_function)
    def delete_function_concurrency(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        _existing(call, chosen)
        rows.change(call.tx, chosen, concurrency=None)
        return {}

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


def _check_revision(row: Row, req: Mapping[str, Any]) -> None:
    wanted = req.get("RevisionId")
    if wanted and wanted != row["revision"]:
        raise ServiceError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction "
            "API to retrieve the latest Revision Id.",
            status=412,
        )


def _create(call: Call, chosen: Function, columns: Mapping[str, Any]) -> dict[str, Any]:
    if rows.function(call.tx, chosen) is not None:
        raise _exists(chosen)
    house = call.house
    rows.add(call.tx, chosen, **columns, revision=house.ids.uuid(), modified=house.clock.time())
    row = _existing(call, chosen)
    return configuration.shown(row, _sizes(call, row))


def _change(
    call: Call, chosen: Function, req: Mapping[str, Any], columns: Mapping[str, Any]
) -> dict[str, Any]:
    _check_revision(_existing(call, chosen), req)
    house = call.house
    rows.change(call.tx, chosen, **columns, revision=house.ids.uuid(), modified=house.clock.time())
    row = _existing(call, chosen)
    return configuration.shown(row, _sizes(call, row))


def _delete(call: Call, chosen: Function) -> Row:
    row = _existing(call, chosen)
    rows.drop(call.tx, chosen)
    return row
