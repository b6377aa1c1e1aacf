"""Expressions are hostile input: they come to a value or to a ValidationError, nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.services.cloudwatch import queries
from inhouse.services.cloudwatch.periods import Range
from inhouse.services.cloudwatch.queries import Series

PIECES = st.sampled_from(
    [
        "m",
        "n",
        "e",
        "1",
        "0",
        "1e308",
        ".5",
        "'t'",
        "+",
        "-",
        "*",
        "/",
        "^",
        "(",
        ")",
        "[",
        "]",
        ",",
        "$",
        "SUM(",
        "FILL(",
        "METRICS(",
        "ABS(",
        "PERIOD(",
        "RUNNING_SUM(",
        "REPEAT",
        "LINEAR",
    ]
)


def evaluate(text: str) -> None:
    asked = [
        {"Id": name, "MetricStat": {"Metric": {}, "Period": 60, "Stat": "Sum"}} for name in "mn"
    ]
    plan = queries.Plan([*asked, {"Id": "e", "Expression": text}], Range(0, 600, 0.0))
    plan.found = {"m": Series("m", 60, {0: 1.0, 60: 2.0}), "n": Series("n", 60)}
    try:
        series, refusal = plan.series("e"), None
    except ServiceError as error:
        series, refusal = None, error
    if refusal is not None:
        assert (refusal.code, "'e'" in refusal.message) == ("ValidationError", True)
    else:
        assert series is not None
        assert all(isinstance(value, float) for value in series.points.values())


@given(st.lists(PIECES, max_size=30).map("".join))
def test_pieces_in_any_order(text: str) -> None:
    evaluate(text)


@given(st.text(max_size=100))
def test_any_text(text: str) -> None:
    evaluate(text)


def test_deep_nesting() -> None:
    for text in (
        "(" * 2000,
        "-" * 2000,
        "[" * 2000,
        "ABS(" * 500,
        "1^" * 1000 + "1",
        "1+" * 999 + "m",
    ):
        evaluate(text)
