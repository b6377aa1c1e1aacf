"""What belongs to an object besides its bytes: tags, access control, attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import contents, events, rows, tags
from inhouse.services.s3.authority import missing, object_keys, retag_keys, the_object
from inhouse.services.s3.headers import refuse_unsupported
from inhouse.services.s3.listings import page_size
from inhouse.services.s3.names import check_version, no_such_key, owner
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

_ATTRIBUTES = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")


class Particulars:
    """Tags, access control lists and attributes of objects."""

    @reads("s3:GetObjectTagging", the_object, keys=object_keys)
    def get_object_tagging(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"TagSet": tags.tag_set(_found(call, req)["tags"])}

    @writes("s3:PutObjectTagging", the_object, keys=retag_keys)
    def put_object_tagging(self, call: Call, req: Mapping[str, Any]) -> None:
        """Replaces the tags of an object."""
        wanted = tags.from_request(req["Tagging"], tags.OBJECT_TAGS)
        _retag(call, req, tags.to_row(wanted), "ObjectTagging:Put")

    @writes("s3:DeleteObjectTagging", the_object, keys=object_keys)
    def delete_object_tagging(self, call: Call, req: Mapping[str, Any]) -> None:
        _retag(call, req, None, "ObjectTagging:Delete")

    @reads("s3:GetObjectAcl", the_object, keys=object_keys)
    def get_object_acl(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Full control for the bucket's owner: ACLs are off, policies decide."""
        _found(call, req)
        return full_control(rows.bucket(call.tx, req["Bucket"]))

    @reads("s3:PutObjectAcl", the_object, keys=object_keys)
    def put_object_acl(self, call: Call, req: Mapping[str, Any]) -> None:
        raise acls_are_off()

    @reads("s3:GetObject", the_object, keys=object_keys)
    def get_object_attributes(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the attributes that ObjectAttributes names."""
        refuse_unsupported(req)
        call.require("s3:GetObjectAttributes", the_object(call, req), object_keys(call, req))
        wanted = [name.strip() for name in req["ObjectAttributes"]]
        unknown = [name for name in wanted if name not in _ATTRIBUTES]
        if unknown or not wanted:
            raise ServiceError(
                "InvalidArgument",
                f"Invalid attribute name specified: {', '.join(unknown)[:100]!r}; "
                f"the attributes are {', '.join(_ATTRIBUTES)}.",
                ArgumentName="x-amz-object-attributes",
            )
        row = _found(call, req)
        answer: dict[str, Any] = {"LastModified": rows.moment(row["modified"])}
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


def full_control(bucket: Row) -> dict[str, Any]:
    whose = owner(bucket["account"])
    grant = {"Grantee": {**whose, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    return {"Owner": whose, "Grants": [grant]}


def acls_are_off() -> ServiceError:
    return ServiceError(
        "AccessControlListNotSupported", "The bucket does not allow ACLs", status=400
    )


def _found(call: Call, req: Mapping[str, Any]) -> Row:
    check_version(req)
    row = rows.head(call.tx, req["Bucket"], req["Key"])
    if row is None:
        raise missing(call, req["Bucket"], req["Key"])
    return row


def _retag(call: Call, req: Mapping[str, Any], wanted: str | None, event: str) -> None:
    check_version(req)
    row = rows.head(call.tx, req["Bucket"], req["Key"])
    if row is None:
        raise no_such_key(req["Key"])
    rows.change_object(call.tx, row["id"], tags=wanted)
    bucket = rows.bucket(call.tx, req["Bucket"])
    events.announce(call, bucket, event, req["Key"], size=row["size"], etag=row["etag"])


def _parts(call: Call, req: Mapping[str, Any], row: Row) -> dict[str, Any] | None:
    """A page of the parts of a multipart object; None for others."""
    if row["part_count"] is None:
        return None
    most = page_size(req, "MaxParts", "max-parts")
    after = int(req.get("PartNumberMarker") or 0)
    found = contents.page(call.tx, row["content"], after, most + 1)
    page = found[:most]
    answer: dict[str, Any] = {
        "TotalPartsCount": row["part_count"],
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1]["number"] if page else 0,
        "MaxParts": most,
        "IsTruncated": len(found) > most > 0,
    }
    if row["checksum_type"] == "COMPOSITE":
        member = MEMBERS[row["algorithm"]]
        answer["Parts"] = [
            {"PartNumber": part["number"], "Size": part["size"], member: part["checksum"]}
            for part in page
        ]
    return answer
