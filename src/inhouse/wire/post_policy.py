"""POST policies: what a signer lets a form upload.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNCONDITIONAL = frozenset({"policy", "x-amz-signature", "signature", "awsaccesskeyid", "file"})
"""Fields that no condition needs to allow; those that begin with `x-ignore-` are others."""


class Sizes(NamedTuple):
    """How many bytes the file may have."""

    least: int = 0
    most: int | None = None

    def and_also(self, other: Sizes) -> Sizes:
        """What both allow."""
        ends = [end for end in (self.most, other.most) if end is not None]
        return Sizes(max(self.least, other.least), min(ends, default=None))


def check(policy: str, fields: Mapping[str, str], now: datetime) -> Sizes:
    """What the policy says of the file's size, once it allows the fields (and `bucket`).

    Raises InvalidPolicyDocument, and AccessDenied for what it does not allow.
    """
    document = _document(policy)
    if _expiration(document) <= now:
        raise _refused("Policy expired.")
    conditions = document.get("conditions")
    if not isinstance(conditions, list):
        raise _invalid("'conditions' must be a list")
    sizes, allowed = Sizes(), set(_UNCONDITIONAL)
    for condition in conditions:
        operator, name, value = _condition(condition)
        if operator == "content-length-range":
            sizes = sizes.and_also(_range(name, value))
            continue
        allowed.add(name)
        if not _holds(operator, name, value, fields.get(name, "")):
            shown = json.dumps([operator, f"${name}", value])
            raise _refused(f"Policy Condition failed: {shown}")
    extra = [name for name in fields if name not in allowed and not name.startswith("x-ignore-")]
    if extra:
        raise _refused(f"Extra input fields: {', '.join(extra)[:200]}")
    return sizes


def _document(policy: str) -> dict[str, Any]:
    try:
        document = json.loads(b64decode(policy, validate=True))
    except (ValueError, RecursionError):
        raise _invalid("it is not JSON in base64") from None
    if not isinstance(document, dict):
        raise _invalid("it is not a JSON object")
    return document


def _expiration(document: Mapping[str, Any]) -> datetime:
    text = document.get("expiration")
    try:
        if isinstance(text, str) and text.endswith("Z") and "T" in text:
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _invalid("'expiration' must be a time like 2031-01-02T03:04:05Z")


def _condition(condition: Any) -> tuple[str, Any, Any]:
    """Operator, name in lower case, and value; or `content-length-range` and its ends."""
    if isinstance(condition, dict) and len(condition) != 1:
        raise _invalid(
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified"
        )
    if isinstance(condition, dict):
        ((name, value),) = condition.items()
        condition = ["eq", f"${name}", value]
    if not isinstance(condition, list) or len(condition) != 3:
        raise _invalid("a condition is {name: value} or [operator, $name, value]")
    operator, name, value = condition
    operator = operator.lower() if isinstance(operator, str) else operator
    if operator == "content-length-range":
        return operator, name, value
    if operator not in ("eq", "starts-with"):
        raise _invalid("operators are eq, starts-with and content-length-range")
    if not isinstance(name, str) or not name.startswith("$") or not isinstance(value, str):
        raise _invalid("a condition compares a $name with a text")
    return operator, name[1:].lower(), value


def _holds(operator: str, name: str, wanted: str, given: str) -> bool:
    if operator == "eq":
        return given == wanted
    if name == "content-type":
        return all(one.strip().startswith(wanted) for one in given.split(","))
    return given.startswith(wanted)


def _range(least: Any, most: Any) -> Sizes:
    try:
        sizes = Sizes(int(least), int(most))
    except (TypeError, ValueError, OverflowError):
        raise _invalid("content-length-range has two numbers") from None
    if sizes.least < 0 or int(most) < 0:
        raise _invalid("content-length-range has no numbers below 0")
    return sizes


def _invalid(what: str) -> ServiceError:
    return ServiceError("InvalidPolicyDocument", f"Invalid Policy: {what}.", status=400)


def _refused(what: str) -> ServiceError:
    return ServiceError("AccessDenied", f"Invalid according to Policy: {what}", status=403)
