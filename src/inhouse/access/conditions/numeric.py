"""NumericEquals and its relatives: integers and decimals, compared exactly."""

from __future__ import annotations

import operator as compare
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from inhouse.access.conditions.operator import Operator, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inhouse.access.request import Asked

_NUMBER: Final = re.compile(r"[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})([eE][+-]?\d{1,3})?", re.ASCII)


def number(text: str) -> Decimal | None:
    """The number written in `text`, or None."""
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _fault(value: str) -> str | None:
    return None if number(value) is not None else "expected a number such as 10 or 0.5"


def _comparing(holds: Callable[[Decimal, Decimal], bool]) -> Callable[[Sequence[str], bool], Test]:
    def compiled(values: Sequence[str], variables: bool) -> Test:
        limits = tuple(limit for limit in map(number, values) if limit is not None)

        def test(value: str, asked: Asked) -> bool:
            given = number(value)
            return given is not None and any(holds(given, limit) for limit in limits)

        return test

    return compiled


def _operator(holds: Callable[[Decimal, Decimal], bool], *, negated: bool = False) -> Operator:
    return Operator(_comparing(holds), negated=negated, fault=_fault)


OPERATORS: Final = {
    "NumericEquals": _operator(compare.eq),
    "NumericNotEquals": _operator(compare.eq, negated=True),
    "NumericLessThan": _operator(compare.lt),
    "NumericLessThanEquals": _operator(compare.le),
    "NumericGreaterThan": _operator(compare.gt),
    "NumericGreaterThanEquals": _operator(compare.ge),
}
