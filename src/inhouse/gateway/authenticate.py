"""Who makes a request: checks the signature, the session token and their age."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.wire.sigv4 import unknown_key, verify, verify_payload

if TYPE_CHECKING:
    from datetime import datetime

    from inhouse.core.ports import Key
    from inhouse.wire.http import HttpRequest
    from inhouse.wire.sigv4 import Signature, SigningContext


def check_token(request: HttpRequest, signature: Signature, key: Key, now: datetime) -> None:
    """Temporary keys come with their token, before it expires; others come without one."""
    given, wanted = signature.token or "", key.session_token or ""
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise unknown_key(request, signature)
    if key.expires is not None and now.timestamp() >= key.expires:
        raise ServiceError(
            _expired_code(signature.service),
            "The security token included in the request is expired.",
            status=400 if signature.service == "s3" else 403,
        )


def check_signature(
    request: HttpRequest,
    signature: Signature,
    key: Key,
    now: datetime,
    *,
    bucket: str | None,
) -> SigningContext:
    """Verifies the signature; where the body is at hand, also the hash it was signed with."""
    context = verify(request, signature, key.secret, now, bucket=bucket)
    if request.body is not None and signature.payload_hash is not None:
        declared = signature.payload_hash
        if declared != "UNSIGNED-PAYLOAD" and not declared.startswith("STREAMING-"):
            verify_payload(request, signature, sha256(request.body).hexdigest())
    return context


def _expired_code(service: str) -> str:
    query_or_xml = {"s3", "iam", "sts", "sns", "sqs", "cloudwatch", "monitoring"}
    return "ExpiredToken" if service in query_or_xml else "ExpiredTokenException"
