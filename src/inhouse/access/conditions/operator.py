"""What a family of condition operators provides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inhouse.access import globs

if TYPE_CHECKING:
    from inhouse.access.request import Asked

Test = Callable[[str, "Asked"], bool | None]
"""Does a value of the request match one of the policy's? None: a variable cannot be resolved."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator, such as StringLike.

    `compile(values, variables)` makes the test of the positive form; `negated` operators answer
    its opposite. `fault(value)` says what is wrong with a value in a policy, or None.
    `presence` marks Null, which asks only whether the key is there.
    """

    compile: Callable[[Sequence[str], bool], Test]
    negated: bool = False
    fault: Callable[[str], str | None] = lambda _: None
    presence: bool = False


def any_of(plain: Test | None, templates: Sequence[Test]) -> Test:
    """A test that holds when one of several does, and is undecided when only that is left."""
    if not templates:
        return plain or (lambda value, asked: False)
    tests = (*((plain,) if plain else ()), *templates)

    def test(value: str, asked: Asked) -> bool | None:
        answer: bool | None = False
        for each in tests:
            got = each(value, asked)
            if got:
                return True
            if got is None:
                answer = None
        return answer

    return test


def filled(
    parts: Sequence[globs.Part], make: Callable[[tuple[globs.Fixed, ...]], globs.Glob]
) -> Test:
    """A test that fills the template's variables for each request, then matches."""

    def test(value: str, asked: Asked) -> bool | None:
        known = globs.resolve(parts, asked)
        return None if known is None else make(known)(value)

    return test
