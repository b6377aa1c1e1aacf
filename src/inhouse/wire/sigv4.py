"""Signature Version 4: header and presigned, verified on the request as received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from inhouse.wire.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request claims about its signer; nothing of it is verified yet.

    `kind`: `header` (Authorization), `query` (presigned v4), `query-v2` (presigned S3 v2).
    `token` is the session token, if any. `payload_hash` is `x-amz-content-sha256` as sent (a hex
    digest, `UNSIGNED-PAYLOAD`, `STREAMING-…`) or None when the body has to be hashed.
    """

    kind: Literal["header", "query", "query-v2"]
    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str | None
    payload_hash: str | None


@dataclass(frozen=True, slots=True)
class SigningContext:
    """What chunk signatures need: the key, the scope, the time and the seed signature."""

    key: bytes
    scope: str
    amz_date: str
    signature: str


def parse_authorization(request: HttpRequest) -> Signature | None:
    """What the request claims; None when it is anonymous.

    Raises `ServiceError` when the claim is malformed (IncompleteSignature, or S3's
    AuthorizationHeaderMalformed and AuthorizationQueryParametersError).
    """
    raise NotImplementedError


def verify(
    request: HttpRequest,
    signature: Signature,
    secret: str,
    now: datetime,
    *,
    bucket: str | None = None,
) -> SigningContext:
    """Check the signature, its age and its coverage. `bucket`: `Target.bucket`, needed by v2.

    When `signature.payload_hash` is None the body is hashed and has to be in `request.body`;
    when it is a digest, comparing it with the body is `verify_payload`'s work, after reading.
    Raises `ServiceError` 403 (400 where AWS says so).
    """
    raise NotImplementedError


def verify_payload(signature: Signature, body_sha256: str) -> None:
    """Check the hex SHA-256 of the body as received against the signed one, where one was signed.

    Raises `ServiceError` XAmzContentSHA256Mismatch (S3) or InvalidSignatureException.
    """
    raise NotImplementedError


def unknown_key(signature: Signature) -> Exception:
    """The `ServiceError` for an access key id nobody has, with the service's own code."""
    raise NotImplementedError
