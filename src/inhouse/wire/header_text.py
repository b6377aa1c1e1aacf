"""Headers that come as other text: in the query of a URL, in a form, as a member of a call.

https://www.rfc-editor.org/rfc/rfc9110#section-5
"""

from __future__ import annotations

import re

from inhouse.core.errors import ServiceError

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]").search


def check_header(name: str, value: str) -> None:
    """Raises InvalidArgument where no header can be called `name` or say `value`."""
    if not _NAME(name):
        raise _invalid(name, "is no name of a header: letters, digits and hyphens make one")
    if _CONTROL(value):
        raise _invalid(name, "has control characters, which no header can")


def as_received(name: str, value: str) -> str:
    """`value` as a request's header has it: its UTF-8 bytes as latin-1 text."""
    check_header(name, value)
    return latin_1(value)


def latin_1(text: str) -> str:
    """Text as HTTP's heads hold it: its UTF-8 bytes, each a character."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _invalid(name: str, why: str) -> ServiceError:
    shown = repr(name[:60])[1:-1]
    return ServiceError(
        "InvalidArgument", f"The field '{shown}' {why}.", status=400, ArgumentName=shown
    )
