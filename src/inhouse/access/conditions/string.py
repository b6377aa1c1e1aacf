"""StringEquals and its relatives; values may hold policy variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inhouse.access import globs
from inhouse.access.conditions.operator import Operator, Test, any_of, filled

if TYPE_CHECKING:
    from collections.abc import Sequence


def _equals(values: Sequence[str], variables: bool) -> Test:
    exact: set[str] = set()
    templates: list[Test] = []
    for value in values:
        parts = globs.template(value, variables=variables, wildcards=False)
        plain = globs.fixed(parts)
        if plain is None:
            templates.append(filled(parts, globs.glob))
        else:
            exact.add(globs.literal(plain) or "")
    known = frozenset(exact)
    return any_of(lambda value, asked: value in known, templates)


def _equals_ignore_case(values: Sequence[str], variables: bool) -> Test:
    exact: set[str] = set()
    templates: list[Test] = []
    for value in values:
        parts = globs.template(value, variables=variables, wildcards=False)
        plain = globs.fixed(parts)
        if plain is None:
            templates.append(filled(parts, _folded))
        else:
            exact.add((globs.literal(plain) or "").casefold())
    known = frozenset(exact)
    return any_of(lambda value, asked: value.casefold() in known, templates)


def _folded(parts: tuple[globs.Fixed, ...]) -> globs.Glob:
    wanted = (globs.literal(parts) or "").casefold()
    return lambda text: text.casefold() == wanted


def _like(values: Sequence[str], variables: bool) -> Test:
    plain: list[globs.Glob] = []
    templates: list[Test] = []
    for value in values:
        parts = globs.template(value, variables=variables)
        known = globs.fixed(parts)
        if known is None:
            templates.append(filled(parts, globs.glob))
        else:
            plain.append(globs.glob(known))
    return any_of(lambda value, asked: any(matches(value) for matches in plain), templates)


OPERATORS: Final = {
    "StringEquals": Operator(_equals),
    "StringNotEquals": Operator(_equals, negated=True),
    "StringEqualsIgnoreCase": Operator(_equals_ignore_case),
    "StringNotEqualsIgnoreCase": Operator(_equals_ignore_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
}
