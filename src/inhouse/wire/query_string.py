"""Names and values of query strings and form bodies."""

from __future__ import annotations

from urllib.parse import unquote, unquote_plus

from inhouse.core.errors import ServiceError

#: AWS bounds requests to a few hundred parameters; PutMetricData's lists are the longest.
FIELDS_LIMIT = 100_000


def pairs(text: str) -> list[tuple[str, str]]:
    """Decode `a=b&c=d` in order; a key without `=` has the value "".

    Raises `ServiceError` InvalidURI when an escape is not UTF-8 or there are too many fields.
    """
    fields = text.split("&")
    if len(fields) > FIELDS_LIMIT:
        raise ServiceError("InvalidURI", f"There are more than {FIELDS_LIMIT} parameters.")
    found: list[tuple[str, str]] = []
    try:
        for one in fields:
            if not one:
                continue
            name, _, value = one.partition("=")
            if "%" in name or "+" in name:
                name = unquote_plus(name, errors="strict")
            if "%" in value or "+" in value:
                value = unquote_plus(value, errors="strict")
            found.append((name, value))
    except UnicodeDecodeError:
        raise ServiceError(
            "InvalidURI", f"The parameter {one[:80]!r} is not percent-encoded UTF-8."
        ) from None
    return found


def label(text: str) -> str:
    """Decode one label of a path. Raises `ServiceError` InvalidURI when it is not UTF-8."""
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ServiceError(
            "InvalidURI", f"The path segment {text[:80]!r} is not percent-encoded UTF-8."
        ) from None
