"""The grammar of policy documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NoReturn

from inhouse.access.conditions import registry
from inhouse.access.document import Condition, Document, PolicyKind, RawStatement
from inhouse.access.faults import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSIONS: Final = ("2008-10-17", "2012-10-17")
_DOCUMENT: Final = ("Version", "Id", "Statement")
_STATEMENT: Final = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
    "Resource", "NotResource", "Condition",
)  # fmt: skip
_PRINCIPALS: Final = ("AWS", "Service", "Federated", "CanonicalUser")


class _NotPolicyJson(ValueError):
    """JSON that policies may not use."""


def read(text: str, kind: PolicyKind) -> Document:
    """The document in `text`, its structure checked. Raises InvalidPolicy."""
    try:
        root = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError:
        refuse(kind, "", "it is nested too deeply", "This policy contains invalid Json")
    except ValueError as problem:
        refuse(kind, "", f"it is not JSON: {problem}", "This policy contains invalid Json")
    if not isinstance(root, dict):
        refuse(kind, "", 'expected an object: {"Version": …, "Statement": […]}')
    return _Reader(kind).document(root)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _NotPolicyJson(f"the element {name!r} stands twice in one object; merge the two")
        members[name] = value
    return members


def _constant(name: str) -> NoReturn:
    raise _NotPolicyJson(f"{name} is not a JSON value")


class _Reader:
    """Walks the parsed JSON; every method raises InvalidPolicy with the place of the fault."""

    def __init__(self, kind: PolicyKind) -> None:
        self.kind = kind

    def document(self, root: dict[str, Any]) -> Document:
        self._known(root, _DOCUMENT, "")
        version = root.get("Version")
        if version is not None and version not in _VERSIONS:
            refuse(
                self.kind,
                "Version",
                f"{version!r} is none of {' and '.join(_VERSIONS)}",
                "The policy must contain a valid version string",
            )
        if not isinstance(root.get("Id", ""), str):
            refuse(self.kind, "Id", "expected a string")
        if "Statement" not in root:
            refuse(
                self.kind,
                "Statement",
                "it is missing; a policy needs at least one",
                "Missing required field Statement",
            )
        statements = root["Statement"]
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list):
            refuse(self.kind, "Statement", "expected an object or a list of objects")
        if not statements:
            refuse(
                self.kind,
                "Statement",
                "the list is empty; a policy needs at least one",
                "Could not parse the policy: Statement is empty!",
            )
        read = tuple(self.statement(each, f"Statement[{i}]") for i, each in enumerate(statements))
        return Document(version, read)

    def statement(self, raw: object, place: str) -> RawStatement:
        if not isinstance(raw, dict):
            refuse(self.kind, place, "expected an object with Effect, Action and Resource")
        self._known(raw, _STATEMENT, place)
        for name in ("Principal", "Action", "Resource"):
            if name in raw and f"Not{name}" in raw:
                refuse(self.kind, place, f"it has both {name} and Not{name}; keep one of them")
        sid = raw.get("Sid", "")
        if not isinstance(sid, str):
            refuse(self.kind, f"{place}.Sid", "expected a string")
        return RawStatement(
            place=place,
            sid=sid,
            effect=self._effect(raw, place),
            actions=self._strings(raw, "Action", place),
            not_actions=self._strings(raw, "NotAction", place),
            resources=self._strings(raw, "Resource", place),
            not_resources=self._strings(raw, "NotResource", place),
            principals=self._principals(raw, "Principal", place),
            not_principals=self._principals(raw, "NotPrincipal", place),
            conditions=self._conditions(raw, f"{place}.Condition"),
        )

    def _known(self, raw: Mapping[str, object], names: tuple[str, ...], place: str) -> None:
        for name in raw:
            if name not in names:
                refuse(
                    self.kind,
                    f"{place}.{name}".lstrip("."),
                    f"there is no such element; the elements are {', '.join(names)}",
                    f"Unknown field {name}",
                )

    def _effect(self, raw: Mapping[str, object], place: str) -> str:
        effect = raw.get("Effect")
        if effect is None:
            refuse(
                self.kind,
                f"{place}.Effect",
                "it is missing; expected Allow or Deny",
                "Missing required field Effect",
            )
        # A wrong case passes here: IAM reports it later, as a fault of its older parser.
        if not isinstance(effect, str) or effect.lower() not in ("allow", "deny"):
            refuse(
                self.kind,
                f"{place}.Effect",
                f"{effect!r} is neither Allow nor Deny",
                f"Invalid effect: {effect}",
            )
        return effect

    def _strings(self, raw: Mapping[str, object], name: str, place: str) -> tuple[str, ...] | None:
        if name not in raw:
            return None
        value = raw[name]
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values):
            refuse(self.kind, f"{place}.{name}", "expected a string or a list of strings")
        return tuple(values)

    def _principals(
        self, raw: Mapping[str, object], name: str, place: str
    ) -> Mapping[str, tuple[str, ...]] | None:
        if name not in raw:
            return None
        place = f"{place}.{name}"
        value = raw[name]
        if value == "*":
            return {"AWS": ("*",)}
        if not isinstance(value, dict):
            refuse(
                self.kind,
                place,
                f'expected "*" or an object with {", ".join(_PRINCIPALS)}',
                "Invalid principal in policy",
            )
        if not value:
            refuse(
                self.kind,
                place,
                f"it is empty; expected one of {', '.join(_PRINCIPALS)}",
                f"Missing required field {name} cannot be empty!",
            )
        principals: dict[str, tuple[str, ...]] = {}
        for key in value:
            if key not in _PRINCIPALS:
                refuse(
                    self.kind,
                    f"{place}.{key}",
                    f"expected one of {', '.join(_PRINCIPALS)}",
                    f'Invalid principal in policy: "{key}"',
                )
            principals[key] = self._strings(value, key, place) or ()
        return principals

    def _conditions(self, raw: Mapping[str, object], place: str) -> tuple[Condition, ...]:
        block = raw.get("Condition", {})
        if not isinstance(block, dict):
            refuse(self.kind, place, 'expected an object such as {"StringEquals": {key: value}}')
        conditions: list[Condition] = []
        for operator, keys in block.items():
            here = f"{place}.{operator}"
            if not isinstance(keys, dict):
                refuse(self.kind, here, 'expected an object such as {"aws:username": "ada"}')
            # IAM takes an operator that it does not know as long as nothing is compared with it.
            if keys and registry.named(operator) is None:
                refuse(
                    self.kind,
                    here,
                    f"there is no such operator; did you mean {registry.nearest(operator)}?",
                    f"Invalid Condition type : {operator}",
                )
            for key, values in keys.items():
                conditions.append(Condition(operator, key, self._values(values, f"{here}.{key}")))
        return tuple(conditions)

    def _values(self, raw: object, place: str) -> tuple[str, ...]:
        values = raw if isinstance(raw, list) else [raw]
        texts: list[str] = []
        for value in values:
            if isinstance(value, bool):
                texts.append("true" if value else "false")
            elif isinstance(value, str | int | float):
                texts.append(str(value))
            else:
                refuse(self.kind, place, "expected a string, number or boolean, or a list of them")
        return tuple(texts)
