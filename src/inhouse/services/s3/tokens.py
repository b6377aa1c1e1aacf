"""Continuation tokens: opaque to clients, the last entry of a page to us."""

from __future__ import annotations

import base64
import binascii

from inhouse.core.errors import ServiceError

_VERSION = "1:"


def token(last: str) -> str:
    """What leads on behind `last`."""
    return base64.urlsafe_b64encode(f"{_VERSION}{last}".encode()).decode()


def last_of(token: str) -> str:
    """The entry that a token stands behind. Raises InvalidArgument for what is no token."""
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith(_VERSION):
        raise ServiceError(
            "InvalidArgument",
            "The continuation token provided is incorrect",
            ArgumentName="continuation-token",
            ArgumentValue=token[:100],
        )
    return text[len(_VERSION) :]
