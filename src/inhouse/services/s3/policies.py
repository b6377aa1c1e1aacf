"""Bucket policies: refused when they could not work, and judged public or not.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

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


def is_public(text: str) -> bool:
    """Whether a statement allows something to everybody, from everywhere."""
    return any(
        statement.get("Effect") == "Allow"
        and _is_everybody(statement.get("Principal"))
        and not _is_fenced(statement.get("Condition") or {})
        for statement in _statements(text)
    )


def _is_within(resource: str, bucket: str) -> bool:
    """Whether an ARN pattern can only fit the bucket and its objects."""
    own = bucket_arn(bucket)
    return resource == own or resource.startswith((f"{own}/", f"{own}*"))


def _is_everybody(principal: Any) -> bool:
    if isinstance(principal, dict):
        return "*" in _listed(principal.get("AWS"))
    return bool(principal == "*")


def _is_fenced(conditions: dict[str, Any]) -> bool:
    for operator, wanted in conditions.items():
        if "Not" in operator or operator.endswith("IfExists"):
            continue
        for key, values in wanted.items():
            fixed = not any(
                "*" in str(value) or "/0" in str(value)[-2:] for value in _listed(values)
            )
            if key.lower() in _FENCES and fixed:
                return True
    return False


def _statements(text: str) -> list[dict[str, Any]]:
    found = orjson.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _malformed(reason: str, bucket: str) -> ServiceError:
    return ServiceError("MalformedPolicy", f"{reason}.", status=400, BucketName=bucket)
