"""Filter policies: the operators, nesting, limits, and hostile input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.services.sns.filter_rules import FilterError
from inhouse.services.sns.filters import attribute_values, compile_policy


def attributes(**values: Any) -> dict[str, Any]:
    """Message attributes of the types that the values suggest."""
    kinds = {str: "String", int: "Number", float: "Number", list: "String.Array"}
    return attribute_values(
        {
            name: {
                "DataType": kinds[type(value)],
                "StringValue": value if isinstance(value, str) else json.dumps(value),
            }
            for name, value in values.items()
        }
    )


def wants(policy: Any, properties: Any, scope: Any = "MessageAttributes") -> bool:
    return compile_policy(json.dumps(policy), scope).accepts(properties)


@pytest.mark.parametrize(
    ("rules", "yes", "no"),
    [
        (["red"], ["red", ["blue", "red"]], ["Red", "re", 1, ["blue"]]),
        ([100], [100, 100.0], ["100", 101]),
        ([0.1], [0.1, 0.100001], [0.11]),
        ([{"prefix": "re"}], ["red", "re"], ["are", 1]),
        ([{"suffix": "ed"}], ["red"], ["eda"]),
        ([{"equals-ignore-case": "rEd"}], ["RED", "red"], ["redd"]),
        ([{"anything-but": "red"}], ["blue", 5, ["red", "blue"]], ["red", ["red"]]),
        ([{"anything-but": ["red", "blue"]}], ["green"], ["red", "blue", ["red", "blue"]]),
        ([{"anything-but": [1, 2]}], [3, "1"], [1, 2]),
        ([{"anything-but": {"prefix": "re"}}], ["blue"], ["red"]),
        ([{"anything-but": {"suffix": ["ed", "ue"]}}], ["green"], ["red", "blue"]),
        ([{"numeric": ["=", 5]}], [5], [4, "5"]),
        ([{"numeric": [">", 0, "<=", 10]}], [0.5, 10], [0, 11]),
        ([{"exists": True}], ["x", 0], []),
        ([{"cidr": "10.0.0.0/8"}], ["10.1.2.3"], ["11.0.0.0", "x", "::1"]),
        (["red", {"prefix": "bl"}, {"numeric": ["<", 0]}], ["red", "black", -1], ["green", 1]),
    ],
)
def test_operators(rules: list[Any], yes: list[Any], no: list[Any]) -> None:
    for value in yes:
        assert wants({"key": rules}, attributes(key=value)), value
    for value in no:
        assert not wants({"key": rules}, attributes(key=value)), value


def test_absent_attributes_match_only_exists_false() -> None:
    assert wants({"key": [{"exists": False}]}, attributes(other="x"))
    assert not wants({"key": [{"exists": False}]}, attributes(key="x"))
    for rules in (["x"], [{"anything-but": "x"}], [{"exists": True}], [None]):
        assert not wants({"key": rules}, attributes(other="x")), rules


def test_every_key_must_match_and_one_value_of_each() -> None:
    policy = {"a": ["1", "2"], "b": ["3"]}
    assert wants(policy, attributes(a="2", b="3", c="ignored"))
    assert not wants(policy, attributes(a="2"))
    assert not wants(policy, attributes(a="2", b="4"))


def test_or_takes_one_of_its_alternatives() -> None:
    policy = {"source": ["cms"], "$or": [{"kind": ["new"]}, {"size": [{"numeric": [">", 9]}]}]}
    assert wants(policy, attributes(source="cms", kind="new"))
    assert wants(policy, attributes(source="cms", size=10))
    assert not wants(policy, attributes(source="cms", size=9))
    assert not wants(policy, attributes(kind="new"))
    assert wants({"$or": ["x"]}, {"$or": "x"}), (
        "a key like any other where it cannot be an operator"
    )


def test_bodies_are_matched_in_depth() -> None:
    policy = {"order": {"state": ["paid"], "total": [{"numeric": [">", 5]}]}, "test": [False]}

    def body_wanted(body: Any) -> bool:
        return wants(policy, body, "MessageBody")

    assert body_wanted({"order": {"state": "paid", "total": 6}, "test": False})
    assert not body_wanted({"order": {"state": "paid", "total": 5}, "test": False})
    assert not body_wanted({"order": {"state": "paid", "total": 6}, "test": 0})
    assert body_wanted({"order": [{"state": "new"}, {"state": "paid", "total": 6}], "test": False})
    mixed = [{"state": "paid", "total": 1}, {"state": "new", "total": 6}]
    assert not body_wanted({"order": mixed, "test": False}), "one object must match as a whole"
    assert not body_wanted(None)
    assert not body_wanted(["order"])


def test_exists_looks_at_leaves() -> None:
    policy = {"a": {"b": [{"exists": False}]}}
    for body in ({}, {"a": {}}, {"a": "text"}, {"a": {"b": {"c": 1}}}):
        assert wants(policy, body, "MessageBody"), body
    assert not wants(policy, {"a": {"b": None}}, "MessageBody")


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ([], "must be a JSON object"),
        ({"a": "x"}, "must be an object or an array"),
        ({"a": []}, "Empty arrays"),
        ({"a": [["x"]]}, "String, number"),
        ({"a": {"b": ["x"]}}, "nested"),
        ({"a": [{"like": "x"}]}, "Unrecognized match type like"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "one operator"),
        ({"a": [{"prefix": 1}]}, "prefix"),
        ({"a": [{"exists": "yes"}]}, "either true or false"),
        ({"a": [{"numeric": ["<>", 1]}]}, "operator"),
        ({"a": [{"numeric": [">", 5, "<", 1]}]}, "less than its top"),
        ({"a": [{"numeric": ["=", 2_000_000_000]}]}, "between"),
        ({"a": [{"cidr": "10.0.0.0/99"}]}, "cidr"),
        ({"a": [{"anything-but": []}]}, "empty"),
        ({"a": [{"anything-but": ["x", 1]}]}, "only strings or only numbers"),
        ({str(n): ["x"] for n in range(6)}, "more than 5 keys"),
        ({str(n): ["1", "2", "3", "4", "5", "6"] for n in range(3)}, "too complex$"),
    ],
)
def test_bad_policies_are_refused_with_the_reason(policy: Any, why: str) -> None:
    with pytest.raises(FilterError, match=why):
        compile_policy(json.dumps(policy), "MessageAttributes")


def test_depth_counts_in_the_complexity_of_body_policies() -> None:
    policy = {
        "a": {"b": {"c": ["1", "2", "3", "4"]}},
        "d": {"e": ["1", "2", "3"]},
        "f": ["1", "2", "3"],
    }
    with pytest.raises(FilterError, match="too complex") as refused:
        compile_policy(json.dumps(policy), "MessageBody")
    assert f"{3 * 4 * 2 * 3 * 1 * 3} combinations" in str(refused.value.detail)


scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["a", "b", "$or", "prefix", "numeric", "exists", "cidr", "anything-but"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(trees, trees, st.sampled_from(["MessageAttributes", "MessageBody"]))
def test_any_policy_is_refused_or_answers(policy: Any, body: Any, scope: Any) -> None:
    try:
        compiled = compile_policy(json.dumps(policy), scope)
    except FilterError:
        return
    assert compiled.accepts(body) in {True, False}


def test_deep_bodies_and_policies_do_no_harm() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    assert wants({"a": ["x"]}, {"a": deep}, "MessageBody")
    policy: Any = ["x"]
    for _ in range(900):
        policy = {"a": policy}
    with pytest.raises(FilterError, match="levels deep"):
        compile_policy(json.dumps(policy), "MessageBody")


@given(st.text(max_size=5), st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_anything_but_is_the_opposite_of_exactly(value: str, listed: list[str]) -> None:
    exactly = wants({"k": listed}, {"k": value})
    assert wants({"k": [{"anything-but": listed}]}, {"k": value}) is not exactly
    assert exactly is (value in listed)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_ranges_agree_with_arithmetic(value: float, low: float, high: float) -> None:
    low, high = sorted((round(low, 5), round(high, 5)))
    if low < high:
        inside = low <= round(value, 5) < high
        assert wants({"k": [{"numeric": [">=", low, "<", high]}]}, {"k": value}) is inside
