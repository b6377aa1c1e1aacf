"""Conditional requests by ETag. RFC 9110 section 13; nothing here has a Last-Modified."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def outcome(headers: Mapping[str, str], etag: str) -> Literal[200, 304, 412]:
    """What a GET or HEAD of something with the strong `etag` comes to."""
    if (wanted := headers.get("if-match")) is not None and not _strong(wanted, etag):
        return 412
    if (known := headers.get("if-none-match")) is not None and _weak(known, etag):
        return 304
    return 200


def range_holds(headers: Mapping[str, str], etag: str) -> bool:
    """Whether a Range may be answered: there is no If-Range, or it names what there is."""
    wanted = headers.get("if-range")
    return wanted is None or wanted.strip() == etag


def _strong(header: str, etag: str) -> bool:
    return header.strip() == "*" or any(
        tag == etag and not weak for weak, tag in _TAG.findall(header)
    )


def _weak(header: str, etag: str) -> bool:
    return header.strip() == "*" or any(tag == etag for _, tag in _TAG.findall(header))
