"""What must hold for every question and every policy."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.access import (
    InvalidPolicy,
    Policies,
    Policy,
    PolicyKind,
    Question,
    Reason,
    decide,
    explain,
    simulate,
)
from tests.access.casebook import PRINCIPALS
from tests.access.strategies import POLICIES, QUESTIONS, policy

EVERYTHING: dict[str, Any] = {"Action": "*", "Resource": "*"}


def deny_all(kind: PolicyKind) -> Policy:
    statement = {"Effect": "Deny", **EVERYTHING}
    if kind in (PolicyKind.RESOURCE, PolicyKind.RCP):
        statement["Principal"] = "*"
    return Policy.parse({"Version": "2012-10-17", "Statement": statement}, kind=kind)


def with_denial(policies: Policies, layer: str) -> Policies:
    match layer:
        case "identity":
            return replace(policies, identity=(*policies.identity, deny_all(PolicyKind.IDENTITY)))
        case "boundary":
            return replace(policies, boundary=deny_all(PolicyKind.BOUNDARY))
        case "session":
            return replace(policies, session=(*policies.session, deny_all(PolicyKind.SESSION)))
        case "resource":
            return replace(policies, resource=deny_all(PolicyKind.RESOURCE))
        case "rcp":
            return replace(policies, rcps=(*policies.rcps, deny_all(PolicyKind.RCP)))
        case _:
            return replace(policies, scps=(*policies.scps, (deny_all(PolicyKind.SCP),)))


@pytest.mark.parametrize("layer", ["identity", "boundary", "session", "resource", "rcp", "scp"])
@given(question=QUESTIONS, policies=POLICIES)
def test_a_denial_never_loses(layer: str, question: Question, policies: Policies) -> None:
    if layer == "scp" and question.principal.kind in ("service", "anonymous", "federated"):
        return  # outside the organization's accounts
    if layer in ("scp", "rcp") and question.principal == PRINCIPALS["linked_role"]:
        return  # which organizations leave alone
    decision = decide(question, with_denial(policies, layer))
    assert decision.reason is Reason.EXPLICIT_DENY


@given(QUESTIONS, POLICIES, st.lists(policy(PolicyKind.SCP), max_size=2).map(tuple))
def test_an_scp_level_never_grants(
    question: Question, policies: Policies, level: tuple[Policy, ...]
) -> None:
    after = decide(question, replace(policies, scps=(*policies.scps, level)))
    assert not after.allowed or decide(question, policies).allowed


@given(QUESTIONS, POLICIES, policy(PolicyKind.RCP))
def test_an_rcp_never_grants(question: Question, policies: Policies, rcp: Policy) -> None:
    after = decide(question, replace(policies, rcps=(*policies.rcps, rcp)))
    assert not after.allowed or decide(question, policies).allowed


@given(QUESTIONS, POLICIES, policy(PolicyKind.BOUNDARY))
def test_a_boundary_never_grants(question: Question, policies: Policies, extra: Policy) -> None:
    without = replace(policies, boundary=None)
    after = decide(question, replace(policies, boundary=extra))
    assert not after.allowed or decide(question, without).allowed


@given(QUESTIONS, POLICIES, policy(PolicyKind.SESSION))
def test_a_session_policy_never_grants(
    question: Question, policies: Policies, extra: Policy
) -> None:
    if question.principal.kind == "user" and question.principal.session_arn:
        return  # a federated user's session has nothing until it has a session policy
    without = replace(policies, session=())
    after = decide(question, replace(policies, session=(extra,)))
    assert not after.allowed or decide(question, without).allowed


@given(QUESTIONS, POLICIES)
def test_across_accounts_the_resource_must_let_in(question: Question, policies: Policies) -> None:
    if question.resource_account != question.principal.account:
        assert not decide(question, replace(policies, resource=None)).allowed


@given(QUESTIONS, POLICIES)
def test_a_decision_rests_on_statements_that_apply(question: Question, policies: Policies) -> None:
    decision = decide(question, policies)
    applying = {report.match for report in explain(question, policies) if report.applies}
    assert set(decision.matched) <= applying
    if decision.reason is Reason.EXPLICIT_DENY:
        assert decision.matched[0].effect == "Deny"
    if not decision.allowed:
        assert question.action in decision.message(question)
    elif decision.reason is not Reason.ALLOWED_ROOT:
        assert {match.effect for match in decision.matched} == {"Allow"}
    assert len(decision.explanation()) == 1 + len(decision.matched)


@given(QUESTIONS, POLICIES)
def test_a_simulation_agrees_with_the_decision(question: Question, policies: Policies) -> None:
    (evaluation,) = simulate([question], policies)
    decision = decide(question, policies)
    assert (evaluation.decision == "allowed") == decision.allowed
    assert (evaluation.decision == "explicitDeny") == (decision.reason is Reason.EXPLICIT_DENY)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
ELEMENTS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal",
            "NotPrincipal", "Condition", "Other"]  # fmt: skip
VALUES = (
    st.sampled_from(
        ["Allow", "Deny", "*", "s3:Get*", "arn:aws:s3:::b", "arn:aws:iam::*", "${", "x"]
    )
    | st.just({"AWS": "*"})
    | st.just({"StringLike": {"aws:username": ["${aws:username}", "*a*"]}})
    | st.dictionaries(
        st.sampled_from(["StringEquals", "DateLessThan", "IpAddress", "Bool", "NumericEquals"]),
        st.dictionaries(st.text(max_size=4), JSON_VALUES, max_size=2),
    )
    | JSON_VALUES
)
NEARLY = st.fixed_dictionaries(
    {"Version": st.sampled_from(["2012-10-17", "2008-10-17"])},
    optional={
        "Id": VALUES,
        "Statement": st.lists(st.dictionaries(st.sampled_from(ELEMENTS), VALUES), max_size=2),
    },
)


@given(document=st.text() | JSON_VALUES.map(json.dumps) | NEARLY.map(json.dumps),
       kind=st.sampled_from(PolicyKind), question=QUESTIONS)  # fmt: skip
def test_any_document_is_a_policy_or_refused(
    document: str, kind: PolicyKind, question: Question
) -> None:
    try:
        parsed = Policy.parse(document, kind=kind)
    except InvalidPolicy as problem:
        assert problem.detail  # noqa: PT017 - either outcome is right
    else:
        decide(question, Policies(identity=(parsed,), resource=parsed))
