"""From one line of a Condition element to a function of the request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inhouse.access.conditions.operator import Test
    from inhouse.access.conditions.registry import Named
    from inhouse.access.request import Asked

Check = Callable[["Asked"], bool]
_Holds = Callable[[str, "Asked"], bool]


def compile_condition(
    named: Named, key: str, values: Sequence[str], *, variables: bool, deny: bool
) -> Check:
    """The check for `named: {key: values}` in a statement that denies or allows.

    A variable without value or default matches nothing. Under a negated operator that makes the
    condition hold in a Deny statement, as AWS has it, but not in an Allow statement: what cannot
    be compared grants nothing.
    """
    key = key.lower()
    operator = named.operator
    if operator.presence:
        return _presence(key, values)
    holds = _holds(operator.compile(values, variables), operator.negated, deny)
    if named.quantifier == "ForAllValues":
        return _for_all(key, holds)
    if named.quantifier == "ForAnyValue":
        return _for_any(key, holds, named.if_exists)
    return _plain(key, holds, operator.negated, absent=named.if_exists or operator.negated)


def _presence(key: str, values: Sequence[str]) -> Check:
    wanted = frozenset(value.lower() == "true" for value in values)

    def check(asked: Asked) -> bool:
        value = asked.value(key)
        # A key with an empty list of values counts as absent.
        return (value is None or (not isinstance(value, str) and not value)) in wanted

    return check


def _holds(test: Test, negated: bool, deny: bool) -> _Holds:
    if not negated:
        return lambda value, asked: test(value, asked) is True

    def holds(value: str, asked: Asked) -> bool:
        matched = test(value, asked)
        return deny if matched is None else not matched

    return holds


def _plain(key: str, holds: _Holds, negated: bool, *, absent: bool) -> Check:
    # Several values without a set operator: one must match, or for a negated operator none may.
    every_or_one = all if negated else any

    def check(asked: Asked) -> bool:
        value = asked.value(key)
        if isinstance(value, str):
            return holds(value, asked)
        if not value:
            return absent
        return every_or_one(holds(each, asked) for each in value)

    return check


def _several(value: str | Sequence[str] | None) -> Sequence[str]:
    # For the set operators an empty string is an empty set.
    if not value:
        return ()
    return (value,) if isinstance(value, str) else value


def _for_all(key: str, holds: _Holds) -> Check:
    return lambda asked: all(holds(each, asked) for each in _several(asked.value(key)))


def _for_any(key: str, holds: _Holds, if_exists: bool) -> Check:
    def check(asked: Asked) -> bool:
        value = asked.value(key)
        if value is None:
            return if_exists
        return any(holds(each, asked) for each in _several(value))

    return check
