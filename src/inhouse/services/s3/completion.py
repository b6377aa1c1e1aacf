"""CompleteMultipartUpload: the checks, and the object that comes of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.s3 import contents, digests, lifecycle, places, rows
from inhouse.services.s3.conditions import check_form
from inhouse.services.s3.digests import composite_etag
from inhouse.services.s3.encryption import modes
from inhouse.services.s3.names import no_such_upload
from inhouse.wire.checksums import MEMBERS, composite, full_object
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

MIN_PART = 5 << 20
"""Bytes of every part but the last, at least."""
MAX_OBJECT = 5 << 40
"""Bytes of an object at most."""


def complete(call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
    """Lays the listed parts end to end as an object. Runs inside the write."""
    check_form(req)
    listed = (req.get("MultipartUpload") or {}).get("Parts") or []
    upload = contents.upload(call.tx, req["UploadId"])
    if upload is None:
        return _again(call, req, listed)
    if (upload["bucket"], upload["key"]) != (req["Bucket"], req["Key"]):
        raise no_such_upload(req["UploadId"])
    modes.check_completion(call, req, upload)
    chosen = _chosen(call, upload, listed)
    size = sum(row["size"] for row in chosen)
    _check_size(req, size)
    checksum = _checksum(upload, chosen)
    _compare(req, upload, checksum)
    etag = composite_etag(row["etag"] for row in chosen)
    columns = {
        name: upload[name]
        for name in ("storage_class", "headers", "metadata", "tags", "algorithm", "checksum_type")
    }
    columns |= {
        "size": size,
        "etag": etag,
        "checksum": checksum,
        "part_count": len(chosen),
        "content": upload["id"],
        "data": None,
    }
    kept = places.put(call, req, "ObjectCreated:CompleteMultipartUpload", columns)
    places.discard_blobs(call, contents.arrange(call.tx, upload["id"], chosen))
    contents.delete_upload(call.tx, upload["id"])
    return _answer(call, req, {**columns, **kept._asdict()})


def _again(
    call: Call, req: Mapping[str, Any], listed: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The same answer for a client that asks again because it missed the first one."""
    row = rows.head(call.tx, req["Bucket"], req["Key"])
    if row is None or row["content"] != req["UploadId"]:
        raise no_such_upload(req["UploadId"])
    there = [(part["number"], part["etag"]) for part in contents.of(call.tx, row["content"])]
    if [(one.get("PartNumber"), _bare(one.get("ETag"))) for one in listed] != there:
        raise no_such_upload(req["UploadId"])
    return _answer(call, req, row)


def _answer(call: Call, req: Mapping[str, Any], row: Any) -> dict[str, Any]:
    bucket = rows.bucket(call.tx, req["Bucket"])
    location = f"{call.house.endpoint}/{req['Bucket']}/{quote(req['Key'], safe='')}"
    answer = {
        "Location": location,
        "Bucket": req["Bucket"],
        "Key": req["Key"],
        "ETag": f'"{row["etag"]}"',
        MEMBERS[row["algorithm"]]: row["checksum"],
        "ChecksumType": row["checksum_type"],
        **lifecycle.told(bucket, req["Key"], row["size"], row["modified"], row["tags"]),
    }
    encryption = orjson.loads(row["headers"]).get(modes.SSE)
    if encryption is not None:
        answer[modes.SSE] = encryption
    return answer if row["version"] is None else {**answer, "VersionId": row["version"]}


def _bare(etag: Any) -> str:
    return str(etag or "").strip('"')


def _chosen(call: Call, upload: Row, listed: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows of the listed parts. Raises InvalidPart, InvalidPartOrder, EntityTooSmall."""
    if not listed:
        raise malformed_xml("CompleteMultipartUpload has no Part; list at least one")
    numbers = [one.get("PartNumber") or 0 for one in listed]
    if any(a >= b for a, b in pairwise(numbers)):
        raise ServiceError(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
            status=400,
            UploadId=upload["id"],
        )
    there = {row["number"]: row for row in contents.of(call.tx, upload["id"])}
    chosen = [
        _match(upload, there.get(number), number, one)
        for number, one in zip(numbers, listed, strict=True)
    ]
    for row in chosen[:-1]:
        if row["size"] < MIN_PART:
            raise ServiceError(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                status=400,
                ProposedSize=str(row["size"]),
                MinSizeAllowed=str(MIN_PART),
                PartNumber=str(row["number"]),
                ETag=row["etag"],
            )
    return chosen


def _match(upload: Row, row: Row | None, number: int, one: Mapping[str, Any]) -> Row:
    etag = _bare(one.get("ETag"))
    member = MEMBERS[upload["algorithm"]]
    given = one.get(member)
    if row is None or row["etag"] != etag or given not in (None, row["checksum"]):
        raise ServiceError(
            "InvalidPart",
            "One or more of the specified parts could not be found. The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
            status=400,
            UploadId=upload["id"],
            PartNumber=str(number),
            ETag=etag,
        )
    if given is None and upload["declared"] and upload["checksum_type"] == "COMPOSITE":
        raise ServiceError(
            "InvalidRequest",
            f"The upload was created using a {upload['algorithm'].lower()} checksum. The complete "
            f"request must include the checksum for each part. It was missing for part {number} in "
            "the request.",
            status=400,
        )
    return row


def _check_size(req: Mapping[str, Any], size: int) -> None:
    declared = req.get("MpuObjectSize")
    if declared is not None and int(declared) != size:
        raise ServiceError(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {declared} does not match what was "
            f"computed: {size}",
            status=400,
        )
    if size > MAX_OBJECT:
        raise ServiceError(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed object size.",
            status=400,
            ProposedSize=str(size),
            MaxSizeAllowed=str(MAX_OBJECT),
        )


def _checksum(upload: Row, chosen: Sequence[Row]) -> str:
    name: str = upload["algorithm"]
    values = [digests.value_of(name, row["checksum"]) for row in chosen]
    if upload["checksum_type"] == "COMPOSITE":
        return composite(name, values)
    sizes = [row["size"] for row in chosen]
    return digests.text_of(full_object(name, list(zip(values, sizes, strict=True))))


def _compare(req: Mapping[str, Any], upload: Row, checksum: str) -> None:
    """What the client says the whole has, if it says so."""
    wanted = req.get("ChecksumType")
    if wanted is not None and wanted != upload["checksum_type"]:
        raise ServiceError(
            "InvalidRequest",
            f"The upload was created with the {upload['checksum_type']} checksum mode; the "
            f"complete request must use the same, not {wanted[:20]!r}.",
            status=400,
        )
    given = req.get(MEMBERS[upload["algorithm"]])
    if given is not None and given not in (checksum, checksum.partition("-")[0]):
        raise digests.mismatch(upload["algorithm"])
