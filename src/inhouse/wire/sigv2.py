"""Signature Version 2 of presigned S3 URLs, which boto3 makes by default for custom endpoints.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

from base64 import b64encode
from hmac import compare_digest, digest
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
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


def verify(
    request: HttpRequest, signature: Signature, secret: str, now: datetime, bucket: str | None
) -> None:
    """Check a presigned v2 URL; `bucket` is the one in the host name, if it is there.

    Raises `ServiceError` AccessDenied when expired, SignatureDoesNotMatch.
    """
    args = request.args
    if now.timestamp() > int(args["Expires"]):
        raise ServiceError(
            "AccessDenied",
            "Request has expired",
            status=403,
            Expires=args["Expires"],
            ServerTime=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    wanted = b64encode(digest(secret.encode(), _string_to_sign(request, bucket), "sha1"))
    given = signature.signature.encode("utf-8", "replace")
    if not compare_digest(wanted, given):
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
            status=403,
        )


def _string_to_sign(request: HttpRequest, bucket: str | None) -> bytes:
    args, headers = request.args, request.headers
    amz = {key: value for key, value in args.items() if key.startswith("x-amz-")}
    amz |= {key: value for key, value in headers.items() if key.startswith("x-amz-")}
    canonical_amz = "".join(f"{key}:{amz[key].strip()}\n" for key in sorted(amz))
    resource = (f"/{bucket}" if bucket is not None else "") + request.path
    parts = sorted((key, value) for key, value in args.items() if key in _SUBRESOURCES)
    if parts:
        resource += "?" + "&".join(f"{key}={value}" if value else key for key, value in parts)
    md5 = args.get("content-md5") or headers.get("content-md5", "")
    media = args.get("content-type") or headers.get("content-type", "")
    text = f"{request.method}\n{md5}\n{media}\n{args['Expires']}\n{canonical_amz}{resource}"
    return text.encode("utf-8", "surrogatepass")
