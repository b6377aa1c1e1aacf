"""Bool: true or false, in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inhouse.access import globs
from inhouse.access.conditions.operator import Operator, Test, any_of, filled

if TYPE_CHECKING:
    from collections.abc import Sequence


def _bool(values: Sequence[str], variables: bool) -> Test:
    exact: set[str] = set()
    templates: list[Test] = []
    for value in values:
        parts = globs.template(value, variables=variables, wildcards=False)
        if globs.fixed(parts) is None:
            templates.append(filled(parts, _folded))
        else:
            exact.add(value.lower())
    return any_of(lambda value, asked: value.lower() in exact, templates)


def _folded(parts: tuple[globs.Fixed, ...]) -> globs.Glob:
    wanted = (globs.literal(parts) or "").lower()
    return lambda text: text.lower() == wanted


def fault(value: str) -> str | None:
    """What is wrong with a boolean in a policy."""
    if value.lower() in ("true", "false") or value.startswith("${"):
        return None
    return "expected true or false"


OPERATORS: Final = {"Bool": Operator(_bool, fault=fault)}
