"""What IAM checks once the grammar is right, in IAM's order, since the first fault is told.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from inhouse.access import arns
from inhouse.access.conditions import registry
from inhouse.access.document import NAMES_PRINCIPALS, PolicyKind
from inhouse.access.faults import LEGACY, VERSION, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inhouse.access.document import Document, RawStatement

_SID: Final = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_VENDOR: Final = re.compile(r"[0-9A-Za-z.\-]+", re.ASCII)
_PREFACE: Final = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_SID_CHARACTERS: Final = (
    "Statement IDs (SID) must be alpha-numeric. "
    "Check that your input satisfies the regular expression [0-9A-Za-z]*"
)


def check(document: Document, kind: PolicyKind) -> None:
    """Raises InvalidPolicy with the first fault."""
    if kind in NAMES_PRINCIPALS:
        for statement in document.statements:
            _names_principals(statement, kind)
    else:
        _needs_no_principal(document, kind)
    _legacy(document, kind)
    _sids(document, kind)
    for statement in document.statements:
        _has_actions(statement, kind)
    for statement in document.statements:
        _resource_forms(statement, kind)
    for statement in document.statements:
        _action_forms(statement, kind)
    for statement in document.statements:
        _has_resources(statement, kind)


def _needs_no_principal(document: Document, kind: PolicyKind) -> None:
    if document.version != "2012-10-17":
        refuse(kind, "Version", 'expected "2012-10-17"', identity=VERSION)
    for statement in document.statements:
        if statement.principals is not None or statement.not_principals is not None:
            refuse(
                kind,
                f"{statement.place}.Principal",
                "the principal is whoever the policy is attached to; remove the element",
                identity="Policy document should not specify a principal.",
            )


def _names_principals(statement: RawStatement, kind: PolicyKind) -> None:
    if statement.principals is None and statement.not_principals is None:
        refuse(
            kind,
            f"{statement.place}.Principal",
            'it is missing; expected "*" or {"AWS": …}, {"Service": …}',
            "Missing required field Principal",
        )
    if statement.effect not in ("Allow", "Deny"):
        refuse(
            kind,
            f"{statement.place}.Effect",
            f"{statement.effect!r} is neither Allow nor Deny; case matters",
            f"Invalid effect: {statement.effect}",
        )
    if statement.not_principals is not None and not statement.deny:
        refuse(
            kind,
            f"{statement.place}.NotPrincipal",
            "it would let in everybody else, the anonymous too; name who is allowed",
            "Allow with NotPrincipal is not allowed.",
        )
    for element in (statement.principals, statement.not_principals):
        for family, names in (element or {}).items():
            for name in names:
                fault = arns.principal_fault(family, name)
                if fault:
                    refuse(
                        kind,
                        f"{statement.place}.Principal.{family}",
                        f"{name!r}: {fault}",
                        f'Invalid principal in policy: "{family}":"{name}"',
                    )
    if kind is PolicyKind.RCP and statement.principals != {"AWS": ("*",)}:
        refuse(kind, f"{statement.place}.Principal", 'a resource control policy takes only "*"')


def _legacy(document: Document, kind: PolicyKind) -> None:
    for statement in document.statements:
        if statement.effect not in ("Allow", "Deny"):
            refuse(
                kind,
                f"{statement.place}.Effect",
                f"{statement.effect!r} is neither Allow nor Deny; case matters",
                identity=LEGACY,
            )
        for name, values in _resource_elements(statement):
            for value in values:
                if kind not in NAMES_PRINCIPALS and arns.too_short(value):
                    refuse(
                        kind,
                        f"{statement.place}.{name}",
                        f"{value!r} has too few parts; an ARN reads "
                        "arn:partition:service:region:account:resource",
                        identity=LEGACY,
                    )
        for condition in statement.conditions:
            named = registry.named(condition.operator)
            for value in condition.values if named else ():
                fault = named.operator.fault(value) if named else None
                if fault:
                    refuse(
                        kind,
                        f"{statement.place}.Condition.{condition.operator}.{condition.key}",
                        f"{value!r}: {fault}",
                        identity=LEGACY,
                    )


def _sids(document: Document, kind: PolicyKind) -> None:
    seen: set[str] = set()
    for statement in document.statements:
        if statement.sid in seen:
            refuse(
                kind,
                f"{statement.place}.Sid",
                f"{statement.sid!r} is used twice",
                "The Statement Ids in the policy are not unique",
                "Statement IDs (SID) in a single policy must be unique.",
            )
        if statement.sid:
            seen.add(statement.sid)
        if kind not in NAMES_PRINCIPALS and not _SID.fullmatch(statement.sid):
            refuse(
                kind,
                f"{statement.place}.Sid",
                f"{statement.sid!r} has other characters",
                identity=_SID_CHARACTERS,
            )


def _has_actions(statement: RawStatement, kind: PolicyKind) -> None:
    if not (statement.actions or statement.not_actions):
        refuse(
            kind,
            statement.place,
            "it has neither Action nor NotAction",
            "Missing required field Action",
            "Policy statement must contain actions.",
        )


def _has_resources(statement: RawStatement, kind: PolicyKind) -> None:
    if kind is not PolicyKind.TRUST and not (statement.resources or statement.not_resources):
        refuse(
            kind,
            statement.place,
            "it has neither Resource nor NotResource",
            "Missing required field Resource",
            "Policy statement must contain resources.",
        )


def _resource_elements(statement: RawStatement) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "Resource", statement.resources or ()
    yield "NotResource", statement.not_resources or ()


def _resource_forms(statement: RawStatement, kind: PolicyKind) -> None:
    if kind is PolicyKind.TRUST:
        for name, element in (
            ("Resource", statement.resources),
            ("NotResource", statement.not_resources),
        ):
            if element is not None:
                refuse(
                    kind,
                    f"{statement.place}.{name}",
                    "a trust policy is about its own role; remove the element",
                    f"Has prohibited field {name}",
                )
    for name, values in _resource_elements(statement):
        for value in values:
            fault = arns.resource_fault(value)
            if fault:
                refuse(
                    kind,
                    f"{statement.place}.{name}",
                    f'{value!r} is no ARN such as "arn:aws:s3:::bucket/*", nor "*"',
                    "Policy has invalid resource",
                    fault,
                )


def _action_forms(statement: RawStatement, kind: PolicyKind) -> None:
    name = "Action" if statement.actions else "NotAction"
    place = f"{statement.place}.{name}"
    for action in statement.actions or statement.not_actions or ():
        if kind is PolicyKind.TRUST and not action.lower().startswith("sts:"):
            refuse(
                kind,
                place,
                f"{action!r} is no action of STS such as sts:AssumeRole",
                "AssumeRole policy may only specify STS AssumeRole actions.",
            )
        if action in ("*", "*:*"):
            continue
        vendor, colon, rest = action.partition(":")
        detail = f"{action!r} is no action such as s3:GetObject, nor a pattern such as s3:Get*"
        if not colon:
            refuse(kind, place, detail, "Policy has invalid action", _PREFACE)
        if ":" in rest:
            one = "Actions/Condition can contain only one colon."
            refuse(kind, place, detail, "Policy has invalid action", one)
        if not _VENDOR.fullmatch(vendor):
            wrong = f"Vendor {vendor} is not valid"
            refuse(kind, place, detail, "Policy has invalid action", wrong)
