"""Null: whether the request has the key at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inhouse.access.conditions.operator import Operator, Test

if TYPE_CHECKING:
    from collections.abc import Sequence


def _never(values: Sequence[str], variables: bool) -> Test:
    return lambda value, asked: False


def _fault(value: str) -> str | None:
    if value.lower() in ("true", "false"):
        return None
    return "expected true (the key is absent) or false (it is present)"


OPERATORS: Final = {"Null": Operator(_never, fault=_fault, presence=True)}
