"""Asynchronous events: run until they succeed, are used up or too old; then told on.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.core.errors import ServiceError
from inhouse.core.operations import exponential, job
from inhouse.services.lambda_ import names, roles, rows, versions
from inhouse.services.lambda_.configuration import place
from inhouse.services.lambda_.event_config import EventConfig
from inhouse.services.lambda_.names import Function
from inhouse.services.lambda_.runtime_api import Invocation
from inhouse.work import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row
    from inhouse.services.lambda_.environments import Environments
    from inhouse.services.lambda_.instance import Outcome
log = structlog.get_logger()

THROTTLE_DELAY, THROTTLE_CAP = 1.0, 300.0
"""Seconds before a throttled event is tried again: doubled each time, up to the cap."""
CONCURRENCY = 32
"""Events handled at once in this server; those of one function can take half."""
DELIVERIES = 8


class Handling:
    """Runs events that Invoke has accepted."""

    house: House

    @property
    def running(self) -> Environments:
        raise NotImplementedError

    @job(
        "lambda.Handle",
        attempts=1000,
        backoff=exponential(1, 60),
        concurrency=CONCURRENCY,
        lanes=True,
    )
    async def handle(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Runs one event once. A server that was killed meanwhile runs it again."""
        event = rows.event(call.tx, payload["event"])
        if event is None:
            return
        chosen = _function(event)
        named = rows.named(call.tx, chosen)
        if named is None:
            await call.write(_drop, event["id"])  # a deleted function's events go with it
            return
        row = versions.target(call.tx, chosen)
        config = EventConfig.of(named)
        if self.house.clock.steady() - event["received"] > config.age:
            await call.write(_finish, row, event, "EventAgeExceeded", None)
            return
        try:
            invocation = Invocation(
                event["id"], chosen.qualified_arn, event["payload"], event["client_context"]
            )
            outcome = await self.running.run(call, row, invocation)
        except ServiceError as error:
            if row["concurrency"] == 0 and error.code == "TooManyRequestsException":
                await call.write(_finish, row, event, "ZeroReservedConcurrency", None)
                return
            await call.write(_throttled, event)
            delay = min(THROTTLE_CAP, THROTTLE_DELAY * 2 ** min(event["throttles"], 16))
            raise Retry(delay, str(error)) from error
        if outcome.error is None:
            await call.write(_finish, row, event, "Success", outcome)
        elif event["attempts"] >= config.retries:
            await call.write(_finish, row, event, "RetriesExhausted", outcome)
        else:
            await call.write(_failed, event)
            base = self.house.settings.lambda_retry_delay
            raise Retry(base * (event["attempts"] + 1), f"the function failed: {outcome.error}")

    @job("lambda.Tell", attempts=DELIVERIES, backoff=exponential(1, 300))
    async def tell(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Brings the record of an event to its destination, as the function's role."""
        chosen = Function(payload["account"], payload["region"], payload["name"])
        principal, _ = roles.principal(self.house, call.tx, chosen, payload["role"])
        target, body = payload["target"], payload["body"]
        attributes = {
            name: {"DataType": kind, "StringValue": value}
            for name, kind, value in payload["attributes"]
        }
        service = target.split(":")[2]
        client = call.client(service, as_=principal)
        if service == "sns":
            await client.publish(TopicArn=target, Message=body, MessageAttributes=attributes)
        elif service == "sqs":
            url = "/".join((self.house.endpoint, *target.split(":")[4:6]))
            await client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        elif service == "s3":
            bucket = target.rsplit(":", 1)[1]
            await client.put_object(Bucket=bucket, Key=payload["key"], Body=body.encode())
        else:
            await client.invoke(FunctionName=target, InvocationType="Event", Payload=body.encode())


def _function(event: Row) -> Function:
    return Function(event["account"], event["region"], event["name"], event["qualifier"])


def _drop(call: Call, event_id: str) -> None:
    rows.drop_event(call.tx, event_id)


def _throttled(call: Call, event: Row) -> None:
    rows.change_event(call.tx, event["id"], throttles=event["throttles"] + 1)


def _failed(call: Call, event: Row) -> None:
    rows.change_event(call.tx, event["id"], attempts=event["attempts"] + 1)


def _finish(call: Call, row: Row, event: Row, condition: str, outcome: Outcome | None) -> None:
    """Ends an event, and queues what its destination and dead letter target are told."""
    if not rows.drop_event(call.tx, event["id"]):
        return
    named = rows.named(call.tx, _function(event))
    config = EventConfig() if named is None else EventConfig.of(named)
    target = config.on_success if condition == "Success" else config.on_failure
    if target:
        _tell(call, row, target, _record(call, row, event, condition, outcome), [])
    if row["dead_letter"] and condition != "Success":
        body = bytes(event["payload"]).decode()
        _tell(call, row, row["dead_letter"], body, _dead_attributes(event, condition, outcome))


def _tell(
    call: Call, row: Row, target: str, body: str, attributes: list[tuple[str, str, str]]
) -> None:
    chosen = place(row)
    where = {"account": chosen.account, "region": chosen.region, "name": chosen.name}
    what = {"role": row["role"], "target": target, "body": body, "attributes": attributes}
    if target.startswith("arn:aws:s3:"):
        what["key"] = _key(call, chosen)
    call.defer("lambda.Tell", {**where, **what})


def _key(call: Call, chosen: Function) -> str:
    """Where in a bucket a record goes; named by us once, so that a second try writes it again."""
    now = datetime.fromtimestamp(call.house.clock.time(), UTC)
    moment = f"{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{call.house.ids.uuid()}"
    return f"aws/lambda/async/{chosen.name}/{moment}"


def _record(call: Call, row: Row, event: Row, condition: str, outcome: Outcome | None) -> str:
    now = datetime.fromtimestamp(call.house.clock.time(), UTC)
    chosen = _function(event)
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "requestContext": {
            "requestId": event["id"],
            "functionArn": f"{chosen.arn}:{chosen.qualifier or names.LATEST}",
            "condition": condition,
            "approximateInvokeCount": event["attempts"] + (outcome is not None),
        },
        "requestPayload": _json(event["payload"]),
    }
    if outcome is not None:
        record["responseContext"] = {"statusCode": 200, "executedVersion": str(row["version"])}
        if outcome.error is not None:
            record["responseContext"]["functionError"] = "Unhandled"
        record["responsePayload"] = _json(outcome.payload)
    return orjson.dumps(record).decode()


def _json(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload.decode(errors="replace")


def _dead_attributes(
    event: Row, condition: str, outcome: Outcome | None
) -> list[tuple[str, str, str]]:
    """RequestID, ErrorCode and the first KiB of ErrorMessage, as message attributes."""
    found = _json(outcome.payload) if outcome is not None else None
    message = found.get("errorMessage") if isinstance(found, dict) else None
    return [
        ("RequestID", "String", event["id"]),
        ("ErrorCode", "Number", "200" if outcome is not None else "429"),
        ("ErrorMessage", "String", (str(message or "") or condition)[:1024]),
    ]
