"""What belongs to an object besides its bytes: tags and attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import contents, events, history, rows, tags
from inhouse.services.s3.authority import OF_VERSION, object_keys, retag_keys, the_object
from inhouse.services.s3.encryption import modes
from inhouse.services.s3.finding import found
from inhouse.services.s3.headers import refuse_unsupported
from inhouse.services.s3.listings import page_size
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

_ATTRIBUTES = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")


class Particulars:
    """Tags and attributes of objects."""

    @reads(
        "s3:GetObjectTagging",
        the_object,
        keys=object_keys,
        when={"VersionId": "s3:GetObjectVersionTagging"},
    )
    def get_object_tagging(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = found(call, req)
        return {"TagSet": tags.tag_set(row["tags"]), **_version(call, row)}

    @writes(
        "s3:PutObjectTagging",
        the_object,
        keys=retag_keys,
        when={"VersionId": "s3:PutObjectVersionTagging"},
    )
    def put_object_tagging(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces the tags of an object."""
        wanted = tags.from_request(req["Tagging"], tags.OBJECT_TAGS)
        return _retag(call, req, tags.to_row(wanted), "ObjectTagging:Put")

    @writes(
        "s3:DeleteObjectTagging",
        the_object,
        keys=object_keys,
        when={"VersionId": "s3:DeleteObjectVersionTagging"},
    )
    def delete_object_tagging(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return _retag(call, req, None, "ObjectTagging:Delete")

    @reads("s3:GetObject", the_object, keys=object_keys, when=OF_VERSION)
    def get_object_attributes(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the attributes that ObjectAttributes names."""
        refuse_unsupported(req)
        action = "s3:GetObjectAttributes"
        if req.get("VersionId") is not None:
            action = "s3:GetObjectVersionAttributes"
        call.require(action, the_object(call, req), object_keys(call, req))
        wanted = [name.strip() for name in req["ObjectAttributes"]]
        unknown = [name for name in wanted if name not in _ATTRIBUTES]
        if unknown or not wanted:
            raise ServiceError(
                "InvalidArgument",
                "Invalid attribute name specified.",
                ArgumentName="x-amz-object-attributes",
                ArgumentValue=", ".join(unknown)[:100],
                Detail=f"The attributes are {', '.join(_ATTRIBUTES)}.",
            )
        row = found(call, req)
        modes.opening(call, req, row, orjson.loads(row["headers"]))
        answer = {"LastModified": rows.moment(row["modified"]), **_version(call, row)}
        makers: dict[str, Callable[[], Any]] = {
            "ETag": lambda: row["etag"],
            "Checksum": lambda: checksum(row),
            "ObjectParts": lambda: _parts(call, req, row),
            "StorageClass": lambda: row["storage_class"],
            "ObjectSize": lambda: row["size"],
        }
        for name in _ATTRIBUTES:
            if name in wanted:
                answer[name] = makers[name]()
        return answer


def checksum(row: Row) -> dict[str, Any]:
    """A row's checksum as `Checksum` members."""
    return {MEMBERS[row["algorithm"]]: row["checksum"], "ChecksumType": row["checksum_type"]}


def _retag(call: Call, req: Mapping[str, Any], wanted: str | None, event: str) -> dict[str, Any]:
    row = found(call, req)
    rows.change_object(call.tx, row["id"], tags=wanted)
    bucket = rows.bucket(call.tx, req["Bucket"])
    facts = {name: row[name] for name in ("size", "etag", "version")}
    events.announce(call, bucket, event, req["Key"], **facts)
    return _version(call, row)


def _version(call: Call, row: Row) -> dict[str, str]:
    version = history.told(call.tx, row)
    return {} if version is None else {"VersionId": version}


def _parts(call: Call, req: Mapping[str, Any], row: Row) -> dict[str, Any] | None:
    """A page of the parts of a composite; only their number if the whole has its own checksum."""
    if row["part_count"] is None:
        return None
    if row["checksum_type"] != "COMPOSITE":
        return {"TotalPartsCount": row["part_count"]}
    most = page_size(req, "MaxParts", "max-parts")
    after = int(req.get("PartNumberMarker") or 0)
    parts = contents.page(call.tx, row["content"], after, most + 1)
    page = parts[:most]
    member = MEMBERS[row["algorithm"]]
    return {
        "TotalPartsCount": row["part_count"],
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1]["number"] if page else 0,
        "MaxParts": most,
        "IsTruncated": len(parts) > most > 0,
        "Parts": [
            {"PartNumber": part["number"], "Size": part["size"], member: part["checksum"]}
            for part in page
        ],
    }
