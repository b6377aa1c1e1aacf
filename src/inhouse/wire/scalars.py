"""Numbers, booleans, blobs and timestamps as text, both ways.

Timestamp formats are Smithy's: `iso8601` (XML, query strings), `unixTimestamp` (JSON), `rfc822`
(headers). Readers accept every format everywhere, as AWS does, and give aware datetimes in UTC.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from inhouse.wire.malformed import expected

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}").fullmatch
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?").fullmatch
#: Longer texts are no times, and email.utils is slow on them.
_LONGEST_TIME = 64
_UNUSUAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_BOUNDS = {"integer": 1 << 31, "long": 1 << 63}


def boolean_from_text(text: str) -> bool:
    """`true` or `false`, in the spellings SDKs use."""
    folded = text.lower()
    if folded in ("true", "1"):
        return True
    if folded in ("false", "0"):
        return False
    raise expected("true or false", text)


def whole_from_text(type_name: str) -> Callable[[str], int]:
    """A reader of `integer` (32 bits) or `long` (64 bits)."""
    bound = _BOUNDS[type_name]

    def read(text: str) -> int:
        text = text.strip()
        if not _WHOLE(text):
            raise expected("a whole number", text)
        number = int(text)
        if not -bound <= number < bound:
            raise expected(f"a whole number below {bound}", number)
        return number

    return read


def whole(type_name: str) -> Callable[[Any], int]:
    """A checker of numbers that JSON or CBOR already decoded."""
    bound = _BOUNDS[type_name]

    def read(value: Any) -> int:
        if value.__class__ is float and value.is_integer():
            value = int(value)
        if value.__class__ is not int or not -bound <= value < bound:
            raise expected("a whole number" if type_name == "long" else "a 32-bit number", value)
        number: int = value
        return number

    return read


def decimal_from_text(text: str) -> float:
    """A float, NaN and the infinities included."""
    text = text.strip()
    if _DECIMAL(text):
        return float(text)
    if text in _UNUSUAL:
        return _UNUSUAL[text]
    raise expected("a number", text)


def decimal(value: Any) -> float:
    """A float from JSON or CBOR, where NaN and the infinities may come as strings."""
    if value.__class__ is float or value.__class__ is int:
        return float(value)
    if value.__class__ is str and value in _UNUSUAL:
        return _UNUSUAL[value]
    raise expected("a number", value)


def decimal_to_json(value: float) -> float | str:
    """JSON has no NaN and no infinities: they go as strings."""
    return value if math.isfinite(value) else decimal_to_text(value)


def decimal_to_text(value: float) -> str:
    """The shortest text that reads back as the same float."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value)) if value.__class__ is float else str(value)


def blob_from_text(text: Any) -> bytes:
    """Strict base64."""
    if text.__class__ is not str:
        raise expected("base64 text", text)
    try:
        return base64.b64decode("".join(text.split()) if "\n" in text else text, validate=True)
    except (binascii.Error, ValueError):
        raise expected("base64 text", text) from None


def blob_to_text(value: bytes | str) -> str:
    """Base64; text is taken as UTF-8."""
    raw = value.encode() if isinstance(value, str) else value
    return base64.b64encode(raw).decode("ascii")


def time_from_epoch(seconds: float) -> datetime:
    """Seconds since 1970, fractions kept to the microsecond."""
    try:
        return EPOCH + timedelta(microseconds=round(seconds * 1_000_000))
    except (OverflowError, ValueError):
        raise expected("a time between the years 1 and 9999", seconds) from None


def time_from_text(text: str) -> datetime:
    """A timestamp in any of the three formats."""
    text = text.strip()
    if len(text) > _LONGEST_TIME:
        raise expected("a timestamp", text)
    if _DECIMAL(text):
        return time_from_epoch(float(text))
    try:
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        raise expected("a timestamp such as 2024-01-31T12:00:00Z", text) from None


def time_from_json(value: Any) -> datetime:
    """A timestamp from JSON or CBOR: a number, or text as some SDKs send it."""
    if value.__class__ is int or value.__class__ is float:
        return time_from_epoch(value)
    if value.__class__ is datetime:
        return _utc(value)
    if value.__class__ is str:
        return time_from_text(value)
    raise expected("a timestamp", value)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value.astimezone(UTC)


def _aware(value: datetime | float) -> datetime:
    """What services may give as a time: a datetime (naive means UTC) or epoch seconds."""
    if isinstance(value, datetime):
        return value if value.tzinfo is UTC else _utc(value)
    return time_from_epoch(value)


def time_to_iso8601(value: datetime | float) -> str:
    """`2024-01-31T12:00:00.123Z`; isoformat is several times faster than strftime."""
    return _aware(value).isoformat("T", "milliseconds")[:-6] + "Z"


def time_to_epoch(value: datetime | float) -> float:
    """Seconds since 1970 with milliseconds; whole seconds as an int."""
    seconds = round(_aware(value).timestamp(), 3)
    return int(seconds) if seconds == int(seconds) else seconds


def time_to_rfc822(value: datetime | float) -> str:
    """`Wed, 31 Jan 2024 12:00:00 GMT`."""
    return _http_date(int(_aware(value).timestamp()))


@lru_cache(maxsize=4096)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


#: Writers of timestamps by the model's `timestampFormat`.
TIME_WRITERS: dict[str, Callable[[Any], Any]] = {
    "iso8601": time_to_iso8601,
    "unixTimestamp": time_to_epoch,
    "rfc822": time_to_rfc822,
}

#: Readers of scalars that came as text (query strings, forms, headers, XML), by shape type.
TEXT_READERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "character": str,
    "boolean": boolean_from_text,
    "integer": whole_from_text("integer"),
    "long": whole_from_text("long"),
    "float": decimal_from_text,
    "double": decimal_from_text,
    "timestamp": time_from_text,
    "blob": blob_from_text,
}


def text_writer(type_name: str, time_format: str) -> Callable[[Any], str]:
    """A writer of a scalar as text, for headers and XML."""
    if type_name == "boolean":
        return lambda value: "true" if value else "false"
    if type_name == "timestamp":
        write_time = TIME_WRITERS[time_format]
        # S3 gives back the Expires header as it was put, whatever it was.
        return lambda value: value if value.__class__ is str else str(write_time(value))
    if type_name in ("float", "double"):
        return decimal_to_text
    if type_name == "blob":
        return blob_to_text
    return str
