"""Trust policies name users and roles; IAM means the very ones, not later namesakes.

So a name is kept as the unique id of whom it names, and given back as the ARN while they exist.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from inhouse.access import PolicyKind, SizeLimit
from inhouse.core.errors import ServiceError
from inhouse.services.iam import documents, rows
from inhouse.services.iam.identities import entity_arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from inhouse.core.ports import Tx

_ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role)/(?:.*/)?([^/]+)").fullmatch
_ID = re.compile(r"A(?:IDA|ROA)[A-Z2-7]{16}").fullmatch


def bound(tx: Tx, text: str) -> str:
    """A trust policy, checked, with unique ids for the users and roles it names.

    Raises MalformedPolicyDocument for a faulty policy and for a user or role that an account here
    does not have; an account elsewhere is taken at its word.
    """
    documents.check(text, PolicyKind.TRUST)
    documents.check_quota([text], SizeLimit.TRUST)

    def identify(name: str) -> str:
        match = _ENTITY(name)
        if match is None:
            return name
        row = rows.entity(tx, match[1], match[2], match[3])
        if row is not None and entity_arn(row) == name:
            return str(row["id"])
        if rows.account(tx, match[1]) is None:
            return name
        raise ServiceError(
            "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{name}"'
        )

    return _replaced(text, identify)


def shown(tx: Tx, text: str) -> str:
    """The policy with ARNs again; the id of one who is gone stays and tells so."""

    def name(given: str) -> str:
        row = rows.entity_by_id(tx, given) if _ID(given) else None
        return given if row is None else entity_arn(row)

    return _replaced(text, name)


def _replaced(text: str, replace: Callable[[str], str]) -> str:
    """`text` with every AWS principal replaced; the same text when none changes."""
    document = json.loads(text)
    statements = document["Statement"]
    changed = False
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            principals: Any = statement.get(element)
            if not isinstance(principals, dict) or "AWS" not in principals:
                continue
            names = principals["AWS"]
            found = replace(names) if isinstance(names, str) else [replace(one) for one in names]
            changed = changed or found != names
            principals["AWS"] = found
    return json.dumps(document) if changed else text
