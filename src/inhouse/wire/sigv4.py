"""Signature Version 4: header and presigned, verified on the request as received.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest, digest
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.wire import sigv2
from inhouse.wire.canonical import canonical_headers, canonical_paths, canonical_query
from inhouse.wire.claims import (
    ALGORITHM,
    SKEW_SECONDS,
    Signature,
    SigningContext,
    mismatch,
    parse_authorization,
    query_error,
    too_skewed,
    unknown_key,
)
from inhouse.wire.guess import S3_SCOPES
from inhouse.wire.signing_time import amz_date_of, epoch_of, undated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from inhouse.wire.http import HttpRequest

__all__ = [
    "Signature",
    "SigningContext",
    "parse_authorization",
    "unknown_key",
    "verify",
    "verify_payload",
]

EMPTY_SHA256 = sha256(b"").hexdigest()
_KEYS_REMEMBERED = 4096
_keys: dict[tuple[str, str, str, str], bytes] = {}


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service; four HMACs, so the recent ones are remembered."""
    scope = (secret, date, region, service)
    key = _keys.get(scope)
    if key is None:
        key = f"AWS4{secret}".encode()
        for part in (date, region, service, "aws4_request"):
            key = digest(key, part.encode(), "sha256")
        if len(_keys) >= _KEYS_REMEMBERED:
            _keys.clear()
        _keys[scope] = key
    return key


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
    if signature.kind in ("header-v2", "query-v2"):
        sigv2.verify(request, signature, secret, now, bucket)
        return SigningContext(b"", "", "", signature.signature)
    seconds = now.timestamp()
    if signature.kind == "header":
        amz_date = amz_date_of(request, signature.service)
        signed_at = epoch_of(amz_date)
        if signed_at is None:
            form = f"Date must be in the form 20240131T120000Z, not {amz_date[:40]!r}."
            raise undated(signature.service, form)
        if abs(signed_at - seconds) > SKEW_SECONDS:
            raise too_skewed(request, signature, amz_date, now)
    else:
        amz_date = request.args["X-Amz-Date"]
        _check_expiry(request, signature, amz_date, now)
    if amz_date[:8] != signature.date:
        raise mismatch(
            request,
            signature,
            f"The credential scope's date {signature.date[:8]} is not the request's,"
            f" {amz_date[:8]}.",
        )
    _check_coverage(request, signature)
    key = signing_key(secret, signature.date, signature.region, signature.service)
    scope = f"{signature.date}/{signature.region}/{signature.service}/aws4_request"
    payload = signature.payload_hash or sha256(request.body or b"").hexdigest()
    names = signature.signed_headers
    rest = f"{canonical_headers(request.headers, names)}\n{';'.join(names)}\n{payload}"
    shown = ("", "")
    for path, query in _canonical_forms(request, signature):
        text = f"{request.method}\n{path}\n{query}\n{rest}"
        hashed = sha256(_as_received(text)).hexdigest()
        to_sign = f"{ALGORITHM}\n{amz_date}\n{scope}\n{hashed}"
        wanted = digest(key, to_sign.encode(), "sha256").hex()
        if compare_digest(wanted, signature.signature):
            return SigningContext(key, scope, amz_date, signature.signature)
        shown = shown if shown[0] else (to_sign, text)
    raise _unlike(request, signature, *shown)


def _unlike(
    request: HttpRequest, signature: Signature, to_sign: str, canonical: str
) -> ServiceError:
    """The error for a signature of something else; S3 says what it should be of."""
    advice = (
        "Check your key and signing method."
        if signature.service in S3_SCOPES
        else "Check your AWS Secret Access Key and signing method. Consult the service documentation "
        "for details."
    )
    error = mismatch(
        request,
        signature,
        f"The request signature we calculated does not match the signature you provided. {advice}",
    )
    if signature.service in S3_SCOPES:
        error.fields |= {
            "AWSAccessKeyId": signature.access_key_id,
            "StringToSign": to_sign,
            "SignatureProvided": signature.signature,
            "StringToSignBytes": to_sign.encode().hex(" "),
            "CanonicalRequest": canonical,
            "CanonicalRequestBytes": _as_received(canonical).hex(" "),
        }
    return error


def verify_payload(request: HttpRequest, signature: Signature, body_sha256: str) -> None:
    """Check the hex SHA-256 of the body as received against the signed one, where one was signed.

    Raises `ServiceError` XAmzContentSHA256Mismatch (S3), or the service's mismatch code.
    """
    signed = signature.payload_hash
    if signed is None or len(signed) != 64 or compare_digest(signed, body_sha256):
        return
    if signature.service in S3_SCOPES:
        raise ServiceError(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ClientComputedContentSHA256=signed,
            S3ComputedContentSHA256=body_sha256,
        )
    raise mismatch(request, signature, "The body is not the one that was signed.")


def _canonical_forms(request: HttpRequest, signature: Signature) -> Iterator[tuple[str, str]]:
    """Path and query as the client may have canonicalized them.

    Clients sign what they send; proxies and HTTP libraries may send it escaped otherwise, so the
    normalized form counts as well. Both mean the same resource.
    """
    drop = "X-Amz-Signature" if signature.kind == "query" else None
    paths = canonical_paths(request.path, single=signature.service in S3_SCOPES)
    raw = canonical_query(request.query, drop, normalize=False)
    for path in paths:
        yield path, raw
    normal = canonical_query(request.query, drop, normalize=True)
    if normal != raw:
        for path in paths:
            yield path, normal


def _as_received(text: str) -> bytes:
    """Heads are latin-1 text of the bytes received; signatures cover those bytes."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _check_expiry(request: HttpRequest, signature: Signature, amz_date: str, now: datetime) -> None:
    signed_at, seconds = epoch_of(amz_date), now.timestamp()
    if signed_at is None:
        raise query_error(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\","
            f" not {amz_date[:40]!r}"
        )
    lifetime = int(request.args["X-Amz-Expires"]) if "X-Amz-Expires" in request.args else 900
    if signed_at - seconds > SKEW_SECONDS:
        raise ServiceError("AccessDenied", "Request is not valid yet.", status=403)
    if seconds > signed_at + lifetime:
        if signature.service not in S3_SCOPES:
            raise mismatch(request, signature, f"Signature expired: {amz_date} + {lifetime} s.")
        raise ServiceError(
            "AccessDenied",
            "Request has expired",
            status=403,
            Expires=lifetime,
            ServerTime=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


def _check_coverage(request: HttpRequest, signature: Signature) -> None:
    """The host and every x-amz-* header must be under the signature."""
    names = signature.signed_headers
    if "host" not in names:
        raise mismatch(request, signature, "'Host' must be a 'SignedHeader' in the request.")
    unsigned = [key for key in request.headers if key[:6] == "x-amz-" and key not in names]
    if not unsigned:
        return
    if signature.service in S3_SCOPES:
        raise ServiceError(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            status=403,
            HeadersNotSigned=", ".join(unsigned),
        )
    raise mismatch(
        request, signature, f"Headers must be signed but are not: {', '.join(unsigned)}."
    )
