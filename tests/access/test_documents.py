"""Which policy documents are valid, and the sentence and place for those that are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from tests.access.casebook import HERE


def documents(verdict: str) -> list[Any]:
    found = []
    for path in sorted((HERE / "documents").glob("*.json")):
        book = json.loads(path.read_text())
        for case in book[verdict]:
            found.append(
                pytest.param(PolicyKind(book["kind"]), case, id=f"{path.stem}: {case['name']}")
            )
    return found


@pytest.mark.parametrize(("kind", "case"), documents("invalid"))
def test_invalid(kind: PolicyKind, case: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        Policy.parse(case["document"], kind=kind)
    assert caught.value.message == case["message"]
    if "place" in case:
        assert caught.value.place == case["place"]
    assert caught.value.detail
    assert str(caught.value).startswith(case["message"])


@pytest.mark.parametrize(("kind", "case"), documents("valid"))
def test_valid(kind: PolicyKind, case: dict[str, Any]) -> None:
    assert Policy.parse(case["document"], kind=kind).statements


def test_a_mapping_and_its_text_are_the_same_policy() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    }
    text = json.dumps(document)
    assert Policy.parse(document, name="a") == Policy.parse(text, name="a")
    assert Policy.parse(text, name="a") is Policy.parse(text, name="a")
    assert Policy.parse(text, name="a") != Policy.parse(text, name="b")


def test_a_mapping_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="not JSON"):
        Policy.parse({"Version": "2012-10-17", "Statement": {1, 2}})


def test_the_detail_names_the_operator_that_was_meant() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEqual": {"a": "b"}},
    }
    with pytest.raises(InvalidPolicy, match="did you mean StringEquals"):
        Policy.parse({"Version": "2012-10-17", "Statement": statement})


def test_what_is_remembered_of_actions_stays_small() -> None:
    statement = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statement}, name="remembers")
    for number in range(2000):
        denies, allows = policy.candidates(f"s3:get{number}")
        assert (len(denies), len(allows)) == (0, 1)
        assert policy.candidates(f"s3:put{number}") == ((), ())
    assert len(policy._by_action) <= 512
