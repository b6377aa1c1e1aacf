"""Whether a resource's policy lets everybody in, as S3 judges it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from typing import Any

import orjson

_FENCES = frozenset(
    {
        "aws:sourceip",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:userid",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
    }
)
"""Condition keys that, with a fixed value, keep a statement for everybody from being public."""
_FENCING = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}
)
"""The operators that a request lacking the key does not pass."""
_WIDEST = {4: 8, 6: 32}
"""Bits of the widest range of addresses, by IP version, that is not everybody."""


@lru_cache(maxsize=256)
def is_public(text: str) -> bool:
    """Whether a statement allows something to everybody, not to fixed values of who or where."""
    return any(
        statement["Effect"] == "Allow"
        and _is_everybody(statement)
        and not _is_fenced(statement.get("Condition") or {})
        for statement in statements(text)
    )


def _is_everybody(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", "*")  # NotPrincipal leaves in all but a few
    if isinstance(principal, dict):
        return any("*" in listed(named) for named in principal.values())
    return bool(principal == "*")


def _is_fenced(conditions: dict[str, Any]) -> bool:
    for operator, wanted in conditions.items():
        if operator.lower().removeprefix("foranyvalue:") not in _FENCING:
            continue
        for key, values in wanted.items():
            if key.lower() in _FENCES and all(_is_fixed(str(each)) for each in listed(values)):
                return True
    return False


def _is_fixed(value: str) -> bool:
    """Whether a condition's value means few: no wildcard, no variable, no vast range."""
    if any(sign in value for sign in ("*", "?", "${")):
        return False
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return True
    return network.is_private or network.prefixlen >= _WIDEST[network.version]


def statements(text: str) -> list[dict[str, Any]]:
    """The statements of a policy that parses."""
    found = orjson.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def listed(value: Any) -> list[Any]:
    """One or many, as policies write both."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
