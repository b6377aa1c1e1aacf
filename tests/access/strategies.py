"""Policies and questions from a small vocabulary, so that they often concern each other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from inhouse.access import Policies, Policy, PolicyKind, Question
from tests.access.casebook import PRINCIPALS

ACTIONS = ["s3:GetObject", "s3:PutObject", "sns:Publish", "iam:PassRole"]
PATTERNS = [*ACTIONS, "*", "s3:*", "s3:Get*", "*:*", "s3:?etObject"]
RESOURCES = ["arn:aws:s3:::b/k", "arn:aws:s3:::b/ada/k", "arn:aws:sns:eu-west-1:111122223333:t"]
RESOURCE_PATTERNS = [*RESOURCES, "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*"]
ACCOUNTS = ["111122223333", "444455556666"]
NAMED = [
    {"AWS": "*"},
    {"AWS": "111122223333"},
    {"AWS": "arn:aws:iam::111122223333:user/ada"},
    {"AWS": "arn:aws:iam::111122223333:role/app"},
    {"AWS": "arn:aws:sts::111122223333:assumed-role/app/run1"},
    {"AWS": "arn:aws:iam::444455556666:root"},
    {"Service": "sns.amazonaws.com"},
]
CONDITIONS = [
    {},
    {"StringEquals": {"app:color": "red"}},
    {"StringNotEquals": {"app:color": "${aws:PrincipalTag/color}"}},
    {"ForAllValues:StringLike": {"app:colors": "r*"}},
    {"NumericLessThanIfExists": {"app:size": "10"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
    {"Null": {"app:color": "true"}},
]
CONTEXT = st.dictionaries(
    st.sampled_from(["app:color", "app:colors", "app:size", "aws:PrincipalTag/color"]),
    st.sampled_from(["red", "blue", "9", "11", ""])
    | st.lists(st.sampled_from(["red", "ruby", "blue"]), max_size=3),
    max_size=4,
)


@st.composite
def statements(draw: st.DrawFn, kind: PolicyKind) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(st.sampled_from(PATTERNS)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            st.sampled_from(RESOURCE_PATTERNS)
        ),
        "Condition": draw(st.sampled_from(CONDITIONS)),
    }
    if kind is PolicyKind.RESOURCE:
        statement["Principal"] = draw(st.sampled_from(NAMED))
    if kind is PolicyKind.RCP:
        statement["Principal"] = "*"
    return statement


@st.composite
def policy(draw: st.DrawFn, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    drawn = draw(st.lists(statements(kind), min_size=1, max_size=3))
    return Policy.parse({"Version": "2012-10-17", "Statement": drawn}, kind=kind, name=str(kind))


def some(kind: PolicyKind, *, most: int = 2) -> st.SearchStrategy[tuple[Policy, ...]]:
    return st.lists(policy(kind), max_size=most).map(tuple)


POLICIES = st.builds(
    Policies,
    identity=some(PolicyKind.IDENTITY),
    boundary=st.none() | policy(PolicyKind.BOUNDARY),
    session=some(PolicyKind.SESSION),
    resource=st.none() | policy(PolicyKind.RESOURCE),
    scps=st.lists(some(PolicyKind.SCP), max_size=2).map(tuple),
    rcps=some(PolicyKind.RCP, most=1),
)

QUESTIONS = st.builds(
    Question,
    action=st.sampled_from(ACTIONS),
    resource=st.sampled_from(RESOURCES),
    principal=st.sampled_from(sorted(PRINCIPALS)).map(PRINCIPALS.__getitem__),
    resource_account=st.sampled_from(ACCOUNTS),
    context=CONTEXT,
)
