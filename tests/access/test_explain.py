"""What decisions and reports say."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from inhouse.access import Policies, Policy, PolicyKind, Question, decide, explain
from tests.access.casebook import PRINCIPALS

QUESTION = Question("s3:GetObject", "arn:aws:s3:::b/k", PRINCIPALS["user"], "111122223333")


def test_every_statement_says_what_does_not_fit() -> None:
    policy = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "Fits", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                {"Sid": "Action", "Effect": "Allow", "Action": "sns:*", "Resource": "*"},
                {"Sid": "Place", "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::c/*"},
                {
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ],
        },
        name="mine",
    )
    bucket = Policy.parse(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": "444455556666"},
                "Action": "s3:*",
                "Resource": "*",
            }
        },
        kind=PolicyKind.RESOURCE,
        name="b",
    )
    assert [
        str(each) for each in explain(QUESTION, Policies(identity=(policy,), resource=bucket))
    ] == [
        "not applicable (principal does not match): statement 0 of resource-based policy 'b'",
        "Allow: statement 'Fits' of identity-based policy 'mine'",
        "not applicable (action does not match): statement 'Action' of identity-based policy 'mine'",
        "not applicable (resource does not match): statement 'Place' of identity-based policy 'mine'",
        "not applicable (condition does not match): statement 3 of identity-based policy 'mine'",
    ]


def test_an_explanation_names_the_statement_that_denied() -> None:
    statement = {"Sid": "Closed", "Effect": "Deny", "Action": "*", "Resource": "*"}
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statement}, name="lock")
    assert decide(QUESTION, Policies(identity=(policy,))).explanation() == (
        "Denied: a statement denies the request, and no allow outweighs a denial.",
        "  denies: statement 'Closed' of identity-based policy 'lock'",
    )


def test_a_decision_is_true_only_when_allowed() -> None:
    root = replace(QUESTION, principal=PRINCIPALS["root"])
    assert decide(root, Policies())
    assert not decide(QUESTION, Policies())


def test_values_cannot_be_changed() -> None:
    decision = decide(QUESTION, Policies())
    with pytest.raises(FrozenInstanceError):
        decision.allowed = True  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        QUESTION.action = "s3:*"  # type: ignore[misc]


def test_given_keys_win_over_derived_ones() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalType": "Robot"}},
    }
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statement})
    assert not decide(QUESTION, Policies(identity=(policy,)))
    given = replace(QUESTION, context={"AWS:principaltype": "Robot"})
    assert decide(given, Policies(identity=(policy,)))


def test_a_context_given_as_a_function_is_asked_only_if_a_policy_needs_it() -> None:
    asked: list[str] = []

    def context() -> dict[str, str]:
        asked.append("once")
        return {"aws:SecureTransport": "true", "aws:SourceIp": "203.0.113.9"}

    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    plain = Policy.parse({"Version": "2012-10-17", "Statement": statement})
    conditions = {
        "Bool": {"aws:SecureTransport": "true"},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    }
    strict = Policy.parse(
        {"Version": "2012-10-17", "Statement": {**statement, "Condition": conditions}}
    )
    question = replace(QUESTION, context=context)
    assert decide(question, Policies(identity=(plain,)))
    assert asked == []
    assert decide(question, Policies(identity=(strict,)))
    assert asked == ["once"]
