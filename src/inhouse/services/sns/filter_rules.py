"""The operators of filter policies, each compiled into a test of one value.

https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, Final

Rule = Callable[[Any], bool]
"""Tests one value: text, a number, a boolean, None or ABSENT."""


class FilterError(Exception):
    """A filter policy that cannot be used; the text says why, in AWS's words where they are known.

    `detail` says where, and what would be right.
    """

    def __init__(self, why: str, detail: str | None = None) -> None:
        super().__init__(why)
        self.detail = detail


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""The value of a property that a message does not have."""

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LIMIT: Final = 1_000_000_000


def rule(key: str, spec: Any) -> Rule:
    """The test that one entry of a key's list stands for. Raises FilterError."""
    if isinstance(spec, dict):
        if len(spec) != 1:
            raise FilterError(f'"{key}": one operator for each object, not {sorted(spec)}')
        ((name, operand),) = spec.items()
        if name not in _OPERATORS:
            raise FilterError(
                f"Unrecognized match type {name}",
                f'"{key}": there are {", ".join(_OPERATORS)}',
            )
        return _OPERATORS[name](key, operand)
    if isinstance(spec, list):
        raise FilterError(
            "Match value must be String, number, true, false, or null", f'"{key}" has a list'
        )
    return _exactly(key, spec)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exactly(key: str, spec: Any) -> Rule:
    if _is_number(spec):
        wanted = _number(key, spec)
        return lambda value: _is_number(value) and round(value, 5) == wanted
    if isinstance(spec, bool) or spec is None:
        return lambda value: value is spec
    return lambda value: isinstance(value, str) and value == spec


def _number(key: str, value: Any) -> float:
    if not _is_number(value):
        raise FilterError(f'Value of "{key}" must be numeric, not {value!r}')
    if not -_LIMIT <= value <= _LIMIT:
        raise FilterError(f'Value of "{key}" must be between -1.0E9 and 1.0E9 inclusive')
    return round(float(value), 5)


def _text(key: str, name: str, value: Any) -> str:
    if not isinstance(value, str) or (not value and name in {"prefix", "suffix"}):
        raise FilterError(f'{name} of "{key}" must be a string that is not empty, not {value!r}')
    return value


def _prefix(key: str, operand: Any) -> Rule:
    text = _text(key, "prefix", operand)
    return lambda value: isinstance(value, str) and value.startswith(text)


def _suffix(key: str, operand: Any) -> Rule:
    text = _text(key, "suffix", operand)
    return lambda value: isinstance(value, str) and value.endswith(text)


def _equals_ignore_case(key: str, operand: Any) -> Rule:
    text = _text(key, "equals-ignore-case", operand).casefold()
    return lambda value: isinstance(value, str) and value.casefold() == text


def _exists(key: str, operand: Any) -> Rule:
    if not isinstance(operand, bool):
        raise FilterError("exists match pattern must be either true or false.", f'"{key}"')
    return lambda value: (value is not ABSENT) is operand


def _cidr(key: str, operand: Any) -> Rule:
    try:
        network = ip_network(_text(key, "cidr", operand), strict=False)
    except ValueError:
        raise FilterError(
            f'cidr of "{key}" must be a block such as 10.0.0.0/24, not {operand!r}'
        ) from None

    def within(value: Any) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return within


def _anything_but(key: str, operand: Any) -> Rule:
    if isinstance(operand, dict):
        if len(operand) != 1 or not operand.keys() <= {"prefix", "suffix"}:
            raise FilterError(f'anything-but of "{key}" takes one of prefix, suffix')
        refused = _affixes(key, operand)
        return lambda value: isinstance(value, str) and not any(r(value) for r in refused)
    specs = operand if isinstance(operand, list) else [operand]
    if not specs:
        raise FilterError(f'anything-but list of "{key}" must not be empty')
    if not (all(isinstance(s, str) for s in specs) or all(_is_number(s) for s in specs)):
        raise FilterError(f'anything-but of "{key}" takes only strings or only numbers')
    excluded = [_exactly(key, spec) for spec in specs]
    return lambda value: value is not ABSENT and not any(e(value) for e in excluded)


def _affixes(key: str, operand: dict[str, Any]) -> list[Rule]:
    ((name, affixes),) = operand.items()
    make = _prefix if name == "prefix" else _suffix
    listed = affixes if isinstance(affixes, list) and affixes else [affixes]
    return [make(key, one) for one in listed]


def _numeric(key: str, operand: Any) -> Rule:
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        raise FilterError(
            f'numeric of "{key}" must be one comparison, ["=", 5], or a range, [">", 0, "<=", 10]'
        )
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, _ in pairs:
        if not isinstance(sign, str) or sign not in _COMPARE:
            raise FilterError(
                f'Unrecognized numeric range operator {sign!r} for "{key}"; there are {" ".join(_COMPARE)}'
            )
    bounds = [(_COMPARE[sign], _number(key, bound)) for sign, bound in pairs]
    if len(pairs) == 2:
        _check_range(key, pairs)
    return lambda value: (
        _is_number(value) and all(compare(round(value, 5), bound) for compare, bound in bounds)
    )


def _check_range(key: str, pairs: list[tuple[str, float]]) -> None:
    (low_sign, low), (high_sign, high) = pairs
    if low_sign not in {">", ">="} or high_sign not in {"<", "<="}:
        raise FilterError(f'A range of "{key}" reads [">" or ">=", low, "<" or "<=", high]')
    if low >= high:
        raise FilterError(f'Bottom of the numeric range of "{key}" must be less than its top')


_OPERATORS: Final[dict[str, Callable[[str, Any], Rule]]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
}
