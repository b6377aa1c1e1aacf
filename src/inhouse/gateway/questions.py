"""What the policy engine is asked about a call: the question, and the policies that apply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from inhouse.access import Policies, Policy, PolicyKind, Question, Who
from inhouse.core.canonical_ids import canonical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import IdentityPolicies, ResourceFacts
    from inhouse.core.principal import Principal

_MFA = "aws:MultiFactorAuthPresent"
_IAM = ("iam", "sts")
"""Services whose resources show their tags as `iam:ResourceTag/…` too."""


def about(
    call: Call,
    action: str,
    arn: str,
    keys: Mapping[str, str | list[str]],
    facts: ResourceFacts | None,
) -> tuple[Question, Policies]:
    """What is asked for `action` on `arn`, and all policies that apply.

    `facts` are those of the resource, `keys` condition keys that the call alone does not tell.
    """
    principal = call.principal
    attached = _compile(call.house.identities.policies(call.tx, principal))
    if facts is not None and facts.only:
        facts = _as_met_by(principal, facts)
    question = Question(
        action=action,
        resource=arn,
        principal=_who(principal),
        resource_account=facts.account if facts else _account(arn),
        context=lambda: _context(call, facts, keys),
    )
    return question, Policies(
        identity=attached.identity,
        boundary=attached.boundary,
        session=_session(principal.session_policies),
        resource=_resource(facts, action) if facts else None,
        scps=attached.scps,
        rcps=attached.rcps,
    )


_ANYTHING = Policy.parse(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
    kind=PolicyKind.IDENTITY,
    name="judged at the access point",
)


def only_denials(policies: Policies) -> Policies:
    """The same policies, the caller's own allowing everything that they do not deny."""
    boundary = () if policies.boundary is None else (policies.boundary,)
    return replace(
        policies,
        identity=(*policies.identity, *boundary, _ANYTHING),
        boundary=None,
        session=(*policies.session, _ANYTHING),
    )


@lru_cache(maxsize=1024)
def _compile(attached: IdentityPolicies) -> Policies:
    return Policies(
        identity=_parse(attached.identity, PolicyKind.IDENTITY),
        boundary=next(
            iter(_parse((attached.boundary,), PolicyKind.IDENTITY))
            if attached.boundary
            else iter(()),
            None,
        ),
        scps=tuple(_parse(level, PolicyKind.SCP) for level in attached.scps),
        rcps=tuple(p for level in attached.rcps for p in _parse(level, PolicyKind.RCP)),
    )


def _parse(named: Iterable[tuple[str, str]], kind: PolicyKind) -> tuple[Policy, ...]:
    return tuple(Policy.parse(text, kind=kind, name=name) for name, text in named)


@lru_cache(maxsize=1024)
def _session(texts: tuple[str, ...]) -> tuple[Policy, ...]:
    return _parse((("session policy", text) for text in texts), PolicyKind.SESSION)


def _as_met_by(principal: Principal, facts: ResourceFacts) -> ResourceFacts:
    """What RestrictPublicBuckets leaves of a resource: to strangers nothing is granted, neither by
    policy nor by list, and what they own there is not theirs.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if principal.kind == "service" or principal.account in facts.only:
        return facts
    return replace(facts, account=facts.only[0], policy=None, grants=None)


def _resource(facts: ResourceFacts, action: str) -> Policy | None:
    """The resource's policy; a role's is its trust policy, and about STS's actions alone."""
    if facts.trust_policy and action.startswith("sts:"):
        return Policy.parse(facts.trust_policy, kind=PolicyKind.TRUST, name="trust policy")
    if facts.grants is not None:
        return _joined(facts.policy, facts.grants)
    return None if facts.policy is None else _policy(facts.policy)


def _policy(text: str) -> Policy:
    return Policy.parse(text, kind=PolicyKind.RESOURCE, name="resource policy")


@lru_cache(maxsize=1024)
def _joined(text: str | None, grants: str) -> Policy:
    """A policy and what an access control list adds to it."""
    added = Policy.parse(grants, kind=PolicyKind.RESOURCE, name="access control list")
    if text is None:
        return added
    policy = _policy(text)
    return replace(
        policy, text=policy.text + grants, statements=policy.statements + added.statements
    )


@lru_cache(maxsize=4096)
def _account(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _who(principal: Principal) -> Who:
    return Who(
        kind=principal.kind,
        account=principal.account,
        arn=principal.identity_arn or principal.arn,
        session_arn=principal.arn if principal.kind == "role" or principal.behind else None,
        unique_id=principal.unique_id,
        canonical_id=canonical_id(principal.account),
        entity_id=principal.entity_id,
    )


def _context(
    call: Call, facts: ResourceFacts | None, keys: Mapping[str, str | list[str]]
) -> dict[str, str | list[str]]:
    """The global condition keys of a call, then the resource's, the caller's and the request's.

    Found only when a policy reads a key.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    origin, principal = call.origin, call.principal
    via_service = origin.via_service and principal.kind != "service"
    context: dict[str, str | list[str]] = {
        "aws:CurrentTime": call.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "aws:EpochTime": str(int(call.now.timestamp())),
        "aws:SecureTransport": "true" if origin.secure else "false",
        "aws:RequestedRegion": call.region,
        "aws:ViaAWSService": "true" if via_service else "false",
    }
    if origin.source_ip:
        context["aws:SourceIp"] = origin.source_ip
    if origin.auth_type and call.service == "s3":
        context["s3:authType"] = origin.auth_type
        context["s3:signatureversion"] = origin.signature_version
    if origin.user_agent:
        context["aws:UserAgent"] = origin.user_agent
    if "referer" in origin.headers:
        context["aws:Referer"] = origin.headers["referer"]
    for tag, value in principal.tags.items():
        context[f"aws:PrincipalTag/{tag}"] = value
    if facts is not None:
        tags = facts.tags() if callable(facts.tags) else facts.tags
        context.update({f"aws:ResourceTag/{tag}": value for tag, value in tags.items()})
        context.update(facts.keys)
        if call.service in _IAM:
            context.update({f"iam:ResourceTag/{tag}": value for tag, value in tags.items()})
    context.update(principal.context)
    if context.get(_MFA) == "true":
        issued = datetime.fromisoformat(str(context["aws:TokenIssueTime"]))
        context["aws:MultiFactorAuthAge"] = str(int((call.now - issued).total_seconds()))
    context.update(keys)
    return context
