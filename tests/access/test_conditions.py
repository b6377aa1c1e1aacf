"""What holds for every condition operator."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.access import Policies, Policy, Question, decide
from inhouse.access.conditions import named
from inhouse.access.conditions.registry import nearest, operators
from tests.access.casebook import PRINCIPALS

SAMPLES = {
    "String": ["red", "r*", "", "${aws:username}", "RED"],
    "Numeric": ["1", "-2.5", "1e3"],
    "Date": ["2026-01-01T00:00:00Z", "1767225600", "2026"],
    "Bool": ["true", "False"],
    "Binary": ["QUJD", ""],
    "Ip": ["203.0.113.0/24", "2001:db8::/32"],
    "NotIp": ["203.0.113.0/24", "2001:db8::/32"],
    "Arn": ["arn:aws:s3:::b/*", "*", "arn:aws:iam::*:user/${aws:username}"],
    "Null": ["true", "false"],
}
OPPOSITES = [
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("StringLike", "StringNotLike"),
    ("NumericEquals", "NumericNotEquals"),
    ("DateEquals", "DateNotEquals"),
    ("IpAddress", "NotIpAddress"),
    ("ArnEquals", "ArnNotEquals"),
    ("ArnLike", "ArnNotLike"),
]
VALUES = st.text(max_size=12) | st.sampled_from(
    [value for values in SAMPLES.values() for value in values]
    + ["203.0.113.7", "::ffff:203.0.113.7", "fe80::1%eth0", "arn:aws:iam::1:user/ada", "ada", "٣"]
)


def samples(operator: str) -> list[str]:
    return next(values for start, values in SAMPLES.items() if operator.startswith(start))


def holds(operator: str, values: Any, given_value: Any) -> bool:
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {"app:key": values}},
    }
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statement})
    context = {} if given_value is None else {"app:key": given_value}
    question = Question("s3:GetObject", "*", PRINCIPALS["user"], context=context)
    return decide(question, Policies(identity=(policy,))).allowed


def test_all_operators_of_the_reference_are_there() -> None:
    assert set(operators()) == {
        *(f"String{name}" for name in ("Equals", "NotEquals", "EqualsIgnoreCase",
                                       "NotEqualsIgnoreCase", "Like", "NotLike")),
        *(f"{family}{name}" for family in ("Numeric", "Date")
          for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan",
                       "GreaterThanEquals")),
        *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
        *("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
    }  # fmt: skip


@pytest.mark.parametrize("operator", sorted(operators()))
@pytest.mark.parametrize("prefix", ["", "ForAllValues:", "ForAnyValue:"])
@given(value=st.none() | VALUES | st.lists(VALUES, max_size=3))
def test_any_value_of_a_request_can_be_compared(operator: str, prefix: str, value: Any) -> None:
    assert holds(prefix + operator, samples(operator), value) in (True, False)


@pytest.mark.parametrize(("positive", "negative"), OPPOSITES)
@given(value=VALUES)
def test_a_negated_operator_is_the_opposite(positive: str, negative: str, value: str) -> None:
    listed = samples(positive)
    assert holds(positive, listed, value) != holds(negative, listed, value)


@pytest.mark.parametrize("operator", sorted(set(operators()) - {"Null"}))
def test_if_exists_holds_without_the_key(operator: str) -> None:
    assert holds(f"{operator}IfExists", samples(operator), None)
    assert holds(operator, samples(operator), None) == ("Not" in operator)


@pytest.mark.parametrize("operator", sorted(set(operators()) - {"Null"}))
def test_set_operators_without_the_key(operator: str) -> None:
    assert holds(f"ForAllValues:{operator}", samples(operator), None)
    assert not holds(f"ForAnyValue:{operator}", samples(operator), None)
    assert holds(f"ForAllValues:{operator}", samples(operator), [])
    assert not holds(f"ForAnyValue:{operator}", samples(operator), [])


@pytest.mark.parametrize(
    "name",
    ["", "stringEquals", "StringEquals ", "StringEqualsIfExistsIfExists", "ForAllValues:",
     "ForAllValues:ForAnyValue:StringEquals", "IfExists", "NullIfExists", "IpAddressLike"],
)  # fmt: skip
def test_what_is_no_operator(name: str) -> None:
    assert named(name) is None
    assert named(nearest(name)) is not None
