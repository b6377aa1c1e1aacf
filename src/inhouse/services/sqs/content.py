"""What is sent: its checks, its size, and its form in the store.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

from __future__ import annotations

import base64
import math
import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.sqs.resources import bad_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    Attributes = Mapping[str, Mapping[str, Any]]

MAX_ATTRIBUTES = 10
_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_TYPE = re.compile(r"(String|Number|Binary)(\.[\x21-\x7e]+)?")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOKEN = re.compile(r"[\x21-\x7e]{1,128}")


def check(entry: Mapping[str, Any], largest: int) -> int:
    """Raises unless the body and attributes of `entry` may be sent. Answers their bytes."""
    body = entry["MessageBody"]
    if not body:
        raise missing("MessageBody")
    _check_text("The message body", body)
    attributes = entry.get("MessageAttributes") or {}
    if len(attributes) > MAX_ATTRIBUTES:
        raise bad_value(f"{len(attributes)} message attributes; {MAX_ATTRIBUTES} is the most")
    size = len(body.encode())
    for name, attribute in attributes.items():
        size += _check_attribute(name, attribute)
    for name, attribute in (entry.get("MessageSystemAttributes") or {}).items():
        if name != "AWSTraceHeader" or attribute.get("DataType") != "String":
            raise bad_value(
                "AWSTraceHeader, a String, is the only message system attribute there is"
            )
        _check_attribute("AWSTraceHeader", attribute)
    if size > largest:
        raise bad_value(
            "One or more parameters are invalid. "
            f"Reason: Message must be shorter than {largest} bytes, and it has {size}"
        )
    return size


def missing(member: str) -> ServiceError:
    return ServiceError(
        "MissingParameter", f"The request must contain the parameter {member}.", status=400
    )


def check_token(name: str, value: str) -> str:
    """Raises unless `value` can be a group or deduplication id."""
    if not _TOKEN.fullmatch(value):
        raise bad_value(
            f"{name} must be 1 to 128 letters, digits and punctuation marks, not {value[:128]!r}"
        )
    return value


def to_json(attributes: Attributes) -> str:
    """Message attributes as they are stored: binary values in base64."""
    return orjson.dumps(
        {
            name: {
                "DataType": attribute["DataType"],
                "BinaryValue": base64.b64encode(attribute["BinaryValue"]).decode(),
            }
            if attribute.get("BinaryValue") is not None
            else {"DataType": attribute["DataType"], "StringValue": attribute["StringValue"]}
            for name, attribute in attributes.items()
        }
    ).decode()


def from_json(text: str) -> dict[str, dict[str, Any]]:
    attributes: dict[str, dict[str, Any]] = orjson.loads(text)
    for attribute in attributes.values():
        if "BinaryValue" in attribute:
            attribute["BinaryValue"] = base64.b64decode(attribute["BinaryValue"])
    return attributes


def _check_text(what: str, text: str) -> None:
    found = _FORBIDDEN.search(text)
    if found:
        raise ServiceError(
            "InvalidMessageContents",
            f"{what} holds {found[0]!a} at character {found.start()}, which no message may hold.",
        )


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> int:
    """Raises unless the attribute may be sent. Answers its bytes."""
    reserved = name.lower().startswith(("aws.", "amazon."))
    if not _NAME.fullmatch(name) or len(name) > 256 or reserved:
        raise bad_value(
            f"The message attribute name {name[:256]!r} is not valid: 1 to 256 of A-Z a-z 0-9 _ - ., "
            "no period first, last or twice in a row, not starting with AWS. or Amazon."
        )
    kind = attribute.get("DataType") or ""
    found = _TYPE.fullmatch(kind)
    if found is None or len(kind) > 256:
        raise bad_value(
            f"The type {kind[:64]!r} of message attribute {name!r} must start with String, Number or Binary"
        )
    member = "BinaryValue" if found[1] == "Binary" else "StringValue"
    value = attribute.get(member)
    if not value:
        raise bad_value(
            f"The message attribute {name!r} of type {kind!r} needs a {member} that is not empty"
        )
    if isinstance(value, str):
        _check_text(f"The message attribute {name!r}", value)
    if found[1] == "Number" and not _is_finite(value):
        raise bad_value(f"Can't cast the value of message attribute {name!r} to a number")
    return len(name) + len(kind) + len(value if isinstance(value, bytes) else value.encode())


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False
