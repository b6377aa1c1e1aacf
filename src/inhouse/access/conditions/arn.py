"""ArnEquals and its relatives: each of an ARN's six parts is matched by itself, with wildcards.

ArnEquals and ArnLike are the same, as AWS documents.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from inhouse.access import globs
from inhouse.access.conditions.operator import Operator, Test, any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.access.request import Asked

# A colon inside ${aws:username} does not separate parts.
_FIELD: Final = re.compile(r"(?:\$\{[^{}]*\}|[^:])*")


def _fields(value: str, variables: bool) -> list[str]:
    if not variables:
        return value.split(":", 5)
    fields: list[str] = []
    at = 0
    while len(fields) < 5:
        found = _FIELD.match(value, at)
        end = found.end() if found else at
        if end >= len(value):
            break
        fields.append(value[at:end])
        at = end + 1
    return [*fields, value[at:]]


def _pattern(value: str, variables: bool) -> Test:
    if value == "*":
        return lambda given, asked: given.startswith("arn:")
    templates = [globs.template(field, variables=variables) for field in _fields(value, variables)]
    known = [globs.fixed(parts) for parts in templates]
    ready = [globs.glob(parts) for parts in known if parts is not None]
    if len(ready) == len(templates):
        return lambda given, asked: _matches(ready, given)

    def test(given: str, asked: Asked) -> bool | None:
        filled = [globs.resolve(parts, asked) for parts in templates]
        matchers = [globs.glob(parts) for parts in filled if parts is not None]
        return _matches(matchers, given) if len(matchers) == len(filled) else None

    return test


def _matches(matchers: Sequence[globs.Glob], given: str) -> bool:
    fields = given.split(":", 5)
    if len(fields) != 6 or len(matchers) != 6:
        return False
    return all(matches(field) for matches, field in zip(matchers, fields, strict=True))


def _like(values: Sequence[str], variables: bool) -> Test:
    return any_of(None, [_pattern(value, variables) for value in values])


OPERATORS: Final = {
    "ArnEquals": Operator(_like),
    "ArnLike": Operator(_like),
    "ArnNotEquals": Operator(_like, negated=True),
    "ArnNotLike": Operator(_like, negated=True),
}
