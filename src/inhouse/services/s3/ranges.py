"""Byte ranges. RFC 9110 section 14, one range at most."""

from __future__ import annotations

import re

from inhouse.core.errors import ServiceError

_RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)
_DIGITS = 18


def requested(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last of a Range header; None means the whole object.

    Headers that are no single byte range are passed over, as HTTP wants it. Raises
    InvalidRange, 416, when a range lies behind the end.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = (text[:_DIGITS] if text else None for text in match.groups())
    if first is None:
        if last is None:
            return None
        start, end = max(0, size - int(last)), size
        satisfiable = int(last) > 0 and size > 0
    else:
        start = int(first)
        end = size if last is None else min(int(last) + 1, size)
        satisfiable = start < size
        if satisfiable and last is not None and int(last) < start:
            return None
    if not satisfiable:
        raise ServiceError(
            "InvalidRange",
            "The requested range is not satisfiable",
            status=416,
            headers={"Content-Range": f"bytes */{size}"},
            RangeRequested=header,
            ActualObjectSize=str(size),
        )
    return start, end


def of_copy(header: str, size: int) -> tuple[int, int]:
    """The range of an UploadPartCopy, which has to be exact: `bytes=first-last`."""
    match = re.fullmatch(r"bytes=(\d{1,18})-(\d{1,18})", header, re.ASCII)
    if match is None or int(match[2]) < int(match[1]):
        raise ServiceError(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header[:100],
        )
    if int(match[1]) >= size:
        raise ServiceError(
            "InvalidRequest",
            "The specified copy range is invalid for the source object size",
            status=400,
        )
    if int(match[2]) >= size:
        raise ServiceError(
            "InvalidArgument",
            f"Range specified is not valid for source object of size: {size}",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header[:100],
        )
    return int(match[1]), int(match[2]) + 1
