"""What is published: its checks, its size, and its form in the store.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

import base64
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 256 * 1024
"""Of a message with its attributes, and of all messages of a batch together."""
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_TYPE = re.compile(r"(String|Number|Binary)(\.[A-Za-z0-9_.-]+)?")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was accepted. `attributes` in boto3's shape, binary values as bytes.

    `structured` tells that `text` is an object of texts by protocol (`MessageStructure` json).
    """

    id: str
    topic: str
    text: str
    subject: str | None
    attributes: Mapping[str, Mapping[str, Any]]
    structured: bool
    timestamp: str
    """When it was published, `2012-04-26T20:45:04.751Z`."""

    def to_json(self) -> str:
        return orjson.dumps(
            {
                "text": self.text,
                "subject": self.subject,
                "attributes": {name: _plain(value) for name, value in self.attributes.items()},
                "structured": self.structured,
                "timestamp": self.timestamp,
            }
        ).decode()

    @classmethod
    def from_json(cls, message_id: str, topic: str, content: str) -> Message:
        fields = orjson.loads(content)
        for attribute in fields["attributes"].values():
            if "BinaryValue" in attribute:
                attribute["BinaryValue"] = base64.b64decode(attribute["BinaryValue"])
        return cls(id=message_id, topic=topic, **fields)

    def for_protocol(self, protocol: str) -> str:
        """The text that subscribers by `protocol` get."""
        if not self.structured:
            return self.text
        texts = orjson.loads(self.text)
        chosen = texts.get(protocol)
        return chosen if isinstance(chosen, str) else str(texts["default"])


def _plain(attribute: Mapping[str, Any]) -> dict[str, str]:
    plain = {"DataType": attribute["DataType"]}
    if attribute["DataType"].startswith("Binary"):
        plain["BinaryValue"] = base64.b64encode(attribute["BinaryValue"]).decode()
    else:
        plain["StringValue"] = attribute["StringValue"]
    return plain


def check(entry: Mapping[str, Any]) -> int:
    """Raises unless `entry` (a Publish request or a batch's entry) may be published.

    Answers its size in bytes.
    """
    text = entry["Message"]
    if not text:
        raise invalid("Empty message")
    size = _utf8("Message", text)
    _check_subject(entry.get("Subject"))
    _check_structure(entry.get("MessageStructure"), text)
    if entry.get("MessageDeduplicationId"):
        raise invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
            "that is not valid for this topic type"
        )
    attributes = entry.get("MessageAttributes") or {}
    for name, attribute in attributes.items():
        size += _check_attribute(name, attribute)
    if size > MAX_BYTES:
        raise invalid("Message too long", f"{size} bytes with attributes, {MAX_BYTES} is the most")
    return size


def invalid(what: str, detail: str | None = None) -> ServiceError:
    """`what` in AWS's words; `detail` says where and what would be right, beside the message."""
    return ServiceError("InvalidParameter", f"Invalid parameter: {what}", Detail=detail)


def _utf8(member: str, text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise invalid(f"{member} Reason: not valid UTF-8 at character {error.start}") from None


def _check_subject(subject: str | None) -> None:
    if subject is None:
        return
    if not 1 <= len(subject) <= 100:
        raise invalid("Subject", f"{len(subject)} characters; 1 to 100 are allowed")
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"} for character in subject):
        raise invalid("Subject", "It may not hold line breaks or control characters")
    if subject[0].isspace():
        raise invalid("Subject", "It must begin with a letter, number or punctuation mark")


def _check_structure(structure: str | None, text: str) -> None:
    if structure is None:
        return
    if structure != "json":
        raise invalid(
            f"MessageStructure Reason: {structure[:64]!r} is unknown; json is the only one"
        )
    try:
        texts = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise invalid("Message Structure - JSON message body failed to parse") from None
    if not isinstance(texts, dict) or not isinstance(texts.get("default"), str):
        raise invalid("Message Structure - No default entry in JSON message body")


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> int:
    """Raises unless the attribute may be sent. Answers its bytes."""
    if len(name.encode()) > 256:
        raise _bad_value("Length of message attribute name must be less than 256 bytes")
    if not _ATTRIBUTE_NAME.fullmatch(name):
        raise _bad_value(
            f"The message attribute name {name[:256]!r} is not valid: 1 to 256 of A-Z a-z 0-9 _ - ., "
            "no period first, last or twice in a row"
        )
    if name.lower().startswith(("aws.", "amazon.")):
        raise _bad_value(f"The message attribute name {name!r} starts with a reserved prefix")
    kind = attribute.get("DataType") or ""
    found = _TYPE.fullmatch(kind)
    if found is None or len(kind) > 256:
        raise _bad_value(
            f"The message attribute '{name}' has an invalid message attribute type, the set of "
            f"supported type prefixes is Binary, Number, and String; it is {kind[:64]!r}"
        )
    member = "BinaryValue" if found[1] == "Binary" else "StringValue"
    value = attribute.get(member)
    if not value and (attribute.get("StringValue") or attribute.get("BinaryValue")):
        field = member.removesuffix("Value")
        raise _bad_value(
            f"The message attribute '{name}' with type '{kind}' must use field '{field}'"
        )
    if not value:
        raise _bad_value(
            f"The message attribute '{name}' must contain non-empty message attribute value "
            f"for message attribute type '{kind}'"
        )
    if found[1] == "Number" and not _is_finite(value):
        raise _bad_value(f"Could not cast message attribute '{name}' value to number")
    size = len(value) if isinstance(value, bytes) else _utf8(f"MessageAttributes.{name}", value)
    return len(name) + len(kind) + size


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def _bad_value(why: str) -> ServiceError:
    return ServiceError("ParameterValueInvalid", f"{why}.")
