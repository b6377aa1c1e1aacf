"""Invoke: now and wait, or later from a durable event.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-invocation.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import works
from inhouse.services.lambda_ import names, rows, versions
from inhouse.services.lambda_.runtime_api import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House
    from inhouse.services.lambda_.environments import Environments
    from inhouse.services.lambda_.names import Function

REQUEST, EVENT = 6 << 20, 1 << 20
"""Bytes of a payload: when the caller waits, and when it doesn't."""
CONTEXT = 3583
"""Bytes of a client context, in base64."""


class Invoking:
    """Synchronous and asynchronous invocation."""

    house: House

    @property
    def running(self) -> Environments:
        raise NotImplementedError

    @works("lambda:InvokeFunction", names.of_qualified)
    async def invoke(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.qualified(call, req)
        row = versions.target(call.tx, chosen)
        kind = req.get("InvocationType", "RequestResponse")
        if kind == "DryRun":
            return {"StatusCode": 204}
        payload = await _payload(req, EVENT if kind == "Event" else REQUEST)
        context = _client_context(req)
        if kind == "Event":
            await call.write(_accept, chosen, payload, context)
            return {"StatusCode": 202, "Payload": b""}
        invocation = Invocation(call.request_id, chosen.qualified_arn, payload, context)
        outcome = await self.running.run(call, row, invocation)
        answer: dict[str, Any] = {
            "StatusCode": 200,
            "Payload": outcome.payload,
            "ExecutedVersion": str(row["version"]),
        }
        if outcome.error is not None:
            answer["FunctionError"] = "Unhandled"
        if req.get("LogType") == "Tail":
            answer["LogResult"] = base64.b64encode(outcome.tail).decode()
        return answer


async def _payload(req: Mapping[str, Any], most: int) -> bytes:
    """The event, which must be JSON. Raises RequestTooLargeException."""
    given = req.get("Payload") or b""
    length = getattr(given, "length", None)
    if length is not None and length > most:
        raise _too_large(length, most)
    if isinstance(given, str):
        payload = given.encode()
    elif isinstance(given, bytes | bytearray | memoryview):
        payload = bytes(given)
    else:
        payload = await _read(given, most)
    if len(payload) > most:
        raise _too_large(len(payload), most)
    if not payload:
        return b"{}"
    try:
        orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise ServiceError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: {error}",
            status=400,
            Type="User",
        ) from error
    return payload


async def _read(stream: Any, most: int) -> bytes:
    pieces, size = [], 0
    async for piece in stream:
        size += len(piece)
        if size > most:
            raise _too_large(size, most)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(size: int, most: int) -> ServiceError:
    return ServiceError(
        "RequestTooLargeException",
        f"Request must be smaller than {most} bytes for the InvokeFunction operation; it has {size}",
        status=413,
        Type="User",
    )


def _client_context(req: Mapping[str, Any]) -> str | None:
    text = req.get("ClientContext")
    if not text:
        return None
    try:
        if len(text) > CONTEXT:
            raise ValueError
        context = base64.b64decode(text, validate=True).decode()
        orjson.loads(context)
    except (ValueError, binascii.Error) as error:
        raise ServiceError(
            "InvalidRequestContentException",
            f"ClientContext must be JSON in base64, at most {CONTEXT} characters.",
            status=400,
        ) from error
    return context.replace("\r", " ").replace("\n", " ")


def _accept(call: Call, chosen: Function, payload: bytes, context: str | None) -> None:
    """The event and the job that will run it, in the write that answers 202."""
    rows.add_event(
        call.tx,
        chosen,
        call.request_id,
        payload=payload,
        client_context=context,
        received=call.house.clock.steady(),
    )
    call.defer("lambda.Handle", {"event": call.request_id}, lane=chosen.arn)
