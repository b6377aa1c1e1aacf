"""Answers that somebody else wrote, read by the model: what clients would make of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from inhouse.wire import models
from inhouse.wire.http import HttpRequest
from inhouse.wire.malformed import Malformed, expected
from inhouse.wire.protocols.json import json_readers
from inhouse.wire.protocols.rest_in import compile_rest_input
from inhouse.wire.scalars import time_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def from_http(
    service: str, operation: str, headers: Mapping[str, str], body: bytes = b""
) -> dict[str, Any]:
    """boto3's result of an answer's headers (lower-case names) and XML body.

    What the model does not know is passed over. Raises `Malformed`.
    """
    return _reader(service, operation)(HttpRequest("", "", "", dict(headers), body), {})


def from_object(service: str, operation: str, value: Any) -> dict[str, Any]:
    """boto3's result of a JSON object with the members of the operation, in any case.

    Raises `Malformed`.
    """
    found: dict[str, Any] = _read(_output(service, operation), value)
    return found


def _output(service: str, operation: str) -> Any:
    return models.model(service).operation_model(operation).output_shape


@cache
def _reader(service: str, operation: str) -> Callable[..., dict[str, Any]]:
    return compile_rest_input(_output(service, operation), xml=True, readers=json_readers())


def _read(shape: Any, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return _structure(shape, value)
        case "list" if isinstance(value, list):
            return [_read(shape.member, item) for item in value if item is not None]
        case "timestamp":
            return time_from_json(value)
        case "string" if isinstance(value, str):
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" | "long" if type(value) is int:
            return value
    raise expected(f"a {shape.type_name}", value)


def _structure(shape: Any, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise expected("an object", value)
    members = {name.lower(): name for name in shape.members}
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = members.get(key.lower())
        if name is None or item is None:
            continue
        try:
            found[name] = _read(shape.members[name], item)
        except Malformed as problem:
            raise problem.inside(name) from None
    return found
