"""Policies name users and roles; AWS means the very ones, not later namesakes.

So trust policies, bucket policies and the like are kept with the unique ids of whom they name, and
given back with ARNs while these exist.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from inhouse.access import InvalidPolicy
from inhouse.services.iam import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from inhouse.core.ports import Row, Tx

_ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role)/(?:.*/)?([^/]+)").fullmatch
_ID = re.compile(r"A(?:IDA|ROA)[A-Z2-7]{16,17}").fullmatch


def entity_arn(row: Row) -> str:
    """The ARN of a user, group or role."""
    return f"arn:aws:iam::{row['account']}:{row['kind']}{row['path']}{row['name']}"


def by_id(tx: Tx, text: str) -> str:
    """The policy with unique ids for the users and roles it names.

    Raises InvalidPolicy for one that an account here does not have; an account elsewhere is taken
    at its word.
    """

    def identify(name: str) -> str:
        match = _ENTITY(name)
        if match is None:
            return name
        row = rows.entity(tx, match[1], match[2], match[3])
        if row is not None and entity_arn(row) == name:
            return str(row["id"])
        if rows.account(tx, match[1]) is None:
            return name
        raise InvalidPolicy(
            f'Invalid principal in policy: "AWS":"{name}"', detail=f"{name} is not there"
        )

    return _replaced(text, identify)


def by_arn(tx: Tx, text: str) -> str:
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
