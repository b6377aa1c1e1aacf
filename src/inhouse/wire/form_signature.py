"""Signatures of forms: they stand in fields and cover the policy.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
"""

from __future__ import annotations

from base64 import b64encode
from hmac import compare_digest, digest
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.wire.claims import ALGORITHM, Signature, mismatch, read_scope
from inhouse.wire.guess import S3_SCOPES
from inhouse.wire.sigv4 import signing_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.wire.http import HttpRequest

_V4 = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
_V2 = ("policy", "awsaccesskeyid", "signature")


def claimed(request: HttpRequest, fields: Mapping[str, str]) -> Signature | None:
    """What a form claims about its signer; None when nobody signed it."""
    if not any(name in fields for name in (*_V4, *_V2)):
        return None
    old = "awsaccesskeyid" in fields or "signature" in fields
    for name in _V2 if old else _V4:
        if not fields.get(name):
            raise _lacks(name)
    token = fields.get("x-amz-security-token")
    if old:
        key_id, signature = fields["awsaccesskeyid"], fields["signature"]
        return Signature("form-v2", key_id, "", "", "s3", (), signature, token, None)
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise ServiceError("InvalidArgument", f"X-Amz-Algorithm must be {ALGORITHM}.", status=400)
    scope = read_scope(request, fields["x-amz-credential"])
    return Signature("form", *scope, (), fields["x-amz-signature"], token, None)


def verify(
    request: HttpRequest, signature: Signature, secret: str, fields: Mapping[str, str]
) -> None:
    """Raises SignatureDoesNotMatch unless `secret` signed the policy."""
    policy = fields["policy"].encode()
    if signature.kind == "form-v2":
        wanted = b64encode(digest(secret.encode(), policy, "sha1")).decode()
    else:
        if signature.service not in S3_SCOPES:
            raise mismatch(request, signature, "X-Amz-Credential must be scoped to 's3'.")
        if fields["x-amz-date"][:8] != signature.date:
            raise mismatch(request, signature, "X-Amz-Date and X-Amz-Credential differ in date.")
        key = signing_key(secret, signature.date, signature.region, signature.service)
        wanted = digest(key, policy, "sha256").hex()
    if not compare_digest(wanted.encode(), signature.signature.encode()):
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method.",
            status=403,
        )


def _lacks(name: str) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        f"Bucket POST must contain a field named {name!r}. If it is specified, please check the"
        " order of the fields: it comes before the file.",
        status=400,
        ArgumentName=name,
    )
