"""The forms of ARNs that policies may name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from typing import Final

PARTITIONS: Final = (
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
)
_IAM_PATHS: Final = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/",
    "server-certificate/", "policy/", "sms-mfa/", "saml-provider/", "oidc-provider/", "report/",
    "access-report/",
)  # fmt: skip
_WITHOUT_REGION: Final = {
    "iam": "IAM resource {} cannot contain region information.",
    "s3": "Resource {} can not contain region information.",
}
_REGIONAL_IN_S3: Final = (
    "accesspoint/",
    "async-request/",
    "job/",
    "access-grants/",
    "storage-lens/",
)
"""What belongs to a region of an account in S3, where buckets and objects do not."""
_PRINCIPAL_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:(?:"
    r"iam::(?:\d{12}|cloudfront):(?:root|(?:user|role)/[^*?]+)"
    r"|sts::\d{12}:(?:assumed-role/[^/*?]+/[^/*?]+|federated-user/[^*?]+))",
    re.ASCII,
)
_PRINCIPAL_ID: Final = re.compile(r"\d{12}|A[A-Z0-9]{15,127}(?::[\w+=,.@-]{1,64})?", re.ASCII)
_SERVICE: Final = re.compile(r"\*|[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)


def too_short(value: str) -> bool:
    """Whether an ARN stops between its service and its resource, which IAM's older parser refuses.

    A `*` at the end may stand for all the parts that are missing.
    """
    parts = value.split(":")
    if len(parts) < 4 or parts[0] != "arn" or parts[1] not in PARTITIONS:
        return False
    return not parts[2] or (len(parts) < 6 and not value.endswith("*"))


def completed(value: str) -> str:
    """An ARN with `*` for each of the six parts that it leaves out: `arn:aws:sqs` is all of SQS.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    missing = 5 - value.count(":") if value.startswith("arn:") else 0
    return value + ":*" * missing


def resource_fault(value: str) -> str | None:
    """IAM's sentence for what is wrong with a Resource, or None."""
    if value == "*":
        return None
    parts = value.split(":", 5)
    if len(parts) < 2:
        return f'Resource {value} must be in ARN format or "*".'
    if parts[1] not in PARTITIONS and "*" not in parts[1]:
        shown = ":".join(["arn", *parts[1:], *["*"] * (6 - len(parts))])
        return f'Partition "{parts[1]}" is not valid for resource "{shown}".'
    if parts[0] != "arn":
        return f'Resource {value} must be in ARN format or "*".'
    if len(parts) < 3 or "*" in parts[2] or "?" in parts[2]:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    service, region = parts[2], parts[3] if len(parts) > 3 else ""
    regional = service == "s3" and len(parts) == 6 and parts[5].startswith(_REGIONAL_IN_S3)
    if service in _WITHOUT_REGION and region not in ("", "*") and not regional:
        return _WITHOUT_REGION[service].format(value)
    if service == "iam" and len(parts) == 6 and not _iam_path(parts[5]):
        return f'IAM resource path must either be "*", root, or start with {", ".join(_IAM_PATHS)}.'
    return None


def _iam_path(path: str) -> bool:
    start = re.split(r"[*?$]", path, maxsplit=1)[0]
    if start == path:
        return path == "root" or path.startswith(_IAM_PATHS)
    # With a wildcard, what stands before it must be able to become one of the paths.
    return any(each.startswith(start) or start.startswith(each) for each in _IAM_PATHS)


def principal_fault(family: str, name: str) -> str | None:
    """What is wrong with a principal, or None."""
    if family == "AWS":
        if name == "*" or _PRINCIPAL_ID.fullmatch(name) or _PRINCIPAL_ARN.fullmatch(name):
            return None
        return (
            "expected an account number, the ARN of a root, user, role or session, or *; "
            "a wildcard cannot be part of a name"
        )
    if family == "Service" and not _SERVICE.fullmatch(name):
        return "expected a service such as lambda.amazonaws.com"
    return None if name else "it is empty"
