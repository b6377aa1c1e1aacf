"""JSON bodies: the awsJson1.0/1.1 protocols, and the bodies of restJson1."""

from __future__ import annotations

from typing import Any

import orjson

from inhouse.wire import scalars
from inhouse.wire.malformed import Malformed
from inhouse.wire.protocols.tree_in import TreeReaders
from inhouse.wire.protocols.tree_out import TreeWriters


def json_readers() -> TreeReaders:
    """Readers for JSON: blobs are base64."""
    return TreeReaders(blob=scalars.blob_from_text)


def json_writers() -> TreeWriters:
    """Writers for JSON: timestamps are epoch seconds unless the model says otherwise."""
    return TreeWriters(
        {
            "blob": scalars.blob_to_text,
            "timestamp": scalars.time_to_epoch,
            "timestamp.iso8601": scalars.time_to_iso8601,
            "timestamp.rfc822": scalars.time_to_rfc822,
            "float": scalars.decimal_to_json,
            "double": scalars.decimal_to_json,
        }
    )


def loads(body: bytes) -> Any:
    """Decode a body; an empty one is an empty object. Raises `Malformed`."""
    if not body:
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON: {error}") from None


def dumps(value: Any) -> bytes:
    """Encode a body."""
    return orjson.dumps(value)
