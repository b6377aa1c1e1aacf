"""Authorization: gathers the policies that apply to a call and asks the policy engine."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from inhouse.access import Layer, Policies, Policy, PolicyKind, Question, Who, decide
from inhouse.access.public import is_public
from inhouse.core.canonical_ids import canonical_id
from inhouse.core.errors import ServiceError
from inhouse.core.ports import ResourceFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.access import Decision
    from inhouse.core.access_points import AccessPoint
    from inhouse.core.call import Call
    from inhouse.core.operations import Operation
    from inhouse.core.ports import IdentityPolicies, Tx
    from inhouse.core.principal import Principal
    from inhouse.gateway.registry import Registry

Keys = "Mapping[str, str | list[str]]"
_MFA = "aws:MultiFactorAuthPresent"
_IAM = ("iam", "sts")
"""Services whose resources show their tags as `iam:ResourceTag/…` too."""
_DENIED = {
    "sns": "AuthorizationError",
    "s3": "AccessDenied",
    "s3control": "AccessDenied",
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
        via, keys = call.via, keys or {}
        inner = via.inner(arn) if via is not None else None
        if via is None or inner is None:
            self._judge(call, *self.question(call, action, arn, keys))
        elif via.supporting is None:
            self._require_through(call, via, action, arn, keys)
        else:
            self._require_transformed(call, via, via.supporting, action, arn, keys)

    def _require_through(
        self,
        call: Call,
        point: AccessPoint,
        action: str,
        arn: str,
        keys: Mapping[str, str | list[str]],
    ) -> None:
        """The access point's policy must agree, and the bucket's.

        The caller's own policies are judged on the access point's ARN. Where they let it in, the
        bucket asks them for denials alone: nobody lists both ARNs.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
        """
        keys = ChainMap(_of_point(point), keys)  # type: ignore[arg-type]
        facts = _facts_of(point)
        inner = point.inner(arn) or point.arn
        first = self._judge(call, *self.question(call, action, inner, keys, facts))
        question, policies = self.question(call, action, arn, keys)
        settled = first.layer is Layer.IDENTITY
        self._judge(call, question, _only_denials(policies) if settled else policies)

    def _require_transformed(
        self,
        call: Call,
        point: AccessPoint,
        supporting: AccessPoint,
        action: str,
        arn: str,
        keys: Mapping[str, str | list[str]],
    ) -> None:
        """At an Object Lambda access point; what it does not transform goes on to the next.

        A function reads by a URL that the caller signed, so the caller's rights there are asked
        when it is used. https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-policies.html
        """
        facts = _facts_of(point)
        own = action.replace("s3:", "s3-object-lambda:", 1)
        self._judge(call, *self.question(call, own, point.arn, keys, facts))
        if point.transformation(call.operation) is None:
            through = ChainMap(_CALLED_VIA, keys)  # type: ignore[arg-type]
            self._require_through(call, supporting, action, arn, through)

    def _judge(self, call: Call, question: Question, policies: Policies) -> Decision:
        decision = decide(question, policies)
        if not decision.allowed:
            raise denied(call, question, decision)
        return decision

    def question(
        self,
        call: Call,
        action: str,
        arn: str,
        keys: Mapping[str, str | list[str]],
        facts: ResourceFacts | None = None,
    ) -> tuple[Question, Policies]:
        """What the policy engine is asked for `action` on `arn`, and all policies that apply."""
        principal = call.principal
        facts = facts or self._facts(call, arn, action, keys)
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

    def facts(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """Owner and policy of a resource of whichever service keeps it."""
        owner = self._registry.owner(arn)
        find = getattr(owner, "resource", None)
        found: ResourceFacts | None = find(tx, arn) if find else None
        return found

    def _facts(
        self, call: Call, arn: str, action: str, keys: Mapping[str, str | list[str]]
    ) -> ResourceFacts | None:
        facts = self.facts(call.tx, arn)
        if facts is not None and facts.narrow is not None:
            return facts.narrow(action, keys)
        return facts


_ANYTHING = Policy.parse(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
    kind=PolicyKind.IDENTITY,
    name="judged at the access point",
)


def _only_denials(policies: Policies) -> Policies:
    """The same policies, the caller's own allowing everything that they do not deny."""
    boundary = () if policies.boundary is None else (policies.boundary,)
    return replace(
        policies,
        identity=(*policies.identity, *boundary, _ANYTHING),
        boundary=None,
        session=(*policies.session, _ANYTHING),
    )


_CALLED_VIA: dict[str, str | list[str]] = {
    "aws:CalledVia": ["s3-object-lambda.amazonaws.com"],
    "aws:CalledViaFirst": "s3-object-lambda.amazonaws.com",
    "aws:CalledViaLast": "s3-object-lambda.amazonaws.com",
}


def _facts_of(point: AccessPoint) -> ResourceFacts:
    public = point.policy is not None and is_public(point.policy)
    restricted = public and point.block.restrict_public_buckets
    return ResourceFacts(point.account, point.policy, restricted=restricted)


def _of_point(point: AccessPoint) -> dict[str, str | list[str]]:
    return {
        "s3:DataAccessPointArn": point.arn,
        "s3:DataAccessPointAccount": point.account,
        "s3:AccessPointNetworkOrigin": point.network_origin,
    }


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
    text = facts.policy
    if facts.restricted and principal.kind != "service" and principal.account != facts.account:
        text = None
    if facts.grants is not None:
        return _joined(text, facts.grants)
    return None if text is None else _policy(text)


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
