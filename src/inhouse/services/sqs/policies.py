"""Statements that AddPermission and RemovePermission put into a queue's policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.sqs.resources import bad_value

if TYPE_CHECKING:
    from collections.abc import Sequence

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}")
MAX_STATEMENTS, MAX_ACTIONS = 20, 7
_GRANTABLE = frozenset(
    {
        "*",
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ListDeadLetterSourceQueues",
        "PurgeQueue",
        "ReceiveMessage",
        "SendMessage",
    }
)


def add(text: str, queue: str, label: str, accounts: Sequence[str], actions: Sequence[str]) -> str:
    """The policy (empty for none) with one more statement, labelled `label`."""
    policy = orjson.loads(text) if text else _new(queue)
    statements = _statements(policy)
    _check(label, accounts, actions)
    if any(statement.get("Sid") == label for statement in statements):
        raise bad_value(f"Value {label} for parameter Label is invalid. Reason: Already exists")
    if len(statements) >= MAX_STATEMENTS:
        raise ServiceError(
            "OverLimit",
            f"The policy has {len(statements)} statements; {MAX_STATEMENTS} is the most.",
        )
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
        "Action": [f"SQS:{action}" for action in actions],
        "Resource": queue,
    }
    return orjson.dumps({**policy, "Statement": [*statements, statement]}).decode()


def remove(text: str, label: str) -> str:
    """The policy without the statement labelled `label`; empty when none is left."""
    policy = orjson.loads(text) if text else {}
    statements = _statements(policy)
    kept = [statement for statement in statements if statement.get("Sid") != label]
    if len(kept) == len(statements):
        raise bad_value(f"The queue's policy has no statement labelled {label[:80]!r}")
    return orjson.dumps({**policy, "Statement": kept}).decode() if kept else ""


def _new(queue: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Id": f"{queue}/SQSDefaultPolicy", "Statement": []}


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, dict) else list(statements)


def _check(label: str, accounts: Sequence[str], actions: Sequence[str]) -> None:
    if not _LABEL.fullmatch(label):
        raise bad_value(f"Label {label[:80]!r} must be 1 to 80 of A-Z a-z 0-9 _ -")
    if not accounts or not actions:
        raise bad_value("AWSAccountIds and Actions must each name at least one")
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise bad_value(f"AWSAccountIds: {account[:64]!r} is not 12 digits")
    for action in actions:
        if action not in _GRANTABLE:
            raise bad_value(f"Actions: {action[:64]!r} is none of {', '.join(sorted(_GRANTABLE))}")
    if len(actions) > MAX_ACTIONS:
        raise ServiceError("OverLimit", f"{len(actions)} Actions; {MAX_ACTIONS} is the most.")
