"""Headers that stand in the query of a presigned URL, as SDKs put them there.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


def take_down(request: HttpRequest) -> None:
    """Makes headers of the query's `x-amz-…`, but of those that sign and those that are sent.

    Only once the signature, which covers the query, is verified.
    """
    headers = request.headers
    for name, value in request.args.items():
        key = name.lower()
        if key.startswith("x-amz-") and key not in _SIGNATURE and not key.startswith(_CHECKSUM):
            headers.setdefault(key, value)
