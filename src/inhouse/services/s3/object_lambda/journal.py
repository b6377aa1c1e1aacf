"""What S3 finds wrong with a function's answers, told in the function's log.

Lambda itself logs only how a function ended. That it never answered, or too late, or with a token
that was spent, is seen here alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import structlog

from inhouse.core.errors import ServiceError
from inhouse.core.principal import Principal

if TYPE_CHECKING:
    from inhouse.core.ports import House

log = structlog.get_logger()
PAUSE = 0.1
"""Seconds that lines wait for others."""
MOST = 1000
"""Lines of a function that wait at most; the next ones are lost."""


class Journal:
    """Puts lines into log streams of its own, as the functions' accounts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self._task: asyncio.Task[None] | None = None

    def tell(self, function: str, request_id: str, error: ServiceError) -> None:
        """`function` is its ARN, `request_id` the event's `xAmzRequestId`."""
        events = self._waiting.setdefault(function, [])
        if len(events) == MOST:
            return
        now = self._house.clock.now()
        moment = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = f"{moment} {request_id} S3 Object Lambda: {error.code}: {error.message}\n"
        events.append({"timestamp": int(now.timestamp() * 1000), "message": message})
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._store_soon())

    async def close(self) -> None:
        if self._task is not None:
            await self._task

    async def _store_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(PAUSE)
            waiting, self._waiting = self._waiting, {}
            for function, events in waiting.items():
                try:
                    await self._store(function, events)
                except Exception:
                    log.exception("object_lambda.log_lost", function=function, lines=len(events))

    async def _store(self, function: str, events: list[dict[str, Any]]) -> None:
        region, account = function.split(":")[3:5]
        root = f"arn:aws:iam::{account}:root"
        owner = Principal("root", account, root, root, account)

        def client(method: str, service: str = "logs", **request: Any) -> Any:
            return self._house.dispatch.invoke(
                owner, service, method, request, account=account, region=region
            )

        known = await client("get_function_configuration", "lambda", FunctionName=function)
        group = {"logGroupName": known["LoggingConfig"]["LogGroup"]}
        day = f"{self._house.clock.now():%Y/%m/%d}"
        stream = {**group, "logStreamName": f"{day}/[s3-object-lambda]"}
        with contextlib.suppress(ServiceError):
            await client("create_log_group", **group)
        with contextlib.suppress(ServiceError):
            await client("create_log_stream", **stream)
        events.sort(key=lambda event: int(event["timestamp"]))  # the clock may have been set back
        await client("put_log_events", **stream, logEvents=events)
