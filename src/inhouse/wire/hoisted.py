"""Headers that stand in the query of a presigned URL, as SDKs put them there.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inhouse.wire.guess import S3_SCOPES
from inhouse.wire.header_text import as_received

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.wire.claims import Signature
    from inhouse.wire.http import HttpRequest

_SIGNATURE = frozenset(
    f"x-amz-{name}"
    for name in (
        *("algorithm", "content-sha256", "credential", "date", "expires"),
        *("security-token", "signature", "signedheaders"),
    )
)
_CHECKSUM = "x-amz-checksum-"
"""SDKs that sign a URL do not know the body yet, and say the checksum of nothing."""
_PRESIGNED = ("query", "query-v2")
_OF_VERSION_2 = ("content-md5", "content-type")


def hoisted(request: HttpRequest, signature: Signature | None) -> dict[str, str]:
    """The query's `x-amz-…` as headers, but those that sign and those that are sent.

    Only what the signature covers: version 4 signs the whole query, version 2 names in lower case
    and the two headers that it has a line for. Raises InvalidArgument for what no header can be.
    """
    if signature is None or signature.kind not in _PRESIGNED or signature.service not in S3_SCOPES:
        return {}
    old = signature.kind == "query-v2"
    found: dict[str, str] = {}
    for name, value in request.args.items():
        key = name.lower()
        if old and name != key:
            continue
        if _is_meant(key) or (old and key in _OF_VERSION_2):
            found.setdefault(key, as_received(name, value))
    return found


def _is_meant(key: str) -> bool:
    return key.startswith("x-amz-") and key not in _SIGNATURE and not key.startswith(_CHECKSUM)


def with_headers(request: HttpRequest, more: Mapping[str, str]) -> HttpRequest:
    """The request as if `more` had come as headers; those that did come stand."""
    return replace(request, headers={**more, **request.headers}) if more else request
