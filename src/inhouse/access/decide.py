"""The decision, as AWS documents it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html

A denial anywhere wins. Then every level of SCPs must allow. Within one account a resource policy
that names the caller itself (user, session, or everybody) is enough, whatever the caller's
identity policies, boundary or session policies leave out; one that names the role behind a session
leaves boundary and session policies in force; one that names the account leaves the matter to the
identity policies. Across accounts both sides must allow. A role's trust policy must let the caller
in even within its account. Services, identity providers and the anonymous have no policies of
their own, so only a resource policy lets them in. The root user may do everything in its account
that SCPs, RCPs and resource policies do not forbid.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from inhouse.access.document import PolicyKind
from inhouse.access.model import Decision, Layer, Reason
from inhouse.access.principals import Grade
from inhouse.access.request import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inhouse.access.model import Match, Policies, Question
    from inhouse.access.policy import Policy

_WITHOUT_IDENTITY: Final = frozenset({"service", "anonymous", "federated"})
_LINKED: Final = "role/aws-service-role/"
"""How the resource in a service-linked role's ARN begins. An organization's policies do not touch
these; nobody else may make a role with that path.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"""

_OWNER_RECOVERS: Final = frozenset(
    {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}
)
"""What a bucket policy cannot deny to the root user of the bucket's account, so that nobody locks
the owner out. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""


def decide(question: Question, policies: Policies) -> Decision:
    """Whether the question's principal may do what it asks, and why."""
    asked = Asked(question)
    who = question.principal
    if (policies.scps or policies.rcps) and _is_linked(who.arn):
        policies = replace(policies, scps=(), rcps=())
    denial = _denial(asked, policies)
    if denial is not None:
        return Decision(False, Reason.EXPLICIT_DENY, denial.layer, (denial,))
    if who.kind in _WITHOUT_IDENTITY:
        return _guest(asked, policies)
    for level in policies.scps:
        if not _permits(asked, level):
            return Decision(False, Reason.IMPLICIT_DENY_SCP, Layer.SCP)
    resource = policies.resource
    grade, entry = (Grade.NONE, None) if resource is None else _entry(asked, resource)
    if question.resource_account and question.resource_account != who.account:
        if entry is None:
            return Decision(False, Reason.IMPLICIT_DENY_RESOURCE, Layer.RESOURCE)
        return _own_side(asked, policies, entry, granted=False)
    if entry is not None and grade is Grade.DIRECT:
        return Decision(True, Reason.ALLOWED_RESOURCE, Layer.RESOURCE, (entry,))
    if entry is None and resource is not None and resource.kind is PolicyKind.TRUST:
        return Decision(False, Reason.IMPLICIT_DENY_RESOURCE, Layer.RESOURCE)
    return _own_side(asked, policies, entry, granted=grade is Grade.ENTITY)


def _is_linked(arn: str) -> bool:
    # Paths may have colons, so only the sixth part counts.
    return arn.split(":", 5)[-1].startswith(_LINKED)


def _denial(asked: Asked, policies: Policies) -> Match | None:
    """The first statement that denies, from the organization inwards."""
    action, who = asked.action, asked.question.principal
    if policies.scps and who.kind not in _WITHOUT_IDENTITY:
        for level in policies.scps:
            found = _deny(asked, level, Layer.SCP)
            if found is not None:
                return found
    if policies.rcps:
        found = _deny(asked, policies.rcps, Layer.RCP)
        if found is not None:
            return found
    if policies.resource is not None and not _is_recovery(asked):
        found = _deny(asked, (policies.resource,), Layer.RESOURCE)
        if found is not None:
            return found
    for policy in policies.identity:
        for statement in policy.candidates(action)[0]:
            if statement.applies(asked):
                return statement.match(policy.name, Layer.IDENTITY)
    if policies.boundary is not None:
        found = _deny(asked, (policies.boundary,), Layer.BOUNDARY)
        if found is not None:
            return found
    return _deny(asked, policies.session, Layer.SESSION) if policies.session else None


def _is_recovery(asked: Asked) -> bool:
    who, owner = asked.question.principal, asked.question.resource_account
    return who.kind == "root" and owner in ("", who.account) and asked.action in _OWNER_RECOVERS


def _deny(asked: Asked, policies: Iterable[Policy], layer: Layer) -> Match | None:
    who = asked.question.principal
    for policy in policies:
        for statement in policy.candidates(asked.action)[0]:
            if statement.grade(who) and statement.applies(asked):
                return statement.match(policy.name, layer)
    return None


def _allow(asked: Asked, policies: Iterable[Policy], layer: Layer) -> Match | None:
    for policy in policies:
        for statement in policy.candidates(asked.action)[1]:
            if statement.applies(asked):
                return statement.match(policy.name, layer)
    return None


def _permits(asked: Asked, policies: Iterable[Policy]) -> bool:
    action = asked.action
    for policy in policies:
        for statement in policy.candidates(action)[1]:
            if statement.applies(asked):
                return True
    return False


def _entry(asked: Asked, policy: Policy) -> tuple[Grade, Match | None]:
    """The statement of the resource's policy that names the caller most closely."""
    best, entry = Grade.NONE, None
    who = asked.question.principal
    for statement in policy.candidates(asked.action)[1]:
        grade = statement.grade(who)
        if grade > best and statement.applies(asked):
            best, entry = grade, statement.match(policy.name, Layer.RESOURCE)
    return best, entry


def _guest(asked: Asked, policies: Policies) -> Decision:
    entry = None if policies.resource is None else _entry(asked, policies.resource)[1]
    if entry is None:
        return Decision(False, Reason.IMPLICIT_DENY_RESOURCE, Layer.RESOURCE)
    return Decision(True, Reason.ALLOWED_RESOURCE, Layer.RESOURCE, (entry,))


def _own_side(asked: Asked, policies: Policies, entry: Match | None, *, granted: bool) -> Decision:
    """What the caller's own policies say. `entry` is what let it in at the resource, if anything;
    `granted` says that this already stands for the identity policies."""
    who = asked.question.principal
    matched = () if entry is None else (entry,)
    if who.kind == "root":
        reason = Reason.ALLOWED_ROOT if entry is None else Reason.ALLOWED_BOTH
        return Decision(True, reason, Layer.IDENTITY, matched)
    if not granted:
        identity = _allow(asked, policies.identity, Layer.IDENTITY)
        if identity is None:
            return Decision(False, Reason.IMPLICIT_DENY_IDENTITY, Layer.IDENTITY, matched)
        matched = (*matched, identity)
    if policies.boundary is not None:
        boundary = _allow(asked, (policies.boundary,), Layer.BOUNDARY)
        if boundary is None:
            return Decision(False, Reason.IMPLICIT_DENY_BOUNDARY, Layer.BOUNDARY, matched)
        matched = (*matched, boundary)
    if policies.session:
        session = _allow(asked, policies.session, Layer.SESSION)
        if session is None:
            return Decision(False, Reason.IMPLICIT_DENY_SESSION, Layer.SESSION, matched)
        matched = (*matched, session)
    elif who.kind == "user" and who.session_arn is not None:
        # A federated-user session without a session policy has only what resources grant it.
        return Decision(False, Reason.IMPLICIT_DENY_SESSION, Layer.SESSION, matched)
    if granted:
        return Decision(True, Reason.ALLOWED_RESOURCE, Layer.RESOURCE, matched)
    reason = Reason.ALLOWED_IDENTITY if entry is None else Reason.ALLOWED_BOTH
    return Decision(True, reason, Layer.IDENTITY, matched)
