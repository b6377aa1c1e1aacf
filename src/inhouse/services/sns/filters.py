"""Filter policies: which messages a subscription wants.

A policy is compiled once into nested closures and then asked for each message.
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import orjson

from inhouse.services.sns.filter_rules import ABSENT, FilterError, Rule, rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Matcher = Callable[[Any], bool]

Scope = Literal["MessageAttributes", "MessageBody"]
MAX_COMBINATIONS = 150
MAX_KEYS = 5
MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
_RESERVED = frozenset(
    {"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix"}
)


class FilterPolicy:
    """A compiled policy. Build it with `compile_policy`."""

    __slots__ = ("_matches", "scope")

    def __init__(self, scope: Scope, matches: Matcher) -> None:
        self.scope = scope
        self._matches = matches

    def accepts(self, properties: Any) -> bool:
        """Whether a message with `properties` is wanted.

        `properties` is what `attribute_values` answers, or the body as parsed JSON. A body that
        is no JSON object is never wanted.
        """
        return isinstance(properties, dict) and self._matches(properties)


@lru_cache(maxsize=4096)
def compile_policy(text: str, scope: Scope) -> FilterPolicy:
    """The policy in the JSON `text`. Raises FilterError saying what is wrong with it."""
    if len(text.encode()) > MAX_BYTES:
        raise FilterError(f"Filter policy is larger than {MAX_BYTES} bytes")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FilterError(f"failed to parse JSON. {error}") from None
    if not isinstance(document, dict):
        raise FilterError("Filter policy must be a JSON object")
    compiler = _Compiler(scope)
    matches, combinations = compiler.fields(document, 1)
    if compiler.keys > MAX_KEYS:
        raise FilterError(f"Filter policy can not have more than {MAX_KEYS} keys")
    if combinations > MAX_COMBINATIONS:
        raise FilterError(
            "Filter policy is too complex",
            f"{combinations} combinations of values, and {MAX_COMBINATIONS} is the most",
        )
    return FilterPolicy(scope, matches)


def attribute_values(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Message attributes as plain values: text, numbers, lists. Binary ones are left out."""
    found: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, text = attribute["DataType"], attribute.get("StringValue")
        if text is None:
            continue
        if kind == "String.Array":
            found[name] = _array(text)
        elif kind.startswith("Number"):
            found[name] = float(text)
        else:
            found[name] = text
    return found


def _array(text: str) -> Any:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return values if isinstance(values, list) else text


class _Compiler:
    def __init__(self, scope: Scope) -> None:
        self._nested = scope == "MessageBody"
        self.keys = 0

    def fields(self, document: dict[str, Any], depth: int) -> tuple[Matcher, int]:
        """All of the keys must match. Answers the matcher and its combinations of values."""
        if depth > MAX_DEPTH:
            raise FilterError(f"Filter policy is nested more than {MAX_DEPTH} levels deep")
        matchers: list[Matcher] = []
        combinations = 1
        for key, value in document.items():
            matcher, count = self._field(key, value, depth)
            matchers.append(matcher)
            combinations *= count
        if len(matchers) == 1:
            return matchers[0], combinations
        return lambda properties: all(m(properties) for m in matchers), combinations

    def _field(self, key: str, value: Any, depth: int) -> tuple[Matcher, int]:
        if key == "$or" and _is_alternatives(value):
            return self._alternatives(value, depth)
        if isinstance(value, list):
            return self._leaf(key, value, depth)
        if not isinstance(value, dict):
            raise FilterError(f'"{key}" must be an object or an array')
        if not self._nested:
            raise FilterError(
                "Filter policy scope MessageAttributes does not support nested filter policy"
            )
        if not value:
            raise FilterError(f'Empty objects are not allowed, and "{key}" is one')
        inner, combinations = self.fields(value, depth + 1)
        return lambda properties: _inside(properties.get(key), inner), combinations

    def _alternatives(self, branches: list[dict[str, Any]], depth: int) -> tuple[Matcher, int]:
        if depth >= MAX_DEPTH:
            raise FilterError(f"Filter policy is nested more than {MAX_DEPTH} levels deep")
        compiled = [self.fields(branch, depth) for branch in branches]
        matchers = [matcher for matcher, _ in compiled]
        total = sum(count for _, count in compiled)
        return lambda properties: any(m(properties) for m in matchers), total

    def _leaf(self, key: str, values: list[Any], depth: int) -> tuple[Matcher, int]:
        if not values:
            raise FilterError(f'Empty arrays are not allowed, and "{key}" is one')
        self.keys += 1
        rules = [rule(key, value) for value in values]
        count = len(values) * (depth if self._nested else 1)
        return lambda properties: _any(rules, properties.get(key, ABSENT)), count


def _is_alternatives(value: Any) -> bool:
    """AWS takes `$or` for an operator only where it can be one; else it is a key like any other."""
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(one, dict) and one and not _RESERVED & one.keys() for one in value)
    )


def _inside(value: Any, matches: Matcher) -> bool:
    """Nested keys must match within one object, also where a list holds several.

    A property that is not an object has no nested ones, which is what `exists: false` asks for.
    """
    if isinstance(value, list):
        return any(isinstance(one, dict) and matches(one) for one in _elements(value))
    return matches(value if isinstance(value, dict) else {})


def _any(rules: Sequence[Rule], value: Any) -> bool:
    if isinstance(value, list):
        leaves = [one for one in _elements(value) if not isinstance(one, dict)] or [ABSENT]
        return any(one(leaf) for leaf in leaves for one in rules)
    if isinstance(value, dict):  # `exists` and its like see leaves only
        value = ABSENT
    return any(one(value) for one in rules)


def _elements(values: list[Any]) -> Iterator[Any]:
    """What is in a list and in the lists within it; no recursion, for the depth is a stranger's."""
    waiting = list(reversed(values))
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        else:
            yield value
