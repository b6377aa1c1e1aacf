"""CBOR bodies: Smithy's RPC v2 CBOR protocol.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn

import cbor2

from inhouse.wire import scalars
from inhouse.wire.malformed import Malformed, expected
from inhouse.wire.protocols.tree_in import TreeReaders
from inhouse.wire.protocols.tree_out import TreeWriters

if TYPE_CHECKING:
    from datetime import datetime

DEPTH_LIMIT = 100
#: The tags cbor2 would decode by itself. The protocol knows tag 1 alone; others could build
#: cycles, compile regular expressions or parse addresses from whatever a client sends.
_FOREIGN_TAGS = (
    *(0, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 43, 52, 54),
    *(100, 256, 258, 260, 261, 1004, 43000, 55799),
)


def cbor_readers() -> TreeReaders:
    """Readers for CBOR: blobs are byte strings."""
    return TreeReaders(blob=_bytes)


def cbor_writers() -> TreeWriters:
    """Writers for CBOR: timestamps are tag 1, floats are always floats."""
    return TreeWriters(
        {"timestamp": _tagged_time, "float": float, "double": float, "blob": _plain_bytes}
    )


def loads(body: bytes) -> Any:
    """Decode a body; an empty one is an empty object. Raises `Malformed`."""
    if not body:
        return {}
    stream = BytesIO(body)
    try:
        value = cbor2.CBORDecoder(
            stream,
            tag_hook=_refuse,
            semantic_decoders=dict.fromkeys(_FOREIGN_TAGS, _refuse),
            max_depth=DEPTH_LIMIT,
            strict_hashable_types=True,
        ).decode()
    except Exception as error:
        # cbor2 lets whatever its tag decoders raise through: all of it is the client's doing.
        raise Malformed(f"the body is not CBOR: {str(error)[:200]}") from None
    return value


def dumps(value: Any) -> bytes:
    """Encode a body."""
    return cbor2.dumps(value)


def _refuse(*_: object) -> NoReturn:
    raise ValueError("only tag 1 (timestamps) is part of the protocol")


def _bytes(value: Any) -> bytes:
    if value.__class__ is bytes:
        raw: bytes = value
        return raw
    raise expected("bytes", value)


def _plain_bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _tagged_time(value: datetime | float) -> cbor2.CBORTag:
    return cbor2.CBORTag(1, float(scalars.time_to_epoch(value)))
