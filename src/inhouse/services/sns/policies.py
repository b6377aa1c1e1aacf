"""Access policies of topics.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.core.arn import Arn
from inhouse.services.sns.messages import invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.core.call import Call

_OWNERS_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
_GRANTABLE = frozenset({*_OWNERS_ACTIONS, "ListTagsForResource", "TagResource", "UntagResource"})
_ACCOUNT = re.compile(r"\d{12}")
MAX_BYTES = 30 * 1024


def default(topic: str) -> str:
    """The policy of a topic whose owner has set none, as AWS writes it.

    It asks for a condition key that no request carries, so it lets nobody in by itself; the
    owner's identity policies do.
    """
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _OWNERS_ACTIONS],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": Arn.parse(topic).account}},
    }
    return _dump({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


def check(text: str) -> str:
    """Raises unless `text` is a policy that a topic may have."""
    size = len(text.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise invalid(f"Policy Error: {size} bytes; {MAX_BYTES} is the most")
    try:
        Policy.parse(text, kind=PolicyKind.RESOURCE, name="topic policy")
    except InvalidPolicy as error:
        raise invalid(f"Policy Error: {error}") from None
    return text


def kept(call: Call, text: str) -> str:
    """The policy as it is kept, with unique ids for users and roles."""
    try:
        return call.house.identities.policy_by_id(call.tx, text)
    except InvalidPolicy as error:
        raise invalid(f"Policy Error: PrincipalNotFound: {error.message}") from None


def add(text: str, topic: str, label: str, accounts: Sequence[str], actions: Sequence[str]) -> str:
    """The policy with one more statement, labelled `label`."""
    policy = orjson.loads(text)
    statements = _statements(policy)
    if any(statement.get("Sid") == label for statement in statements):
        raise invalid("Statement already exists", f"The label {label[:80]!r} is taken")
    _check_grant(label, accounts, actions)
    roots = [f"arn:aws:iam::{account}:root" for account in accounts]
    granted = [f"SNS:{action}" for action in actions]
    statements.append(
        {
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": roots if len(roots) > 1 else roots[0]},
            "Action": granted if len(granted) > 1 else granted[0],
            "Resource": topic,
        }
    )
    return check(_dump({**policy, "Statement": statements}))


def remove(text: str, label: str) -> str:
    """The policy without the statement labelled `label`; empty when none is left."""
    policy = orjson.loads(text)
    kept = [statement for statement in _statements(policy) if statement.get("Sid") != label]
    return _dump({**policy, "Statement": kept}) if kept else ""


def _check_grant(label: str, accounts: Sequence[str], actions: Sequence[str]) -> None:
    if not 1 <= len(label) <= 80:
        raise invalid("Label Reason: it must have 1 to 80 characters")
    if not accounts or not actions:
        raise invalid("AWSAccountId and ActionName Reason: each must name at least one")
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise invalid(f"AWSAccountId Reason: {account[:64]!r} is not 12 digits")
    for action in actions:
        if action not in _GRANTABLE:
            raise invalid(
                "Policy statement action out of service scope!",
                f"{action[:64]!r} is none of {', '.join(sorted(_GRANTABLE))}",
            )


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, dict) else list(statements)


def _dump(policy: dict[str, Any]) -> str:
    return orjson.dumps(policy).decode()
