"""A function's configuration: from a request to columns, and from a row to an answer.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.services.lambda_ import logging_config, rows
from inhouse.services.lambda_.names import Function, invalid, layer_version
from inhouse.services.lambda_.runtimes import runtime_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.lambda_.runtimes import Runtimes

ENVIRONMENT = 4096
"""Bytes all environment variables may have together, as JSON."""
LAYERS = 5
RESERVED = frozenset(
    (
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
        "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
    )
)  # fmt: skip
_ABSENT: dict[str, tuple[str, ...]] = {
    "VpcConfig": ("SubnetIds", "SecurityGroupIds"),
    "FileSystemConfigs": (),
    "ImageConfig": (),
    "CodeSigningConfigArn": (),
    "KMSKeyArn": (),
    "CapacityProviderConfig": (),
    "DurableConfig": (),
    "TenancyConfig": (),
}
"""What functions have on AWS and not here."""
_ONLY_OF_ONE = ("State", "LastUpdateStatus", "RuntimeVersionConfig")


def columns(
    call: Call, req: Mapping[str, Any], runtimes: Runtimes, current: Row | None = None
) -> dict[str, Any]:
    """Columns that a create (no `current`) or an update request sets.

    Raises InvalidParameterValueException naming the field, the value and what would be right.
    """
    _check_absent(req)
    found: dict[str, Any] = {}
    if current is None:
        found = {
            "description": "",
            "timeout": 3,
            "memory": 128,
            "scratch": 512,
            "environment": "{}",
            "layers": "[]",
            "architectures": '["x86_64"]',
            "dead_letter": None,
            "tracing": "PassThrough",
            "logging": None,
        }
    if current is None or "Runtime" in req:
        found["runtime"] = runtimes.get(req.get("Runtime", "")).name
    for member in ("Handler", "Role", "Description"):
        if member in req:
            found[member.lower()] = req[member]
    if "Timeout" in req:
        found["timeout"] = _number(req["Timeout"], "Timeout", 1, 900)
    if "MemorySize" in req:
        found["memory"] = _number(req["MemorySize"], "MemorySize", 128, 10_240)
    if "EphemeralStorage" in req:
        size = req["EphemeralStorage"].get("Size", 512)
        found["scratch"] = _number(size, "EphemeralStorage.Size", 512, 10_240)
    if "Environment" in req:
        found["environment"] = _environment(req["Environment"].get("Variables") or {})
    if "Layers" in req:
        found["layers"] = _layers(call, req["Layers"])
    if "Architectures" in req:
        found["architectures"] = orjson.dumps(req["Architectures"]).decode()
    if "DeadLetterConfig" in req:
        found["dead_letter"] = _dead_letter(req["DeadLetterConfig"].get("TargetArn"))
    if "TracingConfig" in req:
        found["tracing"] = req["TracingConfig"].get("Mode", "PassThrough")
    if "LoggingConfig" in req:
        before = None if current is None else current["logging"]
        found["logging"] = logging_config.changed(before, req["LoggingConfig"])
    return found


def _check_absent(req: Mapping[str, Any]) -> None:
    if req.get("PackageType", "Zip") != "Zip":
        raise invalid(f"PackageType: {req['PackageType']!r} is not supported; Zip is.")
    for field, members in _ABSENT.items():
        value = req.get(field)
        if value and (not members or any(value.get(member) for member in members)):
            raise invalid(f"{field} is not supported; leave it out.")
    if (req.get("SnapStart") or {}).get("ApplyOn", "None") != "None":
        raise invalid("SnapStart.ApplyOn: only None is supported.")


def _number(value: int, field: str, least: int, most: int) -> int:
    if not least <= value <= most:
        raise invalid(f"{field}: {value} is not between {least} and {most}.")
    return value


def _environment(variables: Mapping[str, str]) -> str:
    for name in variables:
        if name in RESERVED:
            raise invalid(
                "Lambda was unable to configure your environment variables because the environment "
                "variables you have provided contains reserved keys that are currently not "
                f"supported for modification. Reserved keys used in this request: {name}"
            )
        if "\0" in variables[name]:
            raise invalid(f"Environment: the value of {name} has a NUL character.")
    text = orjson.dumps(dict(variables))
    if len(text) > ENVIRONMENT:
        raise invalid(
            "Lambda was unable to configure your environment variables because the environment "
            f"variables you have provided exceeded the 4KB limit. String measured: {len(text)} bytes "
            f"of JSON; {ENVIRONMENT} are allowed."
        )
    return text.decode()


def _layers(call: Call, arns: list[str]) -> str:
    if len(arns) > LAYERS:
        raise invalid(f"Cannot reference more than {LAYERS} layers; there are {len(arns)}.")
    seen: dict[str, str] = {}
    for chosen in map(layer_version, arns):
        if chosen.region != call.region:
            raise invalid(
                "Layers are not in the same region as the function. Layers are expected to be in "
                f"region {call.region}; {chosen.version_arn} is not."
            )
        call.require("lambda:GetLayerVersion", chosen.version_arn)
        if rows.layer(call.tx, chosen) is None:
            raise invalid(f"Layer version {chosen.version_arn} does not exist.")
        if chosen.arn in seen:
            raise invalid(
                "Two different versions of the same layer are not allowed to be referenced in the "
                f"same function. {seen[chosen.arn]} and {chosen.version_arn} are versions of the "
                "same layer."
            )
        seen[chosen.arn] = chosen.version_arn
    return orjson.dumps(arns).decode()


def _dead_letter(arn: str | None) -> str | None:
    if arn and not arn.startswith(("arn:aws:sns:", "arn:aws:sqs:")):
        raise invalid(f"DeadLetterConfig.TargetArn: {arn!r} is neither a topic's nor a queue's.")
    return arn or None


def place(row: Row) -> Function:
    """Which function a row is."""
    return Function(row["account"], row["region"], row["name"])


def shown(
    row: Row, layer_sizes: Mapping[str, int] | None = None, qualifier: str = ""
) -> dict[str, Any]:
    """A function or version as FunctionConfiguration, with the ARN that `qualifier` makes."""
    moment = datetime.fromtimestamp(row["modified"], UTC)
    sizes = layer_sizes or {}
    answer: dict[str, Any] = {
        "FunctionName": row["name"],
        "FunctionArn": replace(place(row), qualifier=qualifier).qualified_arn,
        "Runtime": row["runtime"],
        "Role": row["role"],
        "Handler": row["handler"],
        "CodeSize": row["code_size"],
        "Description": row["description"],
        "Timeout": row["timeout"],
        "MemorySize": row["memory"],
        "LastModified": moment.strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{moment.microsecond // 1000:03d}+0000",
        "CodeSha256": row["code_sha256"],
        "Version": str(row["version"]),
        "TracingConfig": {"Mode": row["tracing"]},
        "RevisionId": row["revision"],
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": orjson.loads(row["architectures"]),
        "EphemeralStorage": {"Size": row["scratch"]},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {
            "RuntimeVersionArn": runtime_version(row["region"], row["runtime"])
        },
        "LoggingConfig": logging_config.shown(row),
    }
    if environment := orjson.loads(row["environment"]):
        answer["Environment"] = {"Variables": environment}
    if layers := orjson.loads(row["layers"]):
        answer["Layers"] = [{"Arn": arn, "CodeSize": sizes.get(arn, 0)} for arn in layers]
    if row["dead_letter"]:
        answer["DeadLetterConfig"] = {"TargetArn": row["dead_letter"]}
    return answer


def listed(
    row: Row, layer_sizes: Mapping[str, int] | None = None, qualifier: str = ""
) -> dict[str, Any]:
    """What listings tell of a function or version: less than GetFunction."""
    whole = shown(row, layer_sizes, qualifier)
    return {member: value for member, value in whole.items() if member not in _ONLY_OF_ONE}


def layer_sizes(call: Call, row: Row) -> dict[str, int]:
    """Bytes of each layer version a function uses."""
    found = {
        arn: rows.used_layer(call.tx, layer_version(arn)) for arn in orjson.loads(row["layers"])
    }
    return {arn: layer["code_size"] for arn, layer in found.items() if layer is not None}
