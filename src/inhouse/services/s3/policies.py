"""Bucket policies: refused when they could not work.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.access.public import listed, statements
from inhouse.core.errors import ServiceError
from inhouse.services.s3.names import bucket_arn

MAX_BYTES = 20 * 1024


def check(text: str, bucket: str) -> None:
    """Raises MalformedPolicy for what S3 does not take as the policy of `bucket`."""
    if len(text.encode()) > MAX_BYTES:
        raise _malformed(f"Policies must be at most {MAX_BYTES} bytes", bucket)
    try:
        Policy.parse(text, kind=PolicyKind.RESOURCE, name="bucket policy")
    except InvalidPolicy as problem:
        raise _malformed(str(problem), bucket) from None
    for statement in statements(text):
        for action in listed(statement.get("Action", statement.get("NotAction"))):
            if action != "*" and not action.lower().startswith("s3:"):
                raise _malformed(f"Policy has invalid action: {action[:80]!r}", bucket)
        for resource in listed(statement.get("Resource", statement.get("NotResource"))):
            if not _is_within(resource, bucket):
                raise _malformed(
                    f"Policy has invalid resource: {resource[:100]!r} is neither "
                    f"{bucket_arn(bucket)!r} nor within it",
                    bucket,
                )


def _is_within(resource: str, bucket: str) -> bool:
    """Whether an ARN pattern can only fit the bucket and its objects."""
    own = bucket_arn(bucket)
    return resource == own or resource.startswith((f"{own}/", f"{own}*"))


def _malformed(reason: str, bucket: str) -> ServiceError:
    return ServiceError("MalformedPolicy", f"{reason}.", status=400, BucketName=bucket)
