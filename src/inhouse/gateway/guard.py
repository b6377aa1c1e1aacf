"""Authorization: gathers the policies that apply to a call and asks the policy engine."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from inhouse.access import Policies, Policy, PolicyKind, Question, Who, decide
from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.access import Decision
    from inhouse.core.call import Call
    from inhouse.core.operations import Operation
    from inhouse.core.ports import IdentityPolicies, ResourceFacts
    from inhouse.core.principal import Principal
    from inhouse.gateway.registry import Registry

Keys = "Mapping[str, str | list[str]]"
_MFA = "aws:MultiFactorAuthPresent"
_IAM = ("iam", "sts")
"""Services whose resources show their tags as `iam:ResourceTag/…` too."""
_DENIED = {
    "sns": "AuthorizationError",
    "s3": "AccessDenied",
    "sqs": "AccessDenied",
    "iam": "AccessDenied",
    "sts": "AccessDenied",
    "cloudwatch": "AccessDenied",
}
"""The code each service refuses with; the others say AccessDeniedException."""


class Guard:
    """Decides whether a call may touch a resource. There is no way around it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def authorize(self, call: Call, operation: Operation, request: Mapping[str, object]) -> None:
        """Raises AccessDenied unless `call` may run `operation` on all that `request` names."""
        if operation.anonymous:
            return
        action = operation.action_of(request)
        if action is None:
            if call.principal.kind == "anonymous":
                raise _unsigned(call)
            return
        keys = operation.keys(call, request) if operation.keys else {}
        found = operation.resource(call, request)
        for arn in (found,) if isinstance(found, str) else found:
            self.require(call, action, arn, keys)

    def require(
        self, call: Call, action: str, arn: str, keys: Mapping[str, str | list[str]] | None = None
    ) -> None:
        """Raises AccessDenied, in the words of AWS, unless the decision is to allow."""
        question, policies = self.question(call, action, arn, keys or {})
        decision = decide(question, policies)
        if not decision.allowed:
            raise denied(call, question, decision)

    def question(
        self, call: Call, action: str, arn: str, keys: Mapping[str, str | list[str]]
    ) -> tuple[Question, Policies]:
        """What the policy engine is asked for `action` on `arn`, and all policies that apply."""
        facts, principal = self._facts(call, arn), call.principal
        attached = _compile(call.house.identities.policies(call.tx, principal))
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
            resource=_resource(facts, action, principal) if facts else None,
            scps=attached.scps,
            rcps=attached.rcps,
        )

    def _facts(self, call: Call, arn: str) -> ResourceFacts | None:
        owner = self._registry.owner(arn)
        find = getattr(owner, "resource", None)
        facts: ResourceFacts | None = find(call.tx, arn) if find else None
        return facts


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


def _resource(facts: ResourceFacts, action: str, principal: Principal) -> Policy | None:
    """The resource's policy; a role's is its trust policy, and about STS's actions alone."""
    if facts.trust_policy and action.startswith("sts:"):
        return Policy.parse(facts.trust_policy, kind=PolicyKind.TRUST, name="trust policy")
    if facts.restricted and principal.kind != "service" and principal.account != facts.account:
        return None
    if facts.policy:
        return Policy.parse(facts.policy, kind=PolicyKind.RESOURCE, name="resource policy")
    return None


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
        if call.service in _IAM:
            context.update({f"iam:ResourceTag/{tag}": value for tag, value in tags.items()})
    context.update(principal.context)
    if context.get(_MFA) == "true":
        issued = datetime.fromisoformat(str(context["aws:TokenIssueTime"]))
        context["aws:MultiFactorAuthAge"] = str(int((call.now - issued).total_seconds()))
    context.update(keys)
    return context


def denied(call: Call, question: Question, decision: Decision) -> ServiceError:
    """The service's own code for a refusal; nobody's request is told to sign."""
    if call.principal.kind == "anonymous" and call.service != "s3":
        return _unsigned(call)
    return ServiceError(
        _DENIED.get(call.service, "AccessDeniedException"), decision.message(question), status=403
    )


def _unsigned(call: Call) -> ServiceError:
    code = _DENIED.get(call.service, "AccessDeniedException")
    code = (
        "MissingAuthenticationToken"
        if code != "AccessDeniedException"
        else "MissingAuthenticationTokenException"
    )
    return ServiceError(
        code,
        f"{call.service}:{call.operation} needs a signed request; this one has no Authorization.",
        status=403,
    )
