"""Conditions on rows: `country = 'DE' and (age >= 18 or age is null)`.

    condition  = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | "(" condition ")" | comparison
    comparison = column ( = | != | <> | < | <= | > | >= ) value
               | column [ "not" ] "in" "(" value { "," value } ")"
               | column [ "not" ] "like" string
               | column "is" [ "not" ] "null"

Columns stand bare or in double quotes, strings in single ones ('' is one inside). Beside a number a
cell is compared as a number, and a cell that is none fits nothing but `!=`. An empty cell is null.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .failures import Unsuitable

Row = Sequence[str]
Test = Callable[[Row], bool]
Places = Mapping[str, int]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])
    |(?P<string>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")+")|(?P<word>\w[\w.\-]*)
    |(?P<sign><>|<=|>=|!=|[=<>(),]))""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<>": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Condition:
    """`columns` are those it asks about; `test` is told where they stand in a row."""

    columns: frozenset[str]
    test: Callable[[Places], Test]


def parse(text: str) -> Condition:
    """Raises Unsuitable, saying where the text goes wrong."""
    parser = _Parser(text)
    found = parser.condition(0)
    if parser.kind is not None:
        raise parser.wrong("and, or, or the end")
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.kind: str | None = None
        self.value = ""
        self._next()

    def _next(self) -> None:
        self._start = self._at
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            if self._text[self._at :].strip():
                raise self.wrong("a column, a value or a sign")
            self.kind, self.value = None, ""
            return
        self._at = found.end()
        self.kind = found.lastgroup
        self.value = found[self.kind or ""]

    def wrong(self, wanted: str) -> Unsuitable:
        rest = self._text[self._start :].strip()[:20] or "the end"
        return Unsuitable(f"where has {rest!r} at {self._start}; {wanted} is needed there")

    def _word(self, *words: str) -> str | None:
        if self.kind == "word" and self.value.lower() in words:
            found = self.value.lower()
            self._next()
            return found
        return None

    def _sign(self, *signs: str) -> str | None:
        if self.kind == "sign" and self.value in signs:
            found = self.value
            self._next()
            return found
        return None

    def condition(self, depth: int) -> Condition:
        parts = [self._term(depth)]
        while self._word("or"):
            parts.append(self._term(depth))
        return _joined(parts, any)

    def _term(self, depth: int) -> Condition:
        parts = [self._factor(depth)]
        while self._word("and"):
            parts.append(self._factor(depth))
        return _joined(parts, all)

    def _factor(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise Unsuitable(f"where is nested deeper than {DEEPEST} levels")
        if self._word("not"):
            return _negated(self._factor(depth + 1))
        if self._sign("("):
            found = self.condition(depth + 1)
            if not self._sign(")"):
                raise self.wrong(")")
            return found
        return self._comparison()

    def _comparison(self) -> Condition:
        column = self._column()
        if self._word("is"):
            negative = self._word("not")
            if not self._word("null"):
                raise self.wrong("null")
            return _negated(_cell(column, _empty)) if negative else _cell(column, _empty)
        if self.kind == "word":
            negative = self._word("not")
            found = self._listed(column)
            return _negated(found) if negative else found
        sign = self._sign(*_COMPARE)
        if sign is None:
            raise self.wrong("a comparison such as =, <, in, like or is null")
        return _cell(column, _compared(sign, self._value()))

    def _listed(self, column: str) -> Condition:
        if self._word("like"):
            pattern = self._value()
            if not isinstance(pattern, str):
                raise Unsuitable(
                    "where has like without a string; % and _ stand for any characters"
                )
            return _cell(column, _like(pattern))
        if self._word("in") and self._sign("("):
            tests = [_compared("=", self._value())]
            while self._sign(","):
                tests.append(_compared("=", self._value()))
            if self._sign(")"):
                return _cell(column, lambda cell: any(test(cell) for test in tests))
            raise self.wrong(")")
        raise self.wrong("in (…), like or is null")

    def _column(self) -> str:
        if self.kind == "word" and self.value.lower() not in {
            "and",
            "or",
            "not",
            "in",
            "like",
            "is",
        }:
            name = self.value
        elif self.kind == "quoted":
            name = self.value[1:-1].replace('""', '"')
        else:
            raise self.wrong("a column's name")
        self._next()
        return name

    def _value(self) -> str | float:
        found: str | float
        if self.kind == "string":
            found = self.value[1:-1].replace("''", "'")
        elif self.kind == "number":
            found = float(self.value)
        else:
            raise self.wrong("a number or a 'string'")
        self._next()
        return found


def _joined(parts: list[Condition], join: Callable[[Any], bool]) -> Condition:
    if len(parts) == 1:
        return parts[0]

    def test(places: Places) -> Test:
        tests = [part.test(places) for part in parts]
        return lambda row: join(one(row) for one in tests)

    return Condition(frozenset().union(*(part.columns for part in parts)), test)


def _negated(part: Condition) -> Condition:
    def test(places: Places) -> Test:
        inner = part.test(places)
        return lambda row: not inner(row)

    return Condition(part.columns, test)


def _cell(column: str, fits: Callable[[str], bool]) -> Condition:
    def test(places: Places) -> Test:
        at = places[column]
        return lambda row: fits(row[at] if at < len(row) else "")

    return Condition(frozenset({column}), test)


def _empty(cell: str) -> bool:
    return not cell


def _compared(sign: str, value: str | float) -> Callable[[str], bool]:
    compare = _COMPARE[sign]
    if isinstance(value, str):
        return lambda cell: compare(cell, value)

    def numbers(cell: str) -> bool:
        try:
            return compare(float(cell), value)
        except ValueError:
            return sign in {"!=", "<>"}

    return numbers


def _like(pattern: str) -> Callable[[str], bool]:
    glob = "".join({"%": "*", "_": "?"}.get(c, f"[{c}]" if c in "*?[" else c) for c in pattern)
    fits = re.compile(fnmatch.translate(glob))
    return lambda cell: fits.match(cell) is not None
