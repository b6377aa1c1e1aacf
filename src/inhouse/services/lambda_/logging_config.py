"""What a function's log is like: where it is, its format, and how much is told.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.services.lambda_.names import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Row

LEVELS = ("ApplicationLogLevel", "SystemLogLevel")


@dataclass(frozen=True, slots=True)
class Report:
    """How an invocation went: seconds and MiB; `init` only after a cold start, `status` success,
    error or timeout, `error` the error's type where the environment ended with it."""

    request_id: str
    duration: float
    billed: int
    memory: int
    used: int
    init: float | None
    status: str
    error: str | None


class Text:
    """What Lambda itself tells, as lines to read."""

    def start(self, request_id: str, version: str) -> list[str]:
        return [f"START RequestId: {request_id} Version: {version}"]

    def report(self, told: Report) -> list[str]:
        fields = [
            f"REPORT RequestId: {told.request_id}",
            f"Duration: {told.duration * 1000:.2f} ms",
            f"Billed Duration: {told.billed} ms",
            f"Memory Size: {told.memory} MB",
            f"Max Memory Used: {told.used} MB",
        ]
        if told.init is not None:
            fields.append(f"Init Duration: {told.init * 1000:.2f} ms")
        if told.error is not None:
            fields.append(f"Status: {told.status}")
            if told.status != "timeout":
                fields.append(f"Error Type: {told.error}")
        return [f"END RequestId: {told.request_id}", "\t".join(fields) + "\t"]


class Json:
    """The same as objects; at the level WARN there is nothing to tell."""

    def __init__(self, level: str) -> None:
        self._silent = level == "WARN"

    def start(self, request_id: str, version: str) -> list[str]:
        return self._told("platform.start", {"requestId": request_id, "version": version})

    def report(self, told: Report) -> list[str]:
        metrics = {
            "durationMs": round(told.duration * 1000, 3),
            "billedDurationMs": told.billed,
            "memorySizeMB": told.memory,
            "maxMemoryUsedMB": told.used,
        }
        if told.init is not None:
            metrics["initDurationMs"] = round(told.init * 1000, 3)
        record = {"requestId": told.request_id, "metrics": metrics, "status": told.status}
        if told.error is not None:
            record["errorType"] = told.error
        return self._told("platform.report", record)

    def _told(self, kind: str, record: Mapping[str, Any]) -> list[str]:
        if self._silent:
            return []
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return [orjson.dumps({"time": moment, "type": kind, "record": record}).decode()]


def changed(current: str | None, wanted: Mapping[str, Any]) -> str:
    """The column that `wanted`, a LoggingConfig, makes of what there was.

    Raises InvalidParameterValueException.
    """
    config: dict[str, Any] = {**_stored(current), **wanted}
    if config["LogFormat"] == "JSON":
        config = {**dict.fromkeys(LEVELS, "INFO"), **config}
    elif given := [level for level in LEVELS if level in wanted]:
        raise invalid(f"LoggingConfig: {', '.join(given)} need the LogFormat JSON; it is Text.")
    else:
        config = {name: value for name, value in config.items() if name not in LEVELS}
    return orjson.dumps(config).decode()


def shown(row: Row) -> dict[str, str]:
    """A function's or version's LoggingConfig."""
    return {"LogGroup": _own_group(row), **_stored(row["logging"])}


def is_own(row: Row) -> bool:
    """Whether the log group is the function's own, which nobody chose."""
    return shown(row)["LogGroup"] == _own_group(row)


def form(row: Row) -> Text | Json:
    """How Lambda itself tells of the function's invocations."""
    config = _stored(row["logging"])
    return Json(config["SystemLogLevel"]) if config["LogFormat"] == "JSON" else Text()


def variables(row: Row) -> dict[str, str]:
    """What the runtime is told."""
    config = shown(row)
    told = {"AWS_LAMBDA_LOG_GROUP_NAME": config["LogGroup"]}
    if config["LogFormat"] == "JSON":
        told["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        told["AWS_LAMBDA_LOG_LEVEL"] = config["ApplicationLogLevel"]
    return told


def stream(row: Row, moment: datetime, unique: str) -> str:
    """The name of an environment's log stream; in a group that others share, with the function's."""
    return f"{moment:%Y/%m/%d}/{'' if is_own(row) else row['name']}[{row['version']}]{unique}"


def _own_group(row: Row) -> str:
    return f"/aws/lambda/{row['name']}"


def _stored(column: str | None) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(column) if column else {"LogFormat": "Text"}
    return found
