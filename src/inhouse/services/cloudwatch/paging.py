"""NextToken: a number that only we read."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping


def token(number: int) -> str:
    return base64.urlsafe_b64encode(f"from:{number}".encode()).decode()


def number(req: Mapping[str, Any], code: str) -> int:
    """What NextToken stands for; 0 without one. Raises an error of `code`."""
    given: str | None = req.get("NextToken")
    if given is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(given.encode()).decode()
    except (binascii.Error, ValueError):
        text = ""
    head, _, found = text.partition(":")
    if head != "from" or not found.isdecimal() or len(found) > 15:
        raise ServiceError(code, "Request parameter NextToken is invalid")
    return int(found)
