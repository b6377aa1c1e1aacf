"""Authorization: asks the policy engine about a call, at each door that it comes through."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING

from inhouse.access import Layer, decide
from inhouse.access.public import is_public
from inhouse.core.errors import ServiceError
from inhouse.core.ports import ResourceFacts
from inhouse.gateway import questions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.access import Decision, Policies, Question
    from inhouse.core.access_points import AccessPoint
    from inhouse.core.call import Call
    from inhouse.core.operations import Operation
    from inhouse.core.ports import Tx
    from inhouse.gateway.registry import Registry

_OPEN = ("s3", "sns", "sqs")
"""Services that take unsigned requests where a resource's policy lets everybody in. Elsewhere `*`
in a policy, as in a role's trust policy, means everybody who signs."""
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
        if call.principal.kind == "anonymous" and (action is None or call.service not in _OPEN):
            raise _unsigned(call)
        if action is None:
            return
        keys = operation.keys(call, request) if operation.keys else {}
        found = operation.resource(call, request)
        # Who names nothing has to have the right to everything.
        for arn in (found,) if isinstance(found, str) else tuple(found) or ("*",):
            try:
                self.require(call, action, arn, keys)
            except ServiceError:
                if operation.missing is not None:
                    operation.missing(call, request)
                raise

    def require(
        self, call: Call, action: str, arn: str, keys: Mapping[str, str | list[str]] | None = None
    ) -> None:
        """Raises AccessDenied, in the words of AWS, unless the decision is to allow."""
        via, keys = call.via, keys or {}
        inner = via.inner(arn) if via is not None else None
        if via is None or inner is None:
            self._judge(call, *self._question(call, action, arn, keys))
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
        keys = ChainMap(point.keys, keys)  # type: ignore[arg-type]
        facts = _facts_of(call, point)
        inner = point.inner(arn) or point.arn
        first = self._judge(call, *self._question(call, action, inner, keys, facts))
        question, policies = self._question(call, action, arn, keys)
        settled = first.layer is Layer.IDENTITY
        self._judge(call, question, questions.only_denials(policies) if settled else policies)

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
        facts = _facts_of(call, point)
        own = action.replace("s3:", "s3-object-lambda:", 1)
        self._judge(call, *self._question(call, own, point.arn, keys, facts))
        if point.transformation(call.operation) is None:
            through = ChainMap(_CALLED_VIA, keys)  # type: ignore[arg-type]
            self._require_through(call, supporting, action, arn, through)

    def _judge(self, call: Call, question: Question, policies: Policies) -> Decision:
        decision = decide(question, policies)
        if not decision.allowed:
            raise denied(call, question, decision)
        return decision

    def _question(
        self,
        call: Call,
        action: str,
        arn: str,
        keys: Mapping[str, str | list[str]],
        facts: ResourceFacts | None = None,
    ) -> tuple[Question, Policies]:
        facts = facts or self._facts(call, arn, action, keys)
        return questions.about(call, action, arn, keys, facts)

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


_CALLED_VIA: dict[str, str | list[str]] = {
    "aws:CalledVia": ["s3-object-lambda.amazonaws.com"],
    "aws:CalledViaFirst": "s3-object-lambda.amazonaws.com",
    "aws:CalledViaLast": "s3-object-lambda.amazonaws.com",
}


def _facts_of(call: Call, point: AccessPoint) -> ResourceFacts:
    only: tuple[str, ...] = ()
    if point.policy is not None and is_public(point.policy):
        block = point.block | call.house.dispatch.account_block(call.tx, point.bucket_account)
        if block.restrict_public_buckets:
            only = (point.account, point.bucket_account)
    return ResourceFacts(point.account, point.policy, tags=point.tags, only=only)


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
