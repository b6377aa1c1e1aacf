"""Browsers' uploads: a form sent to a bucket becomes a PutObject of whoever signed its policy.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from inhouse.core.errors import ServiceError
from inhouse.wire.header_text import as_received
from inhouse.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from inhouse.wire.form_data import FormData
    from inhouse.wire.post_policy import Sizes
    from inhouse.wire.router import Router, Target

OPERATION = "PostObject"
"""What S3 calls such an upload; it is no operation of the model."""
_HEADERS = frozenset(
    {
        *("cache-control", "content-disposition", "content-encoding", "content-type", "expires"),
        *("x-amz-storage-class", "x-amz-website-redirect-location"),
    }
)
_PREFIXES = (
    "x-amz-meta-",
    "x-amz-checksum-",
    "x-amz-grant-",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search


async def opened(form: FormData) -> dict[str, str]:
    """The fields before the file, `${filename}` in them replaced. Raises if there is no key."""
    await form.open()
    fields = {
        name: value if name == "policy" else value.replace("${filename}", form.filename)
        for name, value in form.fields.items()
    }
    if not fields.get("key"):
        raise ServiceError(
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'. If it is specified, please check the"
            " order of the fields: it comes before the file.",
            status=400,
            ArgumentName="key",
            ArgumentValue="",
        )
    return fields


def put_request(
    router: Router, target: Target, request: HttpRequest, fields: Mapping[str, str]
) -> HttpRequest:
    """The PutObject that a form means, as if its fields had come as headers."""
    headers = {
        name: value
        for name, value in request.headers.items()
        if not name.startswith(("content-", "x-amz-", "if-", "transfer-"))
    }
    headers |= _object_headers(fields)
    if fields.get("tagging"):
        headers["x-amz-tagging"] = _tagging(router, target, fields["tagging"])
    return HttpRequest(
        "PUT", target.path, "", headers, scheme=request.scheme, client=request.client
    )


def _tagging(router: Router, target: Target, text: str) -> str:
    """The tags of the field `tagging`, which is PutObjectTagging's XML, as a header has them."""
    operation = router.operation("s3", "PutObjectTagging")
    body = HttpRequest("PUT", target.path, "", {}, text.encode())
    tags = operation.parse(target, body)["Tagging"]["TagSet"]
    return urlencode([(tag["Key"], tag["Value"]) for tag in tags])


def _object_headers(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields that PutObject has as headers."""
    found = {}
    for name, value in fields.items():
        header = "x-amz-acl" if name == "acl" else name
        if header in _HEADERS or header == "x-amz-acl" or header.startswith(_PREFIXES):
            found[header] = as_received(name, value)
    return found


class SizedFile:
    """The file of a form, as long as the policy wants it. Implements core's `BodyStream`."""

    def __init__(self, form: FormData, sizes: Sizes) -> None:
        self._form = form
        self._sizes = sizes
        self.length: int | None = None
        self.trailers: Mapping[str, str] = {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, (least, most) = 0, self._sizes
        async for piece in self._form:
            size += len(piece)
            if most is not None and size > most:
                raise _size("EntityTooLarge", "exceeds the maximum", size, "MaxSizeAllowed", most)
            yield piece
        if size < least:
            raise _size(
                "EntityTooSmall", "is smaller than the minimum", size, "MinSizeAllowed", least
            )

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self])


def _size(code: str, how: str, size: int, limit: str, bound: int) -> ServiceError:
    error = ServiceError(code, f"Your proposed upload {how} allowed size", status=400)
    error.fields |= {"ProposedSize": str(size), limit: str(bound)}
    return error


def answered(
    fields: Mapping[str, str], location: str, bucket: str, stored: HttpResponse
) -> HttpResponse:
    """PutObject's answer as the form wants it told: 204 with nothing, unless it says otherwise."""
    key, etag = fields["key"], stored.header("etag") or ""
    headers = [pair for pair in stored.headers if pair[0].lower().startswith(("etag", "x-amz-"))]
    headers.append(("location", location))
    target = fields.get("success_action_redirect") or fields.get("redirect") or ""
    if _is_address(target):
        more = urlencode({"bucket": bucket, "key": key, "etag": etag})
        headers[-1] = ("location", f"{target}{'&' if '?' in target else '?'}{more}")
        return HttpResponse(303, headers)
    status = fields.get("success_action_status")
    if status == "201":
        told = {"Location": location, "Bucket": bucket, "Key": key, "ETag": etag}
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>{inside}</PostResponse>'
        return HttpResponse(201, [*headers, ("content-type", "application/xml")], text.encode())
    return HttpResponse(200 if status == "200" else 204, headers)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not _CONTROL(text)
