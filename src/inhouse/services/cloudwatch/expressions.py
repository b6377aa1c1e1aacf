"""Metric math: a small, useful part of it.

Numbers, queries by id, lists `[m1, m2]`, + - * / ^ and parentheses; ABS, CEIL, FLOOR, FILL,
METRICS, PERIOD, RUNNING_SUM; SUM, AVG, MIN and MAX, which make one number of one series and one
series of several. Where a series lacks a moment the result lacks it, and so does a division by 0.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inhouse.services.cloudwatch.queries import Plan

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z]\w*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>[-+*/^(),\[\]]))",
    re.ASCII,
)
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}
_DEEPEST = 60
_FUNCTIONS = [
    "ABS",
    "AVG",
    "CEIL",
    "FILL",
    "FLOOR",
    "MAX",
    "METRICS",
    "MIN",
    "PERIOD",
    "RUNNING_SUM",
    "SUM",
]


@dataclass(frozen=True, slots=True)
class Values:
    """A time series."""

    points: dict[int, float]
    period: int


Value = float | str | Values | list[Values]
Number = Callable[[float, float], float]
_OPERATORS: dict[str, Number] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}
_ROUNDING: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
}
_GATHERING: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


def evaluate(name: str, text: str, plan: Plan) -> Value:
    """What the expression of query `name` comes to. Raises ValidationError naming the query."""
    return _Expression(name, text, plan).value()


def describe(value: Value) -> str:
    match value:
        case Values():
            return "a time series"
        case list():
            return f"{len(value)} time series"
        case str():
            return "a text"
    return "a number"


class _Expression:
    """A recursive-descent reader that computes as it reads."""

    def __init__(self, name: str, text: str, plan: Plan) -> None:
        self._name = name
        self._plan = plan
        self._tokens = list(self._split(text))
        self._at = 0

    def value(self) -> Value:
        found = self._sum(1)
        if self._at < len(self._tokens):
            raise self._wrong(f"unexpected {self._tokens[self._at]!r}")
        return found

    def _split(self, text: str) -> Iterable[str]:
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._wrong(f"unexpected {text[at:].strip()[:1]!r} at character {at + 1}")
            at = match.end()
            yield match[0].strip()

    def _wrong(self, reason: str) -> ServiceError:
        return ServiceError("ValidationError", f"Error in expression '{self._name}': {reason}.")

    def _next(self) -> str:
        word = self._tokens[self._at] if self._at < len(self._tokens) else ""
        self._at += 1
        return word

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _expect(self, sign: str) -> None:
        word = self._next()
        if word != sign:
            raise self._wrong(f"expected {sign!r}, found {word or 'the end'!r}")

    def _sum(self, binding: int) -> Value:
        """Operators that bind at least so strongly, by precedence climbing; ^ from the right."""
        self._plan.depth += 1
        if self._plan.depth > _DEEPEST:
            raise self._wrong(f"it is nested more than {_DEEPEST} deep")
        left = self._term()
        while _BINDING.get(self._peek(), 0) >= binding:
            sign = self._next()
            right = self._sum(_BINDING[sign] + (sign != "^"))
            left = self._combine(sign, left, right)
        self._plan.depth -= 1
        return left

    def _term(self) -> Value:
        word = self._next()
        if word in ("-", "+"):
            value = self._sum(_BINDING["^"])
            return self._combine("-", 0.0, value) if word == "-" else value
        if word == "(":
            value = self._sum(1)
            self._expect(")")
            return value
        if word == "[":
            return self._series(self._arguments("]"))
        if not word:
            raise self._wrong("it ends too early")
        if word[0].isdigit() or word[0] == ".":
            return float(word)
        if word[0] in "\"'":
            return word[1:-1]
        if not word[0].isalpha():
            raise self._wrong(f"unexpected {word!r}")
        return self._call(word) if self._peek() == "(" else self._reference(word)

    def _arguments(self, end: str) -> list[Value]:
        found: list[Value] = []
        if self._peek() == end:
            self._next()
            return found
        while True:
            found.append(self._sum(1))
            word = self._next()
            if word == end:
                return found
            if word != ",":
                raise self._wrong(f"expected ',' or {end!r}, found {word or 'the end'!r}")

    def _reference(self, name: str) -> Value:
        if name in ("REPEAT", "LINEAR"):
            return name
        series = self._plan.series(name)
        if series is None:
            raise self._wrong(f"no query has the id {name!r}")
        return Values(series.points, series.period)

    def _call(self, name: str) -> Value:
        if name not in _FUNCTIONS:
            raise self._wrong(
                f"the function {name!r} is not supported; there are {', '.join(_FUNCTIONS)}"
            )
        self._expect("(")
        arguments = self._arguments(")")
        if name in _GATHERING:
            return self._gather(name, arguments)
        if name == "METRICS":
            return self._metrics(arguments)
        if name == "FILL":
            return self._fill(arguments)
        if len(arguments) != 1:
            raise self._wrong(f"{name} takes one argument, not {len(arguments)}")
        value = arguments[0]
        if name in _ROUNDING:
            return self._each(_ROUNDING[name], value)
        if not isinstance(value, Values):
            raise self._wrong(f"{name} takes a time series, not {describe(value)}")
        if name == "PERIOD":
            return float(value.period)
        total, points = 0.0, {}
        for moment in sorted(value.points):
            total += value.points[moment]
            points[moment] = total
        return Values(points, value.period)

    def _metrics(self, arguments: list[Value]) -> Value:
        part = arguments[0] if arguments else ""
        if len(arguments) > 1 or not isinstance(part, str):
            raise self._wrong("METRICS takes nothing or a text")
        return [Values(series.points, series.period) for series in self._plan.metrics(part)]

    def _gather(self, name: str, arguments: list[Value]) -> Value:
        if len(arguments) != 1:
            raise self._wrong(
                f"{name} takes one argument, not {len(arguments)}; several series go in [ ]"
            )
        value, gather = arguments[0], _GATHERING[name]
        if isinstance(value, Values):
            return gather(list(value.points.values())) if value.points else math.nan
        if not isinstance(value, list):
            raise self._wrong(f"{name} takes time series, not {describe(value)}")
        by_moment: dict[int, list[float]] = {}
        for series in value:
            for moment, number in series.points.items():
                by_moment.setdefault(moment, []).append(number)
        period = max((series.period for series in value), default=60)
        return Values({moment: gather(found) for moment, found in by_moment.items()}, period)

    def _fill(self, arguments: list[Value]) -> Value:
        if len(arguments) != 2:
            raise self._wrong(
                f"FILL takes a time series and a value, not {len(arguments)} arguments"
            )
        series, filler = arguments
        if isinstance(series, list):
            return [self._filled(one, filler) for one in series]
        if not isinstance(series, Values):
            raise self._wrong(f"FILL takes a time series first, not {describe(series)}")
        return self._filled(series, filler)

    def _filled(self, series: Values, filler: Value) -> Values:
        range_, step = self._plan.range.aligned(series.period), series.period
        moments = range(range_.start, range_.end, step)
        if isinstance(filler, Values):
            points = {m: filler.points[m] for m in moments if m in filler.points}
            return Values({**points, **series.points}, step)
        if isinstance(filler, (float, int)):
            return Values({m: series.points.get(m, float(filler)) for m in moments}, step)
        if filler == "REPEAT":
            return Values(_repeated(series.points, moments), step)
        if filler == "LINEAR":
            return Values(_interpolated(series.points, moments), step)
        raise self._wrong("FILL takes a number, a time series, REPEAT or LINEAR")

    def _series(self, values: list[Value]) -> list[Values]:
        found: list[Values] = []
        for value in values:
            if isinstance(value, Values):
                found.append(value)
            elif isinstance(value, list):
                found += value
            else:
                raise self._wrong(f"[ ] holds time series, not {describe(value)}")
        return found

    def _each(self, function: Callable[[float], float], value: Value) -> Value:
        if isinstance(value, Values):
            points = {m: float(function(number)) for m, number in value.points.items()}
            return Values(points, value.period)
        if isinstance(value, list):
            return [self._one(self._each(function, series)) for series in value]
        if isinstance(value, str):
            raise self._wrong("a text is no number")
        return float(function(value))

    def _one(self, value: Value) -> Values:
        assert isinstance(value, Values)
        return value

    def _combine(self, sign: str, left: Value, right: Value) -> Value:
        if isinstance(left, str) or isinstance(right, str):
            raise self._wrong(f"{sign!r} does not take a text")
        if isinstance(left, list) and isinstance(right, list):
            raise self._wrong(f"{sign!r} takes one list of series at most")
        if isinstance(left, list):
            return [self._one(self._combine(sign, one, right)) for one in left]
        if isinstance(right, list):
            return [self._one(self._combine(sign, left, one)) for one in right]
        if not isinstance(left, Values) and not isinstance(right, Values):
            number = _compute(sign, left, right)
            return math.nan if number is None else number
        return _paired(sign, left, right)


def _paired(sign: str, left: float | Values, right: float | Values) -> Values:
    """A series and a number, or two series where both have a value."""
    points: dict[int, float] = {}
    shape = left if isinstance(left, Values) else right
    assert isinstance(shape, Values)
    for moment in shape.points:
        one = left.points.get(moment) if isinstance(left, Values) else left
        two = right.points.get(moment) if isinstance(right, Values) else right
        number = None if one is None or two is None else _compute(sign, one, two)
        if number is not None:
            points[moment] = number
    return Values(points, shape.period)


def _compute(sign: str, left: float, right: float) -> float | None:
    try:
        number = _OPERATORS[sign](left, right)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _repeated(points: dict[int, float], moments: Iterable[int]) -> dict[int, float]:
    found: dict[int, float] = {}
    last: float | None = None
    for moment in moments:
        last = points.get(moment, last)
        if last is not None:
            found[moment] = last
    return found


def _interpolated(points: dict[int, float], moments: Iterable[int]) -> dict[int, float]:
    found = dict(points)
    gaps = pairwise(sorted(points))
    before, after = next(gaps, (0, 0))
    for moment in moments:
        while moment > after and (gap := next(gaps, None)):
            before, after = gap
        if before < moment < after:
            slope = (points[after] - points[before]) / (after - before)
            found[moment] = points[before] + slope * (moment - before)
    return found
