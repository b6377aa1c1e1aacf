"""Operators by name. A family is one module of this package with a mapping `OPERATORS`."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.access.conditions.operator import Operator

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]


class Named(NamedTuple):
    """An operator as a policy names it: `ForAnyValue:StringLikeIfExists`."""

    quantifier: Quantifier
    operator: Operator
    if_exists: bool


@cache
def operators() -> Mapping[str, Operator]:
    """Every operator of every family."""
    package = __name__.rpartition(".")[0]
    found: dict[str, Operator] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], package + "."):
        found.update(getattr(importlib.import_module(module.name), "OPERATORS", {}))
    return found


@cache
def _all_names() -> Mapping[str, Named]:
    names: dict[str, Named] = {}
    quantifiers: tuple[Quantifier, ...] = ("", "ForAllValues", "ForAnyValue")
    for quantifier in quantifiers:
        prefix = f"{quantifier}:" if quantifier else ""
        for name, operator in operators().items():
            names[prefix + name] = Named(quantifier, operator, if_exists=False)
            if not operator.presence:
                names[f"{prefix}{name}IfExists"] = Named(quantifier, operator, if_exists=True)
    return names


def named(name: str) -> Named | None:
    """The operator of that name, with its set operator and IfExists; None if there is none."""
    return _all_names().get(name)


def nearest(name: str) -> str:
    """The known name most like `name`, for messages; else the most usual one."""
    close = difflib.get_close_matches(name[:64], _all_names(), n=1)
    return close[0] if close else "StringEquals"
