"""The policy simulator, and which condition keys policies ask for.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.access import (
    InvalidPolicy,
    Layer,
    Policies,
    Policy,
    PolicyKind,
    Question,
    Who,
    context_keys,
    simulate,
)
from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads
from inhouse.services.iam import names, pages, rows, targets
from inhouse.services.iam.identities import user_principal
from inhouse.services.iam.managed import PREFIX
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inhouse.access import Evaluation, Position
    from inhouse.core.call import Call
    from inhouse.core.ports import IdentityPolicies, Row
    from inhouse.services.iam.identities import Identities

_KINDS = ("user", "group", "role")


class Simulation:
    """SimulateCustomPolicy, SimulatePrincipalPolicy, GetContextKeysFor…"""

    identities: Identities

    @reads("iam:SimulateCustomPolicy", ANY)
    def simulate_custom_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        policies = Policies(
            identity=_inputs(req, "PolicyInputList"),
            boundary=_boundary(req),
            resource=_resource(req),
            scps=_levels(req),
        )
        return _answer(call, req, _caller(call, req, None), policies, "none")

    @reads("iam:SimulatePrincipalPolicy", targets.of_source)
    def simulate_principal_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        source = _source(call, req)
        own = self._own(call, source)
        attached = own.boundary
        boundary = _boundary(req) or (
            Policy.parse(attached[1], kind=PolicyKind.BOUNDARY, name=attached[0])
            if attached is not None
            else None
        )
        policies = Policies(
            identity=(*_parsed(own.identity), *_inputs(req, "PolicyInputList")),
            boundary=boundary,
            resource=_resource(req),
            scps=tuple(_parsed(level, PolicyKind.SCP) for level in own.scps),
        )
        return _answer(call, req, _caller(call, req, source), policies, source["kind"])

    @reads("iam:GetContextKeysForCustomPolicy", ANY)
    def get_context_keys_for_custom_policy(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {"ContextKeyNames": list(context_keys(_inputs(req, "PolicyInputList")))}

    @reads("iam:GetContextKeysForPrincipalPolicy", targets.of_source)
    def get_context_keys_for_principal_policy(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        own = self._own(call, _source(call, req))
        policies = (*_parsed(own.identity), *_inputs(req, "PolicyInputList"))
        return {"ContextKeyNames": list(context_keys(policies))}

    def _own(self, call: Call, source: Row) -> IdentityPolicies:
        return self.identities.policies(call.tx, user_principal(source))


def _source(call: Call, req: Mapping[str, Any]) -> Row:
    """The user, group or role whose policies are simulated."""
    text = req["PolicySourceArn"]
    try:
        arn = Arn.parse(text)
    except ValueError as problem:
        raise names.invalid(f"PolicySourceArn: {problem}") from None
    kind, _, name = arn.resource.partition("/")
    if arn.service != "iam" or kind not in _KINDS or not name:
        raise ServiceError(
            "InvalidInput", f"Invalid Entity Arn: {text} names no user, group or role."
        )
    row = rows.entity(call.tx, arn.account, kind, name.rpartition("/")[2])
    if row is None or entity_arn(row) != text:
        raise names.no_such(kind, name)
    return row


def _caller(call: Call, req: Mapping[str, Any], source: Row | None) -> Who:
    """Who is said to ask: CallerArn, else the source itself, else nobody in particular."""
    text = req.get("CallerArn") or (entity_arn(source) if source is not None else None)
    if text is None:
        if "ResourcePolicy" in req:
            raise ServiceError(
                "InvalidInput", "CallerArn is needed to simulate a resource-based policy."
            )
        return Who("user", call.account, "")
    try:
        arn = Arn.parse(text)
    except ValueError as problem:
        raise names.invalid(f"CallerArn: {problem}") from None
    kind, _, name = arn.resource.partition("/")
    if kind == "assumed-role":
        role_name, _, session = name.partition("/")
        role = rows.entity(call.tx, arn.account, "role", role_name)
        role_arn = (
            entity_arn(role) if role is not None else f"arn:aws:iam::{arn.account}:role/{role_name}"
        )
        unique = f"{role['id'] if role is not None else ''}:{session}"
        return Who("role", arn.account, role_arn, text, unique)
    row = source
    if source is None or entity_arn(source) != text:
        row = rows.entity(call.tx, arn.account, kind, name.rpartition("/")[2])
    unique = row["id"] if row is not None else ""
    if arn.resource == "root":
        return Who("root", arn.account, text, unique_id=arn.account)
    if kind == "role":
        return Who("role", arn.account, text, None, unique)
    return Who("user", arn.account, text, unique_id=unique)


def _parsed(
    named: Iterable[tuple[str, str]], kind: PolicyKind = PolicyKind.IDENTITY
) -> tuple[Policy, ...]:
    return tuple(Policy.parse(text, kind=kind, name=name) for name, text in named)


def _given(text: str, kind: PolicyKind, name: str) -> Policy:
    try:
        return Policy.parse(text, kind=kind, name=name)
    except InvalidPolicy as problem:
        raise ServiceError("InvalidInput", f"{name}: {problem}") from None


def _inputs(req: Mapping[str, Any], member: str) -> tuple[Policy, ...]:
    return tuple(
        _given(text, PolicyKind.IDENTITY, f"{member}.{number}")
        for number, text in enumerate(req.get(member, ()), 1)
    )


def _boundary(req: Mapping[str, Any]) -> Policy | None:
    member = "PermissionsBoundaryPolicyInputList"
    texts: Sequence[str] = req.get(member, ())
    if len(texts) > 1:
        raise ServiceError("InvalidInput", f"{member}: one boundary can apply; {len(texts)} given.")
    return _given(texts[0], PolicyKind.BOUNDARY, f"{member}.1") if texts else None


def _resource(req: Mapping[str, Any]) -> Policy | None:
    text = req.get("ResourcePolicy")
    return _given(text, PolicyKind.RESOURCE, "ResourcePolicy") if text else None


def _levels(req: Mapping[str, Any]) -> tuple[tuple[Policy, ...], ...]:
    """SCPs from the organization's root downwards."""
    member = "OrderedOrganizationPolicyInputList"
    return tuple(
        tuple(
            _given(text, PolicyKind.SCP, f"{member}.{number}.{index}")
            for index, text in enumerate(level.get("PolicyInputList", ()), 1)
        )
        for number, level in enumerate(req.get(member, ()), 1)
    )


def _context(req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    context: dict[str, str | list[str]] = {}
    for entry in req.get("ContextEntries", ()):
        name, values = entry.get("ContextKeyName"), entry.get("ContextKeyValues", [])
        if not name or not values:
            raise ServiceError(
                "InvalidInput", "ContextEntries: each needs ContextKeyName and ContextKeyValues."
            )
        many = len(values) > 1 or entry.get("ContextKeyType", "").endswith("List")
        context[name] = list(values) if many else values[0]
    return context


def _owner(arn: str, req: Mapping[str, Any]) -> str:
    """The account that owns a resource: its ARN's, else ResourceOwner's."""
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[4]:
        return parts[4]
    owner: str = req.get("ResourceOwner", "")
    return owner.split(":")[4] if owner.startswith("arn:") and owner.count(":") >= 5 else owner


def _answer(
    call: Call, req: Mapping[str, Any], who: Who, policies: Policies, kind: str
) -> dict[str, Any]:
    context = _context(req)
    questions = [
        Question(action, arn, who, _owner(arn, req), context)
        for action in req["ActionNames"]
        for arn in req.get("ResourceArns") or ["*"]
    ]
    numbered = [(f"{n:06d}", result) for n, result in enumerate(simulate(questions, policies))]
    page, more = pages.page(numbered, req, lambda item: item[0])
    return {"EvaluationResults": [_result(one, kind) for _, one in page], **more}


def _result(one: Evaluation, kind: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "EvalActionName": one.question.action,
        "EvalResourceName": one.question.resource,
        "EvalDecision": one.decision,
        "MatchedStatements": [
            {
                "SourcePolicyId": match.policy,
                "SourcePolicyType": _source_type(match.policy, match.layer, kind),
                "StartPosition": _position(match.start),
                "EndPosition": _position(match.end),
            }
            for match in one.matched
        ],
        "MissingContextValues": list(one.missing),
    }
    if one.allowed_by_organizations is not None:
        allowed = one.allowed_by_organizations
        shown["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": allowed}
    if one.allowed_by_boundary is not None:
        bounded = one.allowed_by_boundary
        shown["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": bounded}
    return shown


def _source_type(policy: str, layer: Layer, kind: str) -> str:
    if layer is Layer.RESOURCE:
        return "resource"
    if policy.startswith(f"{PREFIX}/"):
        return "aws-managed"
    if policy.startswith("arn:"):
        return "user-managed"
    return "none" if "InputList." in policy else kind


def _position(place: Position) -> dict[str, int]:
    return {"Line": place.line, "Column": place.column}
