"""Policy documents: valid, not too long, and as IAM gives them back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from inhouse.access import InvalidPolicy, Policy, PolicyKind, PolicyTooLarge, SizeLimit, check_size
from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

INLINE = {
    "user": SizeLimit.USER_INLINE,
    "group": SizeLimit.GROUP_INLINE,
    "role": SizeLimit.ROLE_INLINE,
}


def check(text: str, kind: PolicyKind = PolicyKind.IDENTITY, name: str = "policy") -> Policy:
    """The policy in `text`. Raises MalformedPolicyDocument."""
    try:
        return Policy.parse(text, kind=kind, name=name)
    except InvalidPolicy as problem:
        raise malformed(problem) from None


def malformed(problem: InvalidPolicy) -> ServiceError:
    """AWS's sentence as the message, since clients compare it; place and remedy as `Detail`."""
    return ServiceError("MalformedPolicyDocument", problem.message, Detail=problem.where or None)


def check_quota(texts: Iterable[str], limit: SizeLimit, holder: str = "") -> None:
    """Raises LimitExceeded when the documents together are too long."""
    try:
        check_size(texts, limit, holder=holder)
    except PolicyTooLarge as problem:
        raise ServiceError("LimitExceeded", problem.message, status=409) from None


def encoded(text: str) -> str:
    """A document as IAM answers it: percent-encoded by RFC 3986, which boto3 decodes to a dict."""
    return quote(text, safe="")
