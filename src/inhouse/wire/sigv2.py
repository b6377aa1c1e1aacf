"""Signature Version 2 of S3: presigned URLs, which boto3 makes by default for custom endpoints,
and the Authorization header of old clients.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

from base64 import b64encode
from email.utils import parsedate_to_datetime
from hmac import compare_digest, digest
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.wire.claims import SKEW_SECONDS, too_skewed
from inhouse.wire.header_text import latin_1

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from inhouse.wire.claims import Signature
    from inhouse.wire.http import HttpRequest

#: The query keys that name a part of a resource and stand under the signature.
# fmt: off
_SUBRESOURCES = frozenset(
    {"accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory",
     "lifecycle", "location", "logging", "metrics", "notification", "object-lock",
     "partNumber", "policy", "replication", "requestPayment", "response-cache-control",
     "response-content-disposition", "response-content-encoding",
     "response-content-language", "response-content-type", "response-expires", "restore",
     "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads",
     "versionId", "versioning", "versions", "website"}
)
# fmt: on
_SPACE = " \t"
_HARMLESS = frozenset({"list-type"})
"""The listing is the same, in another form."""


def verify(
    request: HttpRequest, signature: Signature, secret: str, now: datetime, bucket: str | None
) -> None:
    """Check a v2 signature; `bucket` is the one in the host name, if it is there.

    Raises `ServiceError` AccessDenied when expired or undated, RequestTimeTooSkewed,
    SignatureDoesNotMatch.
    """
    if signature.kind == "query-v2":
        moment = request.args["Expires"]
        _check_expiry(moment, now)
    else:
        moment = _check_date(request, signature, now)
    given = signature.signature.encode("utf-8", "replace")
    for resource in _resources(request.path, bucket):
        text = _string_to_sign(request, resource, moment)
        if compare_digest(b64encode(digest(secret.encode(), text, "sha1")), given):
            break
    else:
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
            status=403,
            AWSAccessKeyId=signature.access_key_id,
            StringToSign=text.decode("utf-8", "replace"),
            SignatureProvided=signature.signature,
            StringToSignBytes=text.hex(" "),
        )


def check_coverage(arguments: Iterable[str]) -> None:
    """Raises AccessDenied unless a URL's `arguments`, which choose its operation, are signed.

    They would make a URL for one thing good for another. In a signed header's request they stay
    allowed: its client sends it, once, and botocore signs no more either.
    """
    unsigned = [name for name in arguments if name not in _SUBRESOURCES and name not in _HARMLESS]
    if unsigned:
        raise ServiceError(
            "AccessDenied",
            "There were parameters present in the request which were not signed: Signature "
            f"Version 2 does not cover {', '.join(unsigned)}. Presign with Signature Version 4.",
            status=403,
            ParametersNotSigned=", ".join(unsigned),
        )


def _check_expiry(expires: str, now: datetime) -> None:
    if now.timestamp() > int(expires):
        raise ServiceError(
            "AccessDenied",
            "Request has expired",
            status=403,
            Expires=expires,
            ServerTime=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


def _check_date(request: HttpRequest, signature: Signature, now: datetime) -> str:
    """The date as it is signed: nothing where x-amz-date, a header like others, says it."""
    date = request.headers.get("x-amz-date")
    said = request.headers.get("date", "") if date is None else date
    try:
        moment = parsedate_to_datetime(said).timestamp()
        if moment < 0:
            raise ValueError(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ServiceError(
            "AccessDenied",
            "AWS authentication requires a valid Date or x-amz-date header",
            status=403,
        ) from None
    if abs(moment - now.timestamp()) > SKEW_SECONDS:
        raise too_skewed(request, signature, said, now)
    return said if date is None else ""


def _resources(path: str, bucket: str | None) -> tuple[str, ...]:
    """What clients sign of the path: some, boto3 too, end a bucket with a slash."""
    resource = path if bucket is None else f"/{bucket}{path}"
    return (resource,) if "/" in resource[1:] else (resource, f"{resource}/")


def _string_to_sign(request: HttpRequest, resource: str, moment: str) -> bytes:
    """The bytes that are signed. A header that came stands before one in the query."""
    args = {latin_1(key): latin_1(value) for key, value in request.args.items()}
    headers = {**args, **request.headers}
    amz = {key: value for key, value in headers.items() if key.startswith("x-amz-")}
    canonical_amz = "".join(f"{key}:{amz[key].strip(_SPACE)}\n" for key in sorted(amz))
    parts = sorted((key, value) for key, value in args.items() if key in _SUBRESOURCES)
    if parts:
        resource += "?" + "&".join(f"{key}={value}" if value else key for key, value in parts)
    md5, media = headers.get("content-md5", ""), headers.get("content-type", "")
    text = f"{request.method}\n{md5}\n{media}\n{moment}\n{canonical_amz}{resource}"
    return text.encode("latin-1")
