"""Policies: parsed once, immutable, quick to ask."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from inhouse.access import checks, grammar
from inhouse.access.document import PolicyKind
from inhouse.access.faults import refuse
from inhouse.access.statement import compile_statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.access.statement import Statement

__all__ = ["Candidates", "Policy", "PolicyKind"]

Candidates = tuple[tuple["Statement", ...], tuple["Statement", ...]]
"""The statements about an action: those that deny, those that allow."""

_REMEMBERED: Final = 512
"""Actions remembered for each policy; a policy is asked about few, however many there are."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A valid policy. `name` is its ARN or inline name, which decisions quote."""

    name: str
    kind: PolicyKind
    text: str
    statements: tuple[Statement, ...] = field(compare=False, repr=False)
    _by_action: dict[str, Candidates] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @staticmethod
    def parse(
        document: str | Mapping[str, Any],
        *,
        kind: PolicyKind = PolicyKind.IDENTITY,
        name: str = "policy",
    ) -> Policy:
        """The policy in a JSON text or a mapping. The same text is parsed once.

        Raises InvalidPolicy for what AWS refuses as MalformedPolicyDocument.
        """
        if not isinstance(document, str):
            try:
                document = json.dumps(document)
            except (TypeError, ValueError, RecursionError) as problem:
                refuse(kind, "", f"it is not JSON: {problem}")
        return _parsed(document, kind, name)

    def candidates(self, action: str) -> Candidates:
        """The statements whose Action fits `action`, which is in lower case."""
        found = self._by_action.get(action)
        if found is None:
            about = [each for each in self.statements if each.action(action)]
            found = (
                tuple(each for each in about if each.deny),
                tuple(each for each in about if not each.deny),
            )
            if len(self._by_action) >= _REMEMBERED:
                self._by_action.clear()
            self._by_action[action] = found
        return found


@lru_cache(maxsize=2048)
def _parsed(text: str, kind: PolicyKind, name: str) -> Policy:
    return Policy(name, kind, text, _compiled(text, kind))


@lru_cache(maxsize=2048)
def _compiled(text: str, kind: PolicyKind) -> tuple[Statement, ...]:
    document = grammar.read(text, kind)
    checks.check(document, kind)
    return tuple(
        compile_statement(raw, index, variables=document.variables)
        for index, raw in enumerate(document.statements)
    )
