"""Requests signed with the function's own credentials, Signature Version 4.

The functions ask S3 two things. botocore would do the same, but loading it is the larger part of a
cold start, and a call of it takes longer than making a small image.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import functools
import os
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from .connection import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM, _UNSIGNED = "AWS4-HMAC-SHA256", "UNSIGNED-PAYLOAD"


def region() -> str:
    """The function's."""
    return os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]


def signed(method: str, url: str, headers: Mapping[str, str], service: str) -> dict[str, str]:
    """All headers of the request, `headers` (names in lower case) and who sends it.

    `url` is encoded as it will be sent. The body is not signed: it is not known to its end yet.
    """
    parts, moment = urlsplit(url), datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    told = {
        **headers,
        "host": parts.netloc,
        "x-amz-content-sha256": _UNSIGNED,
        "x-amz-date": moment,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
    }
    names = sorted(told)
    listed = ";".join(names)
    head = f"{method}\n{parts.path or '/'}\n{_query(parts.query)}\n".encode()
    lines = b"".join(_line(name, told[name]) for name in names)
    canonical = head + lines + f"\n{listed}\n{_UNSIGNED}".encode()
    scope = f"{moment[:8]}/{region()}/{service}/aws4_request"
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical).hexdigest()}"
    key = _key(os.environ["AWS_SECRET_ACCESS_KEY"], scope)
    signature = digest(key, text.encode(), "sha256").hex()
    who = f"Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    authorization = f"{_ALGORITHM} {who}, SignedHeaders={listed}, Signature={signature}"
    return {**told, "authorization": authorization}


def _line(name: str, value: str) -> bytes:
    """Of the bytes that are sent: to `str`, a byte of a letter may be a no-break space."""
    return b"%s:%s\n" % (name.encode(), b" ".join(encoded(value).split()))


def _query(text: str) -> str:
    fields = parse_qsl(text, keep_blank_values=True)
    return "&".join(
        sorted(f"{quote(name, safe='-_.~')}={quote(v, safe='-_.~')}" for name, v in fields)
    )


@functools.lru_cache(maxsize=4)
def _key(secret: str, scope: str) -> bytes:
    """Good for a day."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part.encode(), "sha256")
    return key
