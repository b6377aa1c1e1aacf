"""What decisions say to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inhouse.access.model import Decision, Question

A_POLICY: Final = {
    "scp": "service control policy",
    "rcp": "resource control policy",
    "resource": "resource-based policy",
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
}

_OUTCOME: Final = {
    "explicit_deny": "Denied: a statement denies the request, and no allow outweighs a denial.",
    "implicit_deny_scp": "Denied: a level of the organization has no SCP that allows the request.",
    "implicit_deny_resource": "Denied: the resource's policy does not let this principal in.",
    "implicit_deny_identity": "Denied: no identity-based policy allows the request.",
    "implicit_deny_boundary": "Denied: the permissions boundary does not allow the request.",
    "implicit_deny_session": "Denied: the session's policies do not allow the request.",
    "allowed_identity": "Allowed: an identity-based policy grants it, and no other layer objects.",
    "allowed_resource": "Allowed: the resource's policy grants it to this principal.",
    "allowed_both": "Allowed: the resource's policy and the principal's own policies grant it.",
    "allowed_root": "Allowed: the root user may do everything in its own account.",
}


def denied(decision: Decision, question: Question) -> str:
    """AWS's sentence: who may not do what to which resource, and which kind of policy says so."""
    who = question.principal
    name = "anonymous" if who.kind == "anonymous" else who.session_arn or who.arn
    action, resource = question.action, question.resource
    if action.startswith("s3"):
        resource = f'"{resource}"'  # S3 and its relatives quote the ARN, the others do not
    return (
        f"User: {name} is not authorized to perform: {action} on resource: {resource} "
        f"{_because(decision, action)}"
    )


def _because(decision: Decision, action: str) -> str:
    policy = A_POLICY[decision.layer]
    trust = decision.layer == "resource" and action.lower().startswith("sts:assumerole")
    if decision.reason == "explicit_deny":
        article = "an" if policy.startswith("i") else "a"
        which = "the role trust policy" if trust else f"{article} {policy}"
        return f"with an explicit deny in {which}"
    return f"because no {'role trust policy' if trust else policy} allows the {action} action"


def explained(decision: Decision) -> tuple[str, ...]:
    """The outcome, then a line for each statement that took part."""
    lines = [_OUTCOME[decision.reason]]
    for match in decision.matched:
        verb = "denies" if match.effect == "Deny" else "allows"
        lines.append(f"  {verb}: {match}")
    return tuple(lines)
