"""ListObjects and ListObjectsV2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.s3 import rows, scan
from inhouse.services.s3.authority import list_keys, the_bucket
from inhouse.services.s3.names import owner
from inhouse.services.s3.tokens import last_of, token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

MAX_KEYS = 1000


class Listings:
    """Keys in UTF-8 binary order."""

    @reads("s3:ListBucket", the_bucket, keys=list_keys)
    def list_objects(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The first version, which pages by Marker."""
        marker = req.get("Marker") or ""
        most, encode = page_size(req, "MaxKeys", "maxKeys"), encoder(req)
        found = _page(call, req, marker, most)
        answer = _answer(call, req, found, most, encode, with_owner=True)
        answer["Marker"] = encode(marker)
        if found.truncated and req.get("Delimiter"):
            answer["NextMarker"] = encode(found.last)
        return answer

    @reads("s3:ListBucket", the_bucket, keys=list_keys)
    def list_objects_v2(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The second version, which pages by ContinuationToken."""
        given, start_after = req.get("ContinuationToken"), req.get("StartAfter") or ""
        most, encode = page_size(req, "MaxKeys", "maxKeys"), encoder(req)
        marker = start_after if given is None else last_of(given)
        found = _page(call, req, marker, most)
        answer = _answer(call, req, found, most, encode, with_owner=bool(req.get("FetchOwner")))
        answer["KeyCount"] = found.count
        if given is not None:
            answer["ContinuationToken"] = given
        elif start_after:
            answer["StartAfter"] = encode(start_after)
        if found.truncated:
            answer["NextContinuationToken"] = token(found.last)
        return answer


def _page(call: Call, req: Mapping[str, Any], marker: str, most: int) -> scan.Page:
    return scan.page(
        call.tx,
        req["Bucket"],
        prefix=req.get("Prefix") or "",
        delimiter=req.get("Delimiter") or "",
        marker=marker,
        most=most,
    )


def _answer(
    call: Call,
    req: Mapping[str, Any],
    found: scan.Page,
    most: int,
    encode: Callable[[str], str],
    *,
    with_owner: bool,
) -> dict[str, Any]:
    whose = owner(rows.bucket(call.tx, req["Bucket"])["account"]) if with_owner else None
    answer: dict[str, Any] = {
        "Name": req["Bucket"],
        "Prefix": encode(req.get("Prefix") or ""),
        "MaxKeys": most,
        "IsTruncated": found.truncated,
        "Contents": [_entry(row, encode, whose) for row in found.objects],
    }
    if req.get("Delimiter"):
        answer["Delimiter"] = encode(req["Delimiter"])
    if req.get("EncodingType"):
        answer["EncodingType"] = req["EncodingType"]
    answer["CommonPrefixes"] = [{"Prefix": encode(prefix)} for prefix in found.prefixes]
    return answer


def _entry(row: Row, encode: Callable[[str], str], whose: dict[str, str] | None) -> dict[str, Any]:
    entry = {
        "Key": encode(row["key"]),
        "LastModified": rows.moment(row["modified"]),
        "ETag": f'"{row["etag"]}"',
        "ChecksumAlgorithm": [row["algorithm"]],
        "ChecksumType": row["checksum_type"],
        "Size": row["size"],
        "StorageClass": row["storage_class"],
    }
    if whose is not None:
        entry["Owner"] = whose
    return entry


def page_size(req: Mapping[str, Any], member: str, name: str) -> int:
    """How many entries a page may have; more than 1,000 are never given."""
    given = req.get(member)
    most = MAX_KEYS if given is None else int(given)
    if most < 0:
        raise ServiceError(
            "InvalidArgument",
            f"Argument {name} must be an integer between 0 and 2147483647",
            ArgumentName=name,
            ArgumentValue=str(most),
        )
    return min(most, MAX_KEYS)


def encoder(req: Mapping[str, Any]) -> Callable[[str], str]:
    """How keys go into the answer: as they are, or as in URLs, for those XML cannot say."""
    wanted = req.get("EncodingType")
    if wanted is None:
        return str
    if wanted != "url":
        raise ServiceError(
            "InvalidArgument",
            "Invalid Encoding Method specified in Request",
            ArgumentName="encoding-type",
            ArgumentValue=wanted[:40],
            Detail="Only url is one.",
        )
    return lambda text: quote(text, safe="/")
