"""What a request claims about who signed it, and the errors about such claims."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from inhouse.core.errors import ServiceError
from inhouse.wire.guess import S3_SCOPES, guess_protocol

if TYPE_CHECKING:
    from datetime import datetime

    from inhouse.wire.http import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
LIFETIME_LIMIT = 7 * 24 * 3600
SKEW_SECONDS = 15 * 60
_REMEMBERED = 1024
_claims: dict[str, _Claim] = {}
_UNHASHED = frozenset(
    {
        "UNSIGNED-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }
)
_HEX = re.compile(r"[0-9a-f]{64}").fullmatch
_DAY = re.compile(r"[0-9]{8}").fullmatch
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}").fullmatch
_PRESIGNED = (
    *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"),
    *("X-Amz-Date", "X-Amz-SignedHeaders"),
)


class Signature(NamedTuple):
    """What a request claims about its signer; nothing of it is verified yet.

    `kind`: `header` (Authorization), `query` (presigned v4), `header-v2` and `query-v2` (S3's v2),
    `form` and `form-v2` (fields of a browser's upload to S3).
    `token` is the session token, if any. `payload_hash` is `x-amz-content-sha256` as sent (a hex
    digest, `UNSIGNED-PAYLOAD`, `STREAMING-…`) or None when the body has to be hashed.
    """

    kind: Literal["header", "query", "header-v2", "query-v2", "form", "form-v2"]
    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str | None
    payload_hash: str | None


class SigningContext(NamedTuple):
    """What chunk signatures need: the key, the scope, the time and the seed signature."""

    key: bytes
    scope: str
    amz_date: str
    signature: str


def parse_authorization(request: HttpRequest) -> Signature | None:
    """What the request claims; None when it is anonymous. An empty Authorization claims nothing.

    Raises `ServiceError` when the claim is malformed (IncompleteSignature, or S3's
    AuthorizationHeaderMalformed and AuthorizationQueryParametersError).
    """
    claim = request.headers.get("authorization")
    if claim:
        if claim.startswith("AWS ") and guess_protocol(request) == "rest-xml":
            return _from_header_v2(request, claim)
        return _from_header(request, claim)
    query = request.query
    if "X-Amz-" in query and ("X-Amz-Signature" in query or "X-Amz-Credential" in query):
        return _from_query(request)
    if "AWSAccessKeyId=" in query and "Signature=" in query:
        return _from_query_v2(request)
    return None


class _Claim(NamedTuple):
    """An Authorization header up to its signature; a client's claims differ in that alone."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]


def _from_header(request: HttpRequest, header: str) -> Signature:
    before, _, signature = header.rpartition("Signature=")
    claim = _claims.get(before)
    if claim is None or not _HEX(signature):
        claim, signature = _read_header(request, header)
        if header == f"{before}Signature={signature}":
            if len(_claims) >= _REMEMBERED:
                _claims.clear()
            _claims[before] = claim
    payload = request.headers.get("x-amz-content-sha256")
    if payload is None and claim.service in S3_SCOPES:
        raise ServiceError(
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
            status=400,
        )
    token = request.headers.get("x-amz-security-token")
    return Signature("header", *claim, signature, token, _payload_hash(request, payload))


def _read_header(request: HttpRequest, header: str) -> tuple[_Claim, str]:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        if guess_protocol(request) == "rest-xml":
            raise ServiceError(
                "InvalidRequest",
                f"The authorization mechanism you have provided is not supported."
                f" Please use {ALGORITHM}.",
                status=400,
            )
        raise _malformed(request, f"the algorithm must be {ALGORITHM}, not {algorithm[:40]!r}")
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        parts[name] = value
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise _malformed(request, f"{name} is missing")
    if not _HEX(parts["Signature"]):
        raise _malformed(request, "Signature must be 64 hex digits")
    scope = read_scope(request, parts["Credential"])
    return _Claim(*scope, tuple(parts["SignedHeaders"].split(";"))), parts["Signature"]


def _from_query(request: HttpRequest) -> Signature:
    args = request.args
    for name in _PRESIGNED:
        if not args.get(name):
            raise query_error(f"the query parameter {name} is missing")
    if args["X-Amz-Algorithm"] != ALGORITHM:
        raise query_error(f"X-Amz-Algorithm must be {ALGORITHM}")
    try:
        scope = read_scope(request, args["X-Amz-Credential"])
    except ServiceError as error:
        raise query_error(error.message) from None
    _check_lifetime(args.get("X-Amz-Expires"), scope[3])
    if not _HEX(args["X-Amz-Signature"]):
        raise query_error("X-Amz-Signature must be 64 hex digits")
    payload = request.headers.get("x-amz-content-sha256") or args.get("X-Amz-Content-Sha256")
    if payload is None and scope[3] in S3_SCOPES:
        payload = "UNSIGNED-PAYLOAD"
    return Signature(
        kind="query",
        access_key_id=scope[0],
        date=scope[1],
        region=scope[2],
        service=scope[3],
        signed_headers=tuple(args["X-Amz-SignedHeaders"].split(";")),
        signature=args["X-Amz-Signature"],
        token=args.get("X-Amz-Security-Token"),
        payload_hash=_payload_hash(request, payload),
    )


def _check_lifetime(seconds: str | None, service: str) -> None:
    if seconds is None and service not in S3_SCOPES:
        return
    if not seconds:
        raise query_error("the query parameter X-Amz-Expires is missing")
    if not seconds.removeprefix("-").isdecimal() or not seconds.isascii() or len(seconds) > 20:
        raise query_error("X-Amz-Expires should be a number")
    if int(seconds) < 0:
        raise query_error("X-Amz-Expires must be non-negative")
    if int(seconds) > LIFETIME_LIMIT:
        raise query_error(
            f"X-Amz-Expires must be less than a week (in seconds): at most {LIFETIME_LIMIT}"
        )


def _from_header_v2(request: HttpRequest, header: str) -> Signature:
    key_id, colon, signature = header[4:].strip().partition(":")
    if not key_id or not colon or not signature:
        raise ServiceError(
            "InvalidArgument",
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
            status=400,
            ArgumentName="Authorization",
            ArgumentValue=header[:200],
        )
    token = request.headers.get("x-amz-security-token")
    return _of_v2("header-v2", key_id, signature, token)


def _of_v2(
    kind: Literal["header-v2", "query-v2"], key_id: str, signature: str, token: str | None
) -> Signature:
    return Signature(kind, key_id, "", "", "s3", (), signature, token, "UNSIGNED-PAYLOAD")


def _from_query_v2(request: HttpRequest) -> Signature:
    args = request.args
    if not args.get("AWSAccessKeyId") or not args.get("Signature") or not args.get("Expires"):
        raise ServiceError(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId"
            " parameters",
            status=403,
        )
    if not args["Expires"].isascii() or not args["Expires"].isdigit() or len(args["Expires"]) > 12:
        raise ServiceError(
            "AccessDenied", "Invalid date (should be seconds since epoch) in Expires", status=403
        )
    token = args.get("x-amz-security-token") or request.headers.get("x-amz-security-token")
    return _of_v2("query-v2", args["AWSAccessKeyId"], args["Signature"], token)


def read_scope(request: HttpRequest, credential: str) -> tuple[str, str, str, str]:
    """Access key id, date, region, service of `AKIA…/20240131/eu-west-1/s3/aws4_request`."""
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or not all(parts) or parts[4] != "aws4_request":
        raise _malformed(request, "Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request")
    if not _DAY(parts[1]):
        raise _malformed(request, f"the date {parts[1][:20]!r} in Credential must be YYYYMMDD")
    if not _REGION(parts[2]):  # it becomes a part of ARNs: a colon would forge one
        raise _malformed(request, f"the region {parts[2][:20]!r} in Credential is none")
    return parts[0], parts[1], parts[2], parts[3]


def _payload_hash(request: HttpRequest, payload: str | None) -> str | None:
    if payload is None or payload in _UNHASHED:
        return payload
    if not _HEX(payload):
        raise ServiceError(
            "InvalidArgument" if guess_protocol(request) == "rest-xml" else "IncompleteSignature",
            f"x-amz-content-sha256 must be 64 hex digits or one of {', '.join(sorted(_UNHASHED))}.",
            status=400,
        )
    return payload


def _malformed(request: HttpRequest, what: str) -> ServiceError:
    if guess_protocol(request) == "rest-xml":
        return ServiceError(
            "AuthorizationHeaderMalformed",
            f"The authorization header is malformed; {what}.",
            status=400,
        )
    return ServiceError(
        "IncompleteSignature", f"The Authorization header is malformed: {what}.", status=400
    )


def query_error(what: str) -> ServiceError:
    """The error for what a presigned URL of version 4 claims."""
    return ServiceError(
        "AuthorizationQueryParametersError",
        f"Error parsing the presigned URL; {what}.",
        status=400,
    )


def unknown_key(request: HttpRequest, signature: Signature) -> ServiceError:
    """The error for an access key id nobody has, with the service's own code."""
    if signature.service in S3_SCOPES:
        return ServiceError(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            status=403,
            AWSAccessKeyId=signature.access_key_id,
        )
    message = "The security token included in the request is invalid."
    if guess_protocol(request) == "query":
        return ServiceError("InvalidClientTokenId", message, status=403)
    return ServiceError("UnrecognizedClientException", message, status=_client_status(request))


def mismatch(request: HttpRequest, signature: Signature, message: str) -> ServiceError:
    """The error for a signature that does not fit, with the service's own code."""
    if signature.service in S3_SCOPES or guess_protocol(request) == "query":
        return ServiceError("SignatureDoesNotMatch", message, status=403)
    return ServiceError("InvalidSignatureException", message, status=_client_status(request))


def too_skewed(
    request: HttpRequest, signature: Signature, amz_date: str, now: datetime
) -> ServiceError:
    """The error for a clock that is off."""
    ours = now.strftime("%Y%m%dT%H%M%SZ")
    if signature.service in S3_SCOPES:
        return ServiceError(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            status=403,
            RequestTime=amz_date,
            ServerTime=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            MaxAllowedSkewMilliseconds=900000,
        )
    word = "expired" if amz_date < ours else "not yet current"
    return mismatch(
        request,
        signature,
        f"Signature {word}: {amz_date} is more than 15 minutes from the time here, {ours}.",
    )


def _client_status(request: HttpRequest) -> int:
    return 403 if guess_protocol(request) == "rest-json" else 400
