"""Headers of a read's answer that the request wants otherwise: `response-content-type=…`.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

_MEMBERS = {
    "ResponseContentType": ("ContentType", "response-content-type"),
    "ResponseCacheControl": ("CacheControl", "response-cache-control"),
    "ResponseContentDisposition": ("ContentDisposition", "response-content-disposition"),
    "ResponseContentEncoding": ("ContentEncoding", "response-content-encoding"),
    "ResponseContentLanguage": ("ContentLanguage", "response-content-language"),
    "ResponseExpires": ("Expires", "response-expires"),
}


def overrides(call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the answer that the request sets. Only who signs may set any."""
    found = {}
    for name, (member, argument) in _MEMBERS.items():
        if name not in req:
            continue
        if call.principal.kind == "anonymous":
            raise ServiceError(
                "InvalidRequest",
                "Request specific response headers cannot be used for anonymous GET requests.",
                status=400,
            )
        value = req[name]
        if isinstance(value, str):
            _check(argument, value)
        found[member] = value
    return found


def _check(argument: str, value: str) -> None:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise ServiceError(
            "InvalidArgument",
            "Header value cannot be represented using ISO-8859-1.",
            status=400,
            ArgumentName=argument,
            ArgumentValue=value[:200],
        ) from None
