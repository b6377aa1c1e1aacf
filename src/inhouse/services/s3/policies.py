"""Bucket policies: refused when they could not work.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.access.public import listed, statements
from inhouse.core.errors import ServiceError
from inhouse.services.s3.names import bucket_arn

if TYPE_CHECKING:
    from inhouse.core.call import Call

MAX_BYTES = 20 * 1024


def kept(call: Call, text: str, bucket: str) -> str:
    """The policy as it is kept, with unique ids for users and roles. Raises MalformedPolicy."""
    check(text, bucket)
    try:
        return call.house.identities.policy_by_id(call.tx, text)
    except InvalidPolicy as problem:
        raise _malformed("Invalid principal in policy", problem.where) from None


def check(text: str, bucket: str) -> None:
    """Raises MalformedPolicy for what S3 does not take as the policy of `bucket`."""
    if len(text.encode()) > MAX_BYTES:
        raise _malformed(f"Policies must be at most {MAX_BYTES} bytes")
    if not text.startswith("{"):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    try:
        Policy.parse(text, kind=PolicyKind.RESOURCE, name="bucket policy")
    except InvalidPolicy as problem:
        raise _malformed(problem.message, problem.where) from None
    for statement in statements(text):
        for action in listed(statement.get("Action", statement.get("NotAction"))):
            if action != "*" and not action.lower().startswith("s3:"):
                raise _malformed("Policy has invalid action", f"{action[:80]!r} is none of S3")
        for resource in listed(statement.get("Resource", statement.get("NotResource"))):
            if not _is_within(resource, bucket):
                raise _malformed(
                    "Policy has invalid resource",
                    f"{resource[:100]!r} is neither {bucket_arn(bucket)!r} nor within it",
                )


def _is_within(resource: str, bucket: str) -> bool:
    """Whether an ARN pattern can only fit the bucket and its objects."""
    own = bucket_arn(bucket)
    return resource == own or resource.startswith((f"{own}/", f"{own}*"))


def _malformed(message: str, detail: str = "") -> ServiceError:
    """`message` is S3's own sentence; `detail` says where the fault is and what would be right."""
    fields: dict[str, Any] = {"Detail": detail} if detail else {}
    return ServiceError("MalformedPolicy", message, status=400, **fields)
