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
from inhouse.core.principal import root_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import House
    from inhouse.core.principal import Principal

log = structlog.get_logger()
PAUSE = 0.1
"""Seconds that lines wait for others."""
MOST = 1000
"""Lines of a function that wait at most; the next ones are lost."""


class Journal:
    """Puts lines into log streams of its own: into a function's own log group as its account, into
    one that was chosen as its role, which may be refused."""

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
                except ServiceError as error:
                    log.warning(
                        "object_lambda.log_refused", function=function, reason=error.message
                    )
                except Exception:
                    log.exception("object_lambda.log_lost", function=function, lines=len(events))

    async def _store(self, function: str, events: list[dict[str, Any]]) -> None:
        region, account = function.split(":")[3:5]
        where = {"account": account, "region": region}
        invoke, owner = self._house.dispatch.invoke, root_user(account)
        known = await invoke(
            owner, "lambda", "get_function_configuration", {"FunctionName": function}, **where
        )
        name, group = known["FunctionName"], {"logGroupName": known["LoggingConfig"]["LogGroup"]}
        own = group["logGroupName"] == f"/aws/lambda/{name}"
        writer = owner if own else self._role(known)
        day = f"{self._house.clock.now():%Y/%m/%d}"
        stream = {**group, "logStreamName": f"{day}/[s3-object-lambda]"}
        for method, request in (("create_log_group", group), ("create_log_stream", stream)):
            with contextlib.suppress(ServiceError):
                await invoke(writer, "logs", method, request, **where)
        events.sort(key=lambda event: int(event["timestamp"]))  # the clock may have been set back
        request = {**stream, "logEvents": events}
        await invoke(writer, "logs", "put_log_events", request, **where)

    def _role(self, known: Mapping[str, Any]) -> Principal:
        """A session of a function's role. Raises ServiceError if Lambda could not have one."""
        identities, arn = self._house.identities, known["FunctionArn"]
        role = identities.role(self._house.dispatch.reader(), known["Role"])
        source = {"aws:SourceArn": arn, "aws:SourceAccount": arn.split(":")[4]}
        if role is None or not identities.trusts(role, "lambda.amazonaws.com", source):
            raise ServiceError("AccessDeniedException", f"Lambda cannot assume {known['Role']}.")
        return identities.role_principal(role, known["FunctionName"])
