"""Names: of buckets, keys, owners and ARNs, and which of them a request means."""

from __future__ import annotations

import ipaddress
import re

from inhouse.core.canonical_ids import canonical_id
from inhouse.core.errors import ServiceError

MAX_KEY = 1024
"""Bytes of a key in UTF-8."""
MAX_PARTS = 10_000
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BESIDE_PERIODS = ("..", ".-", "-.")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_ARN = "arn:aws:s3:::"


def bucket_arn(bucket: str) -> str:
    return _ARN + bucket


def object_arn(bucket: str, key: str) -> str:
    return f"{_ARN}{bucket}/{key}"


def bucket_of(arn: str) -> str | None:
    """The bucket that an ARN of a bucket or object names; None for other ARNs."""
    return arn[len(_ARN) :].partition("/")[0] if arn.startswith(_ARN) else None


def key_of(arn: str) -> str:
    """The key that an ARN of an object names; empty for other ARNs."""
    return arn[len(_ARN) :].partition("/")[2] if arn.startswith(_ARN) else ""


def owner(account: str) -> dict[str, str]:
    return {"ID": canonical_id(account)}


def check_bucket_name(name: str) -> None:
    """Raises InvalidBucketName, saying which rule a name breaks.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if not _BUCKET.fullmatch(name):
        reason = (
            "it has 3 to 63 of a-z, 0-9, '-' and '.', and begins and ends with a letter or digit"
        )
    elif any(pair in name for pair in _BESIDE_PERIODS):
        reason = "what stands beside a period is a letter or digit"
    elif _is_address(name):
        reason = "it must not look like an IP address"
    elif name.startswith(_RESERVED_PREFIXES) or name.endswith(_RESERVED_SUFFIXES):
        reason = f"{', '.join(_RESERVED_PREFIXES + _RESERVED_SUFFIXES)} are reserved"
    else:
        return
    raise ServiceError(
        "InvalidBucketName",
        "The specified bucket is not valid.",
        BucketName=name,
        Detail=f"{reason[0].upper()}{reason[1:]}.",
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def check_key(key: str) -> None:
    """Raises KeyTooLongError for keys of more than 1,024 bytes."""
    size = len(key) if key.isascii() else len(key.encode())
    if size > MAX_KEY:
        raise ServiceError(
            "KeyTooLongError",
            "Your key is too long",
            Size=str(size),
            MaxSizeAllowed=str(MAX_KEY),
        )
    if not key:
        raise ServiceError("InvalidArgument", "Key must not be empty.", ArgumentName="Key")


def check_part_number(number: int) -> None:
    """Raises InvalidArgument for numbers that no part can have."""
    if not 1 <= number <= MAX_PARTS:
        raise ServiceError(
            "InvalidArgument",
            f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=str(number),
        )


def no_such_bucket(bucket: str) -> ServiceError:
    return ServiceError(
        "NoSuchBucket", "The specified bucket does not exist", status=404, BucketName=bucket
    )


def no_such_key(key: str) -> ServiceError:
    return ServiceError("NoSuchKey", "The specified key does not exist.", status=404, Key=key)


def no_such_version(key: str, version: str) -> ServiceError:
    return ServiceError(
        "NoSuchVersion",
        "The specified version does not exist.",
        status=404,
        Key=key,
        VersionId=version,
    )


def no_such_upload(upload: str) -> ServiceError:
    return ServiceError(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may "
        "have been aborted or completed.",
        status=404,
        UploadId=upload,
    )
