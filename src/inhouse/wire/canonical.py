"""Canonical paths, queries and headers of Signature Version 4."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_UNRESERVED = "-_.~"
_SPACE = " \t\n\r\f\v"
_SPACES = re.compile(f"[{_SPACE}]+")
#: Text that a second encoding would leave as it is.
_CLEAN_PATH = re.compile(r"(?:[A-Za-z0-9\-_.~/]|%[0-9A-F]{2})*").fullmatch
_CLEAN_FIELD = re.compile(r"(?:[A-Za-z0-9\-_.~]|%[0-9A-F]{2})*").fullmatch


def canonical_paths(path: str, *, single: bool) -> list[str]:
    """The canonical forms of a raw path, likeliest first.

    S3 (`single`) encodes once and keeps dots and double slashes; other services encode the path
    on the wire once more after resolving them.
    """
    if single:
        return [path] if _CLEAN_PATH(path) else [path, _encoded(path, "/")]
    if path in ("", "/"):
        return ["/"]
    return [quote(_resolved(path), safe="/" + _UNRESERVED)]


def canonical_query(query: str, drop: str | None, *, normalize: bool) -> str:
    """The sorted fields of a raw query string, without `drop`; `normalize` re-encodes them."""
    if not query:
        return ""
    fields: list[tuple[str, str]] = []
    for field in query.split("&"):
        name, _, value = field.partition("=")
        if not field or name == drop:
            continue
        if normalize:
            name, value = _normal(name), _normal(value)
        fields.append((name, value))
    fields.sort()
    return "&".join([f"{name}={value}" for name, value in fields])


def canonical_headers(headers: Mapping[str, str], names: Sequence[str]) -> str:
    """The signed headers, a line each, runs of spaces collapsed; absent ones are empty.

    Values are latin-1 text of bytes: what else `str` takes for white may be a byte of a letter.
    """
    lines: list[str] = []
    for name in names:
        value = headers.get(name, "")
        if "  " in value or "\t" in value:
            value = _SPACES.sub(" ", value)
        lines.append(f"{name}:{value.strip(_SPACE)}\n")
    return "".join(lines)


def _normal(text: str) -> str:
    if _CLEAN_FIELD(text):
        return text
    return _encoded(text.replace("+", " "), "")


def _encoded(text: str, safe: str) -> str:
    return quote(unquote_to_bytes(text.encode("utf-8", "surrogatepass")), safe=safe + _UNRESERVED)


def _resolved(path: str) -> str:
    """A path without empty and dot segments (RFC 3986 5.2.4)."""
    if "//" not in path and "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if kept:
                kept.pop()
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")
