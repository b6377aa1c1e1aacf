"""Statements, compiled: all that can be decided from the document alone is decided once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inhouse.access import arns, globs
from inhouse.access.conditions import Check, compile_condition, named
from inhouse.access.model import Layer, Match
from inhouse.access.principals import Grade, Principals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inhouse.access.document import Condition, RawStatement
    from inhouse.access.model import Who
    from inhouse.access.request import Asked


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement. `resources` is None when every resource is meant.

    `keys` are the condition keys it reads, variables included, as the policy spells them.
    """

    index: int
    sid: str
    deny: bool
    action: Callable[[str], bool]
    resources: Check | None
    conditions: tuple[Check, ...]
    principals: Principals | None
    not_principals: Principals | None
    keys: tuple[str, ...]

    def applies(self, asked: Asked) -> bool:
        """Whether resource and conditions fit. Action and principal are asked separately."""
        if self.resources is not None and not self.resources(asked):
            return False
        for check in self.conditions:  # noqa: SIM110 - all() with a generator costs 0.3 µs more
            if not check(asked):
                return False
        return True

    def grade(self, who: Who) -> Grade:
        """How closely the statement names `who`; DIRECT when it names nobody, as in an SCP."""
        if self.principals is not None:
            return self.principals.grade(who)
        if self.not_principals is not None:
            spared = self.not_principals.excludes(who, deny=self.deny)
            return Grade.NONE if spared else Grade.DIRECT
        return Grade.DIRECT

    def match(self, policy: str, layer: Layer) -> Match:
        """This statement as a decision names it."""
        return Match(policy, self.index, self.sid, "Deny" if self.deny else "Allow", layer)


def compile_statement(raw: RawStatement, index: int, *, variables: bool) -> Statement:
    """The statement as functions. `raw` has passed the checks."""
    deny = raw.deny
    return Statement(
        index=index,
        sid=raw.sid,
        deny=deny,
        action=_actions(raw),
        resources=_resources(raw, variables=variables),
        conditions=_conditions(raw.conditions, variables=variables, deny=deny),
        principals=None if raw.principals is None else Principals.of(raw.principals),
        not_principals=None if raw.not_principals is None else Principals.of(raw.not_principals),
        keys=_keys(raw, variables=variables),
    )


def _actions(raw: RawStatement) -> Callable[[str], bool]:
    if raw.not_actions:
        spared = _action_set(raw.not_actions)
        return lambda action: not spared(action)
    return _action_set(raw.actions or ())


def _action_set(patterns: Sequence[str]) -> Callable[[str], bool]:
    lower = [pattern.lower() for pattern in patterns]
    exact = frozenset(pattern for pattern in lower if not _wild(pattern))
    globbed = [_glob(pattern) for pattern in lower if _wild(pattern)]
    if not globbed:
        return exact.__contains__
    return lambda action: action in exact or any(matches(action) for matches in globbed)


def _wild(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _glob(pattern: str) -> globs.Glob:
    return globs.glob(globs.fixed(globs.template(pattern, variables=False)) or ())


def _resources(raw: RawStatement, *, variables: bool) -> Check | None:
    """The check of Resource or NotResource.

    A variable that the request cannot fill makes its pattern match nothing; under NotResource
    that leaves a denial in force but voids an allow, which must not grow by what is unknown.
    """
    if raw.resources is None and raw.not_resources is None:
        return None
    if raw.not_resources is None:
        values = raw.resources or ()
        if "*" in values:
            return None
        named_by = _resource_set(values, variables)
        return lambda asked: named_by(asked) is True
    spared_by, deny = _resource_set(raw.not_resources, variables), raw.deny

    def check(asked: Asked) -> bool:
        spared = spared_by(asked)
        return deny if spared is None else not spared

    return check


def _resource_set(values: Sequence[str], variables: bool) -> Callable[[Asked], bool | None]:
    exact: set[str] = set()
    globbed: list[globs.Glob] = []
    open_: list[tuple[globs.Part, ...]] = []
    for value in values:
        parts = globs.template(arns.completed(value), variables=variables)
        known = globs.fixed(parts)
        text = None if known is None else globs.literal(known)
        if known is None:
            open_.append(parts)
        elif text is None:
            globbed.append(globs.glob(known))
        else:
            exact.add(text)
    names = frozenset(exact)

    def named_by(asked: Asked) -> bool | None:
        resource = asked.resource
        if resource in names or any(matches(resource) for matches in globbed):
            return True
        answer: bool | None = False
        for parts in open_:
            filled = globs.resolve(parts, asked)
            if filled is None:
                answer = None
            elif globs.glob(filled)(resource):
                return True
        return answer

    if len(globbed) == 1 and not names and not open_:
        only = globbed[0]
        return lambda asked: only(asked.resource)
    return named_by


def _conditions(
    conditions: Sequence[Condition], *, variables: bool, deny: bool
) -> tuple[Check, ...]:
    checks: list[Check] = []
    for condition in conditions:
        operator = named(condition.operator)
        assert operator is not None  # the grammar refuses unknown operators
        checks.append(
            compile_condition(
                operator, condition.key, condition.values, variables=variables, deny=deny
            )
        )
    return tuple(checks)


def _keys(raw: RawStatement, *, variables: bool) -> tuple[str, ...]:
    keys = {condition.key: None for condition in raw.conditions}
    if variables:
        texts = [*(raw.resources or ()), *(raw.not_resources or ())]
        texts += [value for condition in raw.conditions for value in condition.values]
        for text in texts:
            keys.update(dict.fromkeys(globs.keys_of(text)))
    return tuple(keys)
