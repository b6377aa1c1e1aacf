"""Reads the cases: decisions, written as data. Shared by the tests of this folder.

A policy in a case is a whole document, or only its list of statements. Principals are named after
principals.json. A file's `defaults` complete every question in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inhouse.access import Policies, Policy, PolicyKind, Question, Who

HERE = Path(__file__).parent
PRINCIPALS = {
    name: Who(**fields)
    for name, fields in json.loads((HERE / "principals.json").read_text()).items()
}


@dataclass(frozen=True)
class Case:
    name: str
    question: Question
    policies: Policies
    expect: dict[str, Any]


def policy(document: Any, kind: PolicyKind, name: str = "p") -> Policy:
    if isinstance(document, list):
        document = {"Version": "2012-10-17", "Statement": document}
    return Policy.parse(document, kind=kind, name=name)


def question(fields: dict[str, Any]) -> Question:
    return Question(
        action=fields["action"],
        resource=fields["resource"],
        principal=PRINCIPALS[fields["principal"]],
        resource_account=fields["resource_account"],
        context=fields.get("context", {}),
    )


def policies(raw: dict[str, Any], resource_kind: str) -> Policies:
    boundary, resource = raw.get("boundary"), raw.get("resource")
    return Policies(
        identity=tuple(policy(each, PolicyKind.IDENTITY) for each in raw.get("identity", ())),
        boundary=None if boundary is None else policy(boundary, PolicyKind.BOUNDARY),
        session=tuple(policy(each, PolicyKind.SESSION) for each in raw.get("session", ())),
        resource=None if resource is None else policy(resource, PolicyKind(resource_kind)),
        scps=tuple(
            tuple(policy(each, PolicyKind.SCP) for each in level) for level in raw.get("scps", ())
        ),
        rcps=tuple(policy(each, PolicyKind.RCP) for each in raw.get("rcps", ())),
    )


def cases() -> list[Case]:
    found: list[Case] = []
    for path in sorted((HERE / "cases").glob("*.json")):
        book = json.loads(path.read_text())
        for raw in book["cases"]:
            fields = book["defaults"] | raw.get("question", {})
            found.append(
                Case(
                    name=f"{path.stem}: {raw['name']}",
                    question=question(fields),
                    policies=policies(raw["policies"], fields.get("resource_kind", "resource")),
                    expect=raw["expect"],
                )
            )
    return found
