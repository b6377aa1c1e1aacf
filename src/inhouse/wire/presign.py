"""Presigned URLs, Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from inhouse.wire.claims import ALGORITHM
from inhouse.wire.sigv4 import signing_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from inhouse.core.ports import Credentials


def presigned(
    method: str,
    url: str,
    credentials: Credentials,
    *,
    query: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    region: str,
    now: datetime,
    seconds: int,
) -> str:
    """`url`, whose path is encoded, signed for S3; whoever uses it sends `headers` (lower case)."""
    parts = urlsplit(url)
    signed = {"host": parts.netloc, **(headers or {})}
    names = ";".join(sorted(signed))
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    fields = [
        *query,
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key_id}/{scope}"),
        ("X-Amz-Date", moment),
        ("X-Amz-Expires", str(seconds)),
        ("X-Amz-Security-Token", credentials.session_token),
        ("X-Amz-SignedHeaders", names),
    ]
    text = urlencode(sorted(fields), quote_via=quote, safe="-_.~")
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"{method}\n{parts.path}\n{text}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
    hashed = sha256(canonical.encode()).hexdigest()
    key = signing_key(credentials.secret_access_key, moment[:8], region, "s3")
    signature = digest(key, f"{ALGORITHM}\n{moment}\n{scope}\n{hashed}".encode(), "sha256").hex()
    return f"{url}?{text}&X-Amz-Signature={signature}"
