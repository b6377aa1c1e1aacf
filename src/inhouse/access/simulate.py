"""What SimulateCustomPolicy and SimulatePrincipalPolicy answer.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from inhouse.access.decide import decide
from inhouse.access.model import Layer, Policies, Reason
from inhouse.access.request import Asked
from inhouse.access.trace import layered, obstacle_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inhouse.access.model import Decision, Question
    from inhouse.access.policy import Policy
    from inhouse.access.statement import Statement

EvalDecision = Literal["allowed", "explicitDeny", "implicitDeny"]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a policy's text; lines and columns count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class SimulatedStatement:
    """A statement that decided, and where it stands in its policy's text (`end` is just after)."""

    policy: str
    layer: Layer
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result for one action on one resource.

    `matched` are the denying statements of a denial, the allowing ones of an allow. `missing` are
    condition keys that the statements about this action and resource read and the context lacks.
    The two last members are None when no such policy applies.
    """

    question: Question
    decision: EvalDecision
    reason: Decision
    matched: tuple[SimulatedStatement, ...]
    missing: tuple[str, ...]
    allowed_by_organizations: bool | None
    allowed_by_boundary: bool | None


def simulate(questions: Iterable[Question], policies: Policies) -> tuple[Evaluation, ...]:
    """An evaluation for each question, all under the same policies."""
    return tuple(_evaluate(question, policies) for question in questions)


def context_keys(policies: Iterable[Policy]) -> tuple[str, ...]:
    """The condition keys that policies read, variables included, each once and as first spelled."""
    keys: dict[str, str] = {}
    for policy in policies:
        for statement in policy.statements:
            for key in statement.keys:
                keys.setdefault(key.lower(), key)
    return tuple(keys.values())


def _evaluate(question: Question, policies: Policies) -> Evaluation:
    asked = Asked(question)
    decision = decide(question, policies)
    outcome: EvalDecision = "allowed"
    if not decision.allowed:
        explicit = decision.reason is Reason.EXPLICIT_DENY
        outcome = "explicitDeny" if explicit else "implicitDeny"
    return Evaluation(
        question=question,
        decision=outcome,
        reason=decision,
        matched=_matched(asked, policies, outcome),
        missing=_missing(asked, policies),
        allowed_by_organizations=_by_organizations(asked, policies),
        allowed_by_boundary=_by_boundary(asked, policies),
    )


def _matched(
    asked: Asked, policies: Policies, outcome: EvalDecision
) -> tuple[SimulatedStatement, ...]:
    if outcome == "implicitDeny":
        return ()
    denies = outcome == "explicitDeny"
    found: list[SimulatedStatement] = []
    for layer, policy in layered(policies):
        for statement in policy.statements:
            if statement.deny == denies and not obstacle_to(asked, statement):
                start, end = _spans(policy.text)[statement.index]
                found.append(SimulatedStatement(policy.name, layer, start, end))
    return tuple(found)


def _missing(asked: Asked, policies: Policies) -> tuple[str, ...]:
    missing: dict[str, str] = {}
    for _, policy in layered(policies):
        for statement in policy.statements:
            if obstacle_to(asked, statement) in ("", "condition", "resource"):
                for key in statement.keys:
                    if asked.value(key.lower()) is None:
                        missing.setdefault(key.lower(), key)
    return tuple(missing.values())


def _by_organizations(asked: Asked, policies: Policies) -> bool | None:
    if not policies.scps:
        return None
    return all(_permits(asked, level) for level in policies.scps)


def _by_boundary(asked: Asked, policies: Policies) -> bool | None:
    return None if policies.boundary is None else _permits(asked, (policies.boundary,))


def _permits(asked: Asked, policies: Iterable[Policy]) -> bool:
    applying: list[Statement] = [
        statement
        for policy in policies
        for statement in policy.statements
        if not obstacle_to(asked, statement)
    ]
    return bool(applying) and not any(statement.deny for statement in applying)


@lru_cache(maxsize=256)
def _spans(text: str) -> tuple[tuple[Position, Position], ...]:
    """Where each statement of a valid policy begins and ends in its text."""
    decode = json.JSONDecoder().raw_decode
    at = text.index("{") + 1
    while True:
        name, at = decode(text, _past(text, at, ","))
        at = _past(text, at, ":")
        if name == "Statement":
            break
        _, at = decode(text, at)
    single = text[at] == "{"
    if not single:
        at = _past(text, at, "[")
    spans: list[tuple[Position, Position]] = []
    while text[at] != "]":
        _, end = decode(text, at)
        spans.append((_position(text, at), _position(text, end)))
        if single:
            break
        at = _past(text, end, ",")
    return tuple(spans)


def _past(text: str, at: int, separator: str) -> int:
    """The next place that is neither white space nor the separator."""
    while text[at].isspace() or text[at] == separator:
        at += 1
    return at


def _position(text: str, at: int) -> Position:
    return Position(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
