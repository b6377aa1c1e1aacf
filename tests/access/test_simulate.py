"""Simulations: matched statements with their places, missing keys, boundary and organization."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from inhouse.access import (
    Evaluation,
    Layer,
    Policies,
    Policy,
    PolicyKind,
    Position,
    Question,
    context_keys,
    simulate,
)
from tests.access.casebook import PRINCIPALS

QUESTION = Question("s3:GetObject", "arn:aws:s3:::b/k", PRINCIPALS["user"], "111122223333")
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
DENY = {"Sid": "Secret", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policy(*statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    return Policy.parse(document(*statements), kind=kind, name=f"the {kind} policy")


def one(policies: Policies, question: Question = QUESTION) -> Evaluation:
    (evaluation,) = simulate([question], policies)
    return evaluation


def cut(text: str, start: Position, end: Position) -> str:
    lines = text.split("\n")
    offset = [
        sum(len(line) + 1 for line in lines[: p.line - 1]) + p.column - 1 for p in (start, end)
    ]
    return text[offset[0] : offset[1]]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("first", ["Version", "Statement"])
def test_matched_statements_are_found_in_the_text(
    indent: int | None, single: bool, first: str
) -> None:
    raw: dict[str, Any] = document(DENY, READ)
    if single:
        raw["Statement"] = READ
    text = json.dumps({first: raw[first]} | raw, indent=indent)
    evaluation = one(Policies(identity=(Policy.parse(text, name="p"),)))
    (matched,) = evaluation.matched
    assert (matched.policy, matched.layer) == ("p", Layer.IDENTITY)
    assert json.loads(cut(text, matched.start, matched.end)) == READ


def test_lines_and_columns_count_from_one() -> None:
    text = '{"Version":"2012-10-17","Statement":' + json.dumps(READ) + "}"
    (matched,) = one(Policies(identity=(Policy.parse(text),))).matched
    assert matched.start == Position(1, 37)
    assert matched.end == Position(1, 37 + len(json.dumps(READ)))


def test_each_question_is_answered() -> None:
    secret = replace(QUESTION, resource="arn:aws:s3:::b/secret")
    put = replace(QUESTION, action="s3:PutObject")
    found = simulate([QUESTION, secret, put], Policies(identity=(policy(READ, DENY),)))
    assert [each.decision for each in found] == ["allowed", "explicitDeny", "implicitDeny"]
    assert [each.question for each in found] == [QUESTION, secret, put]
    assert [len(each.matched) for each in found] == [1, 1, 0]


def test_every_statement_that_allows_is_matched() -> None:
    evaluation = one(Policies(identity=(policy(READ), policy({**READ, "Sid": "Again"}))))
    assert len(evaluation.matched) == 2


def test_missing_keys_are_those_that_relevant_statements_read() -> None:
    conditional = {
        **READ,
        "Condition": {
            "Bool": {"aws:SecureTransport": "true"},
            "StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*", "aws:username": "a*"},
        },
    }
    again = {**READ, "Sid": "Again", "Condition": {"Null": {"AWS:SECURETRANSPORT": "false"}}}
    other = {
        "Effect": "Allow",
        "Action": "sns:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"sns:Protocol": "https"}},
    }
    policies = Policies(identity=(policy(conditional, again, other),))
    assert set(one(policies).missing) == {
        "aws:SecureTransport",
        "s3:prefix",
        "aws:PrincipalTag/team",
    }
    given = replace(QUESTION, context={"AWS:securetransport": "true", "s3:prefix": "x"})
    assert one(policies, given).missing == ("aws:PrincipalTag/team",)


def test_context_keys_are_listed_once_as_first_spelled() -> None:
    first = {**READ, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    second = {
        **READ,
        "Sid": "Home",
        "Resource": "arn:aws:s3:::home/${aws:username, 'x'}/${*}",
        "Condition": {"Null": {"AWS:SecureTransport": "false"}},
    }
    assert context_keys([policy(first, second)]) == ("aws:SecureTransport", "aws:username")


def test_boundary_and_organization_are_told_apart() -> None:
    allow, deny = policy(READ), Policies(identity=(policy(READ),))
    assert one(deny).allowed_by_boundary is None
    assert one(deny).allowed_by_organizations is None
    scp = policy(READ, kind=PolicyKind.SCP)
    narrow = policy({**READ, "Action": "sns:*"}, kind=PolicyKind.BOUNDARY)
    evaluation = one(Policies(identity=(allow,), boundary=narrow, scps=((scp,), (scp,))))
    assert evaluation.decision == "implicitDeny"
    assert evaluation.allowed_by_boundary is False
    assert evaluation.allowed_by_organizations is True
    evaluation = one(Policies(identity=(allow,), boundary=allow, scps=((scp,), ())))
    assert evaluation.allowed_by_boundary is True
    assert evaluation.allowed_by_organizations is False
