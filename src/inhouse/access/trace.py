"""Every statement considered, and why it did or did not apply: `inhouse access explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from inhouse.access.model import Layer
from inhouse.access.request import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inhouse.access.model import Match, Policies, Question
    from inhouse.access.policy import Policy
    from inhouse.access.statement import Statement

Obstacle = Literal["", "principal", "action", "resource", "condition"]


@dataclass(frozen=True, slots=True)
class StatementReport:
    """One statement: whether it applies, and if not, the first element that does not fit."""

    match: Match
    applies: bool
    obstacle: Obstacle

    def __str__(self) -> str:
        if self.applies:
            return f"{self.match.effect}: {self.match}"
        return f"not applicable ({self.obstacle} does not match): {self.match}"


def explain(question: Question, policies: Policies) -> tuple[StatementReport, ...]:
    """A report on each statement of each policy, in the order in which `decide` asks the layers."""
    asked = Asked(question)
    return tuple(
        _report(asked, policy, statement, layer)
        for layer, policy in layered(policies)
        for statement in policy.statements
    )


def layered(policies: Policies) -> Iterator[tuple[Layer, Policy]]:
    """Every policy with the layer it stands in."""
    for level in policies.scps:
        for policy in level:
            yield Layer.SCP, policy
    for policy in policies.rcps:
        yield Layer.RCP, policy
    if policies.resource is not None:
        yield Layer.RESOURCE, policies.resource
    for policy in policies.identity:
        yield Layer.IDENTITY, policy
    if policies.boundary is not None:
        yield Layer.BOUNDARY, policies.boundary
    for policy in policies.session:
        yield Layer.SESSION, policy


def _report(asked: Asked, policy: Policy, statement: Statement, layer: Layer) -> StatementReport:
    obstacle = obstacle_to(asked, statement)
    return StatementReport(statement.match(policy.name, layer), not obstacle, obstacle)


def obstacle_to(asked: Asked, statement: Statement) -> Obstacle:
    """The first element of the statement that does not fit; empty if it applies."""
    if not statement.action(asked.action):
        return "action"
    if not statement.grade(asked.question.principal):
        return "principal"
    if statement.resources is not None and not statement.resources(asked):
        return "resource"
    if not all(check(asked) for check in statement.conditions):
        return "condition"
    return ""
