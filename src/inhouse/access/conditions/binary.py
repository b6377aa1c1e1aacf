"""BinaryEquals: bytes, written in base64 both in the policy and in the request."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from inhouse.access.conditions.operator import Operator, Test

if TYPE_CHECKING:
    from collections.abc import Sequence


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _equals(values: Sequence[str], variables: bool) -> Test:
    wanted = frozenset(map(_bytes, values)) - {None}
    return lambda value, asked: _bytes(value) in wanted


def _fault(value: str) -> str | None:
    return None if _bytes(value) is not None else "expected base64, such as QUJD"


OPERATORS: Final = {"BinaryEquals": Operator(_equals, fault=_fault)}
