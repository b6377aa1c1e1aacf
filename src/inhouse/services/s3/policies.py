"""Bucket policies: refused when they could not work, and judged public or not.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_network
from typing import Any

import orjson

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.core.errors import ServiceError
from inhouse.services.s3.names import bucket_arn

MAX_BYTES = 20 * 1024
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


def check(text: str, bucket: str) -> None:
    """Raises MalformedPolicy for what S3 does not take as the policy of `bucket`."""
    if len(text.encode()) > MAX_BYTES:
        raise _malformed(f"Policies must be at most {MAX_BYTES} bytes", bucket)
    try:
        Policy.parse(text, kind=PolicyKind.RESOURCE, name="bucket policy")
    except InvalidPolicy as problem:
        raise _malformed(str(problem), bucket) from None
    for statement in _statements(text):
        for action in _listed(statement.get("Action", statement.get("NotAction"))):
            if action != "*" and not action.lower().startswith("s3:"):
                raise _malformed(f"Policy has invalid action: {action[:80]!r}", bucket)
        for resource in _listed(statement.get("Resource", statement.get("NotResource"))):
            if not _is_within(resource, bucket):
                raise _malformed(
                    f"Policy has invalid resource: {resource[:100]!r} is neither "
                    f"{bucket_arn(bucket)!r} nor within it",
                    bucket,
                )


@lru_cache(maxsize=256)
def is_public(text: str) -> bool:
    """Whether a statement allows something to everybody, not to fixed values of who or where.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
    """
    return any(
        statement["Effect"] == "Allow"
        and _is_everybody(statement)
        and not _is_fenced(statement.get("Condition") or {})
        for statement in _statements(text)
    )


def _is_within(resource: str, bucket: str) -> bool:
    """Whether an ARN pattern can only fit the bucket and its objects."""
    own = bucket_arn(bucket)
    return resource == own or resource.startswith((f"{own}/", f"{own}*"))


def _is_everybody(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", "*")  # NotPrincipal leaves in all but a few
    if isinstance(principal, dict):
        return any("*" in _listed(named) for named in principal.values())
    return bool(principal == "*")


def _is_fenced(conditions: dict[str, Any]) -> bool:
    for operator, wanted in conditions.items():
        if operator.lower().removeprefix("foranyvalue:") not in _FENCING:
            continue
        for key, values in wanted.items():
            if key.lower() in _FENCES and all(_is_fixed(str(each)) for each in _listed(values)):
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


def _statements(text: str) -> list[dict[str, Any]]:
    found = orjson.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _malformed(reason: str, bucket: str) -> ServiceError:
    return ServiceError("MalformedPolicy", f"{reason}.", status=400, BucketName=bucket)
