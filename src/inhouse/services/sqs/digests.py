"""MD5 digests by which clients check that messages came through whole.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
"""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRING, _BINARY = b"\x01", b"\x02"


def of_body(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def of_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """By name: name, type and value, each after its length in four bytes, big-endian."""
    digest = md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        digest.update(_measured(name.encode()))
        digest.update(_measured(attribute["DataType"].encode()))
        binary = attribute.get("BinaryValue")
        if binary is not None:
            digest.update(_BINARY + _measured(binary))
        else:
            digest.update(_STRING + _measured(attribute["StringValue"].encode()))
    return digest.hexdigest()


def _measured(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data
