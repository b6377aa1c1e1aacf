"""How asynchronous events are retried, and where they go in the end: for a function, a version or
an alias.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.lambda_ import names, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.lambda_.names import Function

RETRIES, AGE = 2, 21_600
"""What functions without a configuration of their own have; the age in seconds."""
PAGE = 50
SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
TARGETS = ("arn:aws:sns:", "arn:aws:sqs:", "arn:aws:lambda:")
BUCKET = "arn:aws:s3:::"
"""Buckets take what failed, not what succeeded."""


@dataclass(frozen=True, slots=True)
class EventConfig:
    """Retries after the first attempt, seconds an event may wait, ARNs of destinations."""

    retries: int = RETRIES
    age: int = AGE
    on_success: str | None = None
    on_failure: str | None = None

    @classmethod
    def of(cls, row: Row) -> EventConfig:
        """A function's configuration, AWS's defaults where it has none."""
        found = orjson.loads(row["events"]) if row["events"] else {}
        return cls(
            found.get("retries", RETRIES),
            found.get("age", AGE),
            found.get("on_success"),
            found.get("on_failure"),
        )


class EventConfiguring:
    """Put, update, get, list and delete a function's event configuration."""

    @writes("lambda:PutFunctionEventInvokeConfig", names.of_function)
    def put_function_event_invoke_config(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return _store(call, req, {})

    @writes("lambda:UpdateFunctionEventInvokeConfig", names.of_function)
    def update_function_event_invoke_config(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return _store(call, req, _config(call, names.qualified(call, req)))

    @reads("lambda:GetFunctionEventInvokeConfig", names.of_function)
    def get_function_event_invoke_config(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        chosen = names.qualified(call, req)
        return _shown(chosen, _config(call, chosen))

    @reads("lambda:ListFunctionEventInvokeConfigs", names.of_function)
    def list_function_event_invoke_configs(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        chosen = names.of(call, req)
        named = [_named(call, chosen)]
        named += rows.versions_of(call.tx, chosen) + rows.aliases_of(call.tx, chosen)
        found = [
            _shown(replace(chosen, qualifier=qualifier), orjson.loads(row["events"]))
            for row in named
            if row["events"] and (qualifier := _qualifier(row)) > (req.get("Marker") or "")
        ]
        found.sort(key=lambda config: str(config["FunctionArn"]))
        most = names.page(req, PAGE)
        answer: dict[str, Any] = {"FunctionEventInvokeConfigs": found[:most]}
        if len(found) > most:
            answer["NextMarker"] = found[most - 1]["FunctionArn"].rsplit(":", 1)[1]
        return answer

    @writes("lambda:DeleteFunctionEventInvokeConfig", names.of_function)
    def delete_function_event_invoke_config(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        chosen = names.qualified(call, req)
        _config(call, chosen)
        rows.change_named(call.tx, chosen, events=None)
        return {}


def _named(call: Call, chosen: Function) -> Row:
    row = rows.named(call.tx, chosen)
    if row is None:
        raise names.missing(chosen)
    return row


def _qualifier(row: Row) -> str:
    return str(row["alias"] if "alias" in row.keys() else row["version"])  # noqa: SIM118  a Row's


def _arn(chosen: Function) -> str:
    return f"{chosen.arn}:{chosen.qualifier or names.LATEST}"


def _config(call: Call, chosen: Function) -> dict[str, Any]:
    row = _named(call, chosen)
    if not row["events"]:
        raise ServiceError(
            "ResourceNotFoundException",
            f"The function {_arn(chosen)} doesn't have an EventInvokeConfig",
            status=404,
            Type="User",
        )
    config: dict[str, Any] = orjson.loads(row["events"])
    return config


def _store(call: Call, req: Mapping[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    chosen = names.qualified(call, req)
    _named(call, chosen)
    if not any(member in req for member in SETTINGS):
        raise names.invalid(
            "You must specify at least one of error handling or destination setting: "
            f"{', '.join(SETTINGS)}."
        )
    config = {**before, "modified": call.house.clock.time()}
    if "MaximumRetryAttempts" in req:
        config["retries"] = req["MaximumRetryAttempts"]
    if "MaximumEventAgeInSeconds" in req:
        config["age"] = req["MaximumEventAgeInSeconds"]
    if "DestinationConfig" in req:
        for member, field in (("OnSuccess", "on_success"), ("OnFailure", "on_failure")):
            if member in req["DestinationConfig"]:
                arn = req["DestinationConfig"][member].get("Destination")
                config[field] = _target(call, chosen, member, arn)
    rows.change_named(call.tx, chosen, events=orjson.dumps(config).decode())
    return _shown(chosen, config)


def _target(call: Call, chosen: Function, member: str, arn: str | None) -> str | None:
    if not arn:
        return None
    if arn.split(":")[:7] == chosen.arn.split(":"):
        raise names.invalid(
            "You can't specify the function as a destination for itself: "
            f"DestinationConfig.{member} is {arn[:200]!r}."
        )
    failures = member == "OnFailure"
    if not arn.startswith((*TARGETS, BUCKET) if failures else TARGETS):
        wanted = "a topic, a queue, a function or a bucket" if failures else (
            "a topic, a queue or a function"
        )  # fmt: skip
        raise names.invalid(
            f"The provided destination config is invalid: DestinationConfig.{member}, "
            f"{arn[:200]!r}, is not the ARN of {wanted}."
        )
    if arn.startswith("arn:aws:lambda:"):
        target = names.function(call, arn)
        if target.account == chosen.account and rows.named(call.tx, target) is None:
            raise names.invalid(f"The destination ARN {arn} is invalid: there is no such function.")
    return arn


def _shown(chosen: Function, config: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "LastModified": datetime.fromtimestamp(config["modified"], UTC),
        "FunctionArn": _arn(chosen),
        "DestinationConfig": {
            member: {"Destination": config[field]} if config.get(field) else {}
            for member, field in (("OnSuccess", "on_success"), ("OnFailure", "on_failure"))
        },
    }
    for member, field in (("MaximumRetryAttempts", "retries"), ("MaximumEventAgeInSeconds", "age")):
        if field in config:
            shown[member] = config[field]
    return shown
