"""Rows and columns: conditions mean what they say, and wrong ones are refused in words."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inhouse.solutions.preprocessing.functions.csv_filter import transform
from inhouse.solutions.preprocessing.functions.failures import Refusal, Unsuitable
from tests.solutions.preprocessing.making import source, whole

PEOPLE = """id,name,age,home country
1,Ada,36,GB
2,"Doe, John",,US
3,Öz,5.5,TR
4,O'Neil,100,
"""


def made(text: str, **options: Any) -> list[list[str]]:
    data = whole(transform(source(text.encode()), options)).decode()
    return list(csv.reader(io.StringIO(data)))


def ids(where: str) -> str:
    return "".join(row[0] for row in made(PEOPLE, columns=["id"], where=where)[1:])


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("age > 36", "4"),
        ("age >= 36", "14"),
        ("age < 1e2", "13"),
        ("age != 36", "234"),
        ("age <> '36'", "234"),
        ("age is null", "2"),
        ("age is not null and age <= 5.5", "3"),
        ("name = 'O''Neil'", "4"),
        ("name like '%, J_hn'", "2"),
        ("name not like '%a%'", "234"),
        ("name like '[A]%'", ""),
        ("\"home country\" in ('GB', 'US')", "12"),
        ("id in (1, 3.0)", "13"),
        ("id not in (1, 3)", "24"),
        ("id = 1 or id = 2 and age = 7", "1"),
        ("(id = 1 or id = 2) and age is null", "2"),
        ("not (id = 1 or not id = 2)", "2"),
        ("name < 'B' OR name = 'x'", "1"),
    ],
)
def test_conditions(where: str, expected: str) -> None:
    assert ids(where) == expected


def test_columns_in_the_order_asked_for() -> None:
    assert made(PEOPLE, columns=["home country", "name"])[:3] == [
        ["home country", "name"],
        ["GB", "Ada"],
        ["US", "Doe, John"],
    ]


def test_everything_without_options_and_the_header_alone() -> None:
    assert made(PEOPLE) == list(csv.reader(io.StringIO(PEOPLE)))
    assert made(PEOPLE, where="id = 99") == [["id", "name", "age", "home country"]]
    assert made("") == []


def test_other_delimiters_and_short_rows() -> None:
    assert made("a;b\n1\n2;3;4\n", delimiter=";", columns=["b"]) == [["b"], [""], ["3"]]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"columns": ["nothing"]}, "no column 'nothing'; there are id, name, age, home country"),
        ({"where": "nothing = 1"}, "no column 'nothing'"),
    ],
)
def test_columns_that_are_not_there(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal, match=reason) as refused:
        made(PEOPLE, **options)
    assert refused.value.code == "NoSuchColumn"


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("", "a column's name is needed"),
        ("age", "a comparison"),
        ("age = ", "a number or a 'string'"),
        ("age = b", "a number or a 'string'"),
        ("age = 1 1", "'1' at 7; and, or, or the end"),
        ("(age = 1", r"where has 'the end' at 8; \) is needed"),
        ("age in (1", r"\) is needed"),
        ("age in 1", r"in \(…\), like or is null"),
        ("age is 1", "null is needed"),
        ("age like 5", "like without a string"),
        ("and = 1", "a column's name"),
        ("age ; drop", "a column, a value or a sign"),
        ("not " * 60 + "a = 1", "deeper than 50"),
        (5, "must be an expression"),
    ],
)
def test_conditions_that_are_none(where: Any, reason: str) -> None:
    with pytest.raises(Unsuitable, match=reason):
        made(PEOPLE, where=where)


def test_broken_csv_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        made("a,b\n" + "x" * (2 << 20))
    assert refused.value.code == "InvalidCSV"


@settings(max_examples=100, deadline=None)
@given(st.text("ab'\"()=<>!,. 1_%-") | st.text())
def test_any_text_is_a_condition_or_is_refused(where: str) -> None:
    with contextlib.suppress(Unsuitable, Refusal):
        assert len(made("a,b\n1,2\n", where=where)) in {1, 2}
