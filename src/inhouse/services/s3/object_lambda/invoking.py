"""Running a function for a caller: with the caller's permission, and once it is its turn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.core.errors import ServiceError
from inhouse.core.principal import root_user
from inhouse.services.s3.object_lambda.event import event
from inhouse.services.s3.object_lambda.failures import not_invoked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.principal import Principal
    from inhouse.services.s3.object_lambda.exchanges import Exchange, Exchanges
    from inhouse.services.s3.object_lambda.line import Line

log = structlog.get_logger()
SERVICE = "s3-object-lambda.amazonaws.com"


class Invoker:
    """Starts functions and outlives their callers: a function runs to its end, as on AWS."""

    def __init__(self, line: Line, exchanges: Exchanges) -> None:
        self._line = line
        self._exchanges = exchanges
        self._running: set[asyncio.Task[Any]] = set()

    async def start(
        self, call: Call, operation: str, req: Mapping[str, Any], chosen: Mapping[str, Any]
    ) -> tuple[asyncio.Task[dict[str, Any]], Exchange | None]:
        """The running invocation, which ends as Lambda's Invoke does, and for GetObject the
        exchange in which the function answers. Raises SlowDown, LambdaNotFound."""
        function: str = chosen["FunctionArn"]
        role = await _role(call, function) if operation == "GetObject" else None
        await self._line.enter()
        try:
            exchange = self._exchange(call, function, role, req) if role is not None else None
            running = asyncio.create_task(self._run(call, operation, req, chosen, exchange))
        except BaseException:
            self._line.leave()
            raise
        self._running.add(running)
        running.add_done_callback(self._done)
        return running, exchange

    async def close(self) -> None:
        for running in list(self._running):
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _exchange(self, call: Call, function: str, role: str, req: Mapping[str, Any]) -> Exchange:
        assert call.via is not None
        checked = (req.get("ChecksumMode") or "").upper() == "ENABLED"
        return self._exchanges.open(call, call.via.arn, function, role, checked=checked)

    async def _run(
        self,
        call: Call,
        operation: str,
        req: Mapping[str, Any],
        chosen: Mapping[str, Any],
        exchange: Exchange | None,
    ) -> dict[str, Any]:
        identities, caller = call.house.identities, _through(call.principal)
        seconds = self._exchanges.limit
        credentials = identities.lend(caller, seconds=seconds)
        try:
            payload = event(
                call,
                operation,
                req,
                payload=chosen.get("FunctionPayload") or "",
                credentials=credentials,
                seconds=seconds,
                exchange=exchange,
            )
            function = call.client("lambda", as_=caller)
            return await function.invoke(
                FunctionName=chosen["FunctionArn"], Payload=orjson.dumps(payload)
            )
        finally:
            identities.revoke(credentials.access_key_id)
            if exchange is not None:
                self._exchanges.close(exchange)
            self._line.leave()

    def _done(self, running: asyncio.Task[Any]) -> None:
        self._running.discard(running)
        error = None if running.cancelled() else running.exception()
        if error is not None and not isinstance(error, ServiceError):
            log.error("object_lambda.failed", exc_info=error)


def _through(caller: Principal) -> Principal:
    """The caller as Object Lambda acts for it."""
    keys: dict[str, str | list[str]] = {
        "aws:CalledVia": [SERVICE],
        "aws:CalledViaFirst": SERVICE,
        "aws:CalledViaLast": SERVICE,
    }
    return replace(caller, context={**caller.context, **keys})


async def _role(call: Call, function: str) -> str:
    """The function's role, asked as the function's own account: it is nothing the caller sees."""
    client = call.client("lambda", as_=root_user(function.split(":")[4]))
    try:
        found = await client.get_function_configuration(FunctionName=function)
    except ServiceError as error:
        raise not_invoked(function, error) from error
    role: str = found["Role"]
    return role
