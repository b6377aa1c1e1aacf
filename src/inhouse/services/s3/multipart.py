"""Multipart uploads.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works, writes
from inhouse.services.s3 import acl, completion, contents, digests, places, rows
from inhouse.services.s3.authority import list_keys, the_bucket, the_object, upload_keys, write_keys
from inhouse.services.s3.bodies import Stored, take_in
from inhouse.services.s3.encryption import modes
from inhouse.services.s3.headers import refuse_unsupported
from inhouse.services.s3.listings import encoder, page_size
from inhouse.services.s3.names import check_part_number, no_such_upload, owner
from inhouse.services.s3.objects import described, drop
from inhouse.services.s3.scan import after_prefix, begin, rolled_up
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Blobs, Row

_LAST = "\U0010ffff"


class Multipart:
    """Uploads in parts: begun, filled, listed, completed or aborted."""

    _blobs: Blobs

    @works("s3:PutObject", the_object, keys=write_keys)
    async def create_multipart_upload(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Begins an upload; what it says of the object holds when it is completed."""
        mode = modes.wanted(call, req)
        given = described(call, req, mode)
        wanted = req.get("ChecksumAlgorithm")
        algorithm = digests.algorithm(wanted) if wanted else digests.DEFAULT
        kind = digests.upload_type(algorithm, req.get("ChecksumType"))
        micros = int(call.house.clock.time() * 1_000_000)
        upload_id = f"{micros:014x}{call.house.ids.token(24)}"
        values = {
            **given,
            "id": upload_id,
            "bucket": req["Bucket"],
            "key": req["Key"],
            "started": float(int(call.now.timestamp())),
            "initiator": call.principal.arn,
            "algorithm": algorithm,
            "checksum_type": kind,
            "declared": int(wanted is not None),
        }
        await call.write(_begin, values)
        answer = {"Bucket": req["Bucket"], "Key": req["Key"], "UploadId": upload_id, **mode.told}
        if wanted:
            answer |= {"ChecksumAlgorithm": algorithm, "ChecksumType": kind}
        return answer

    @works("s3:PutObject", the_object, keys=upload_keys)
    async def upload_part(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Stores one part; the same number again replaces it."""
        check_part(call, req)
        upload = upload_of(call, req)
        mode = modes.of_upload(call, req, upload)
        promised = digests.promise(req, call.origin.headers)
        algorithm: str = upload["algorithm"]
        _check_algorithm(upload, promised.algorithm)
        sealing, body = mode.sealing(req), req.get("Body")
        stored = await take_in(self._blobs, sealing, body, promised, also=(algorithm,), inline=-1)
        await keep_part(call, req, stored)
        told = promised.algorithm or algorithm
        return {
            "ETag": f'"{stored.etag}"',
            MEMBERS[told]: digests.text_of(stored.found.checksums[told]),
            **mode.told,
        }

    @writes("s3:PutObject", the_object, keys=upload_keys)
    def complete_multipart_upload(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Makes the parts an object, all at once and without copying them."""
        refuse_unsupported(req)
        return completion.complete(call, req)

    @writes("s3:AbortMultipartUpload", the_object)
    def abort_multipart_upload(self, call: Call, req: Mapping[str, Any]) -> None:
        """Ends an upload and forgets its parts."""
        upload = upload_of(call, req)
        contents.delete_upload(call.tx, upload["id"])
        places.discard_content(call, upload["id"])

    @reads("s3:ListMultipartUploadParts", the_object)
    def list_parts(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The parts uploaded so far, by number."""
        upload = upload_of(call, req)
        most = page_size(req, "MaxParts", "max-parts")
        after = int(req.get("PartNumberMarker") or 0)
        found = contents.page(call.tx, upload["id"], after, most + 1)
        page = found[:most]
        whose = acl.of_object(rows.bucket(call.tx, req["Bucket"]), upload).account
        answer: dict[str, Any] = {
            "Bucket": req["Bucket"],
            "Key": req["Key"],
            "UploadId": upload["id"],
            "PartNumberMarker": after,
            "NextPartNumberMarker": page[-1]["number"] if page else 0,
            "MaxParts": most,
            "IsTruncated": len(found) > most > 0,
            "Parts": [_part(upload, row) for row in page],
            "Initiator": {"ID": upload["initiator"]},
            "Owner": owner(whose),
            "StorageClass": upload["storage_class"],
        }
        if upload["declared"]:
            answer["ChecksumAlgorithm"] = upload["algorithm"]
            answer["ChecksumType"] = upload["checksum_type"]
        return answer

    @reads("s3:ListBucketMultipartUploads", the_bucket, keys=list_keys)
    def list_multipart_uploads(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Uploads neither completed nor aborted, by key and then by age."""
        encode, most = encoder(req), page_size(req, "MaxUploads", "max-uploads")
        page, prefixes, truncated = _uploads(call, req, most)
        bucket = rows.bucket(call.tx, req["Bucket"])
        answer: dict[str, Any] = {
            "Bucket": req["Bucket"],
            "KeyMarker": encode(req.get("KeyMarker") or ""),
            "UploadIdMarker": req.get("UploadIdMarker") or "",
            "Prefix": encode(req.get("Prefix") or ""),
            "MaxUploads": most,
            "IsTruncated": truncated,
            "Uploads": [{**_upload(bucket, row), "Key": encode(row["key"])} for row in page],
            "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in prefixes],
        }
        for name in ("Delimiter", "EncodingType"):
            if req.get(name):
                answer[name] = encode(req[name]) if name == "Delimiter" else req[name]
        if truncated:
            last_key = page[-1]["key"] if page else ""
            if prefixes and prefixes[-1] > last_key:
                answer["NextKeyMarker"], answer["NextUploadIdMarker"] = encode(prefixes[-1]), ""
            else:
                answer["NextKeyMarker"], answer["NextUploadIdMarker"] = (
                    encode(last_key),
                    page[-1]["id"],
                )
        return answer


def _begin(call: Call, values: Mapping[str, Any]) -> None:
    rows.bucket(call.tx, values["bucket"])
    contents.add_upload(call.tx, **values)


def upload_of(call: Call, req: Mapping[str, Any]) -> Row:
    """The upload a request means. Raises NoSuchUpload."""
    row = contents.upload(call.tx, req["UploadId"])
    if row is None or (row["bucket"], row["key"]) != (req["Bucket"], req["Key"]):
        raise no_such_upload(req["UploadId"])
    return row


def _check_algorithm(upload: Row, told: str | None) -> None:
    """Raises InvalidRequest when a part's checksum is of another algorithm than the upload's.

    Parts of COMPOSITE uploads must say one; those of FULL_OBJECT need not.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    wanted: str = upload["algorithm"]
    optional = upload["checksum_type"] == "FULL_OBJECT"
    if not upload["declared"] or told == wanted or (told is None and optional):
        return
    raise ServiceError(
        "InvalidRequest",
        f"Checksum Type mismatch occurred, expected checksum Type: {wanted.lower()}, "
        f"actual checksum Type: {'null' if told is None else told.lower()}",
        status=400,
    )


def check_part(call: Call, req: Mapping[str, Any]) -> None:
    refuse_unsupported(req)
    check_part_number(req["PartNumber"])


async def keep_part(call: Call, req: Mapping[str, Any], stored: Stored) -> float:
    """Makes a stored blob a part, if its upload is still open; answers when, in seconds."""
    assert stored.blob is not None
    try:
        return await call.write(_add_part, req, stored)
    except ServiceError as refusal:
        await drop(call, stored.blob, refusal)
        raise


def _add_part(call: Call, req: Mapping[str, Any], stored: Stored) -> float:
    upload = upload_of(call, req)
    modified = float(int(call.now.timestamp()))
    replaced = contents.put_part(
        call.tx,
        upload["id"],
        req["PartNumber"],
        start=-1,
        size=stored.size,
        etag=stored.etag,
        checksum=digests.text_of(stored.found.checksums[upload["algorithm"]]),
        modified=modified,
        blob=stored.blob,
        sealed=stored.sealed,
    )
    places.discard_blobs(call, [replaced] if replaced else [])
    return modified


def _part(upload: Row, row: Row) -> dict[str, Any]:
    entry = {
        "PartNumber": row["number"],
        "LastModified": rows.moment(row["modified"]),
        "ETag": f'"{row["etag"]}"',
        "Size": row["size"],
    }
    if upload["declared"]:
        entry[MEMBERS[upload["algorithm"]]] = row["checksum"]
    return entry


def _upload(bucket: Row, row: Row) -> dict[str, Any]:
    entry = {
        "UploadId": row["id"],
        "Key": row["key"],
        "Initiated": rows.moment(row["started"]),
        "StorageClass": row["storage_class"],
        "Owner": owner(acl.of_object(bucket, row).account),
        "Initiator": {"ID": row["initiator"]},
    }
    if row["declared"]:
        entry |= {"ChecksumAlgorithm": row["algorithm"], "ChecksumType": row["checksum_type"]}
    return entry


def _uploads(call: Call, req: Mapping[str, Any], most: int) -> tuple[list[Row], list[str], bool]:
    """A page of uploads and common prefixes, and whether more follow."""
    prefix, delimiter = req.get("Prefix") or "", req.get("Delimiter") or ""
    marker, id_marker = req.get("KeyMarker") or "", req.get("UploadIdMarker") or ""
    low = begin(prefix, delimiter, marker)
    # A marker with an upload id goes on within its key; one without goes on behind it.
    after = (marker, id_marker if marker and id_marker else _LAST if marker else "")
    high = after_prefix(prefix) or _LAST * 2
    if marker and id_marker and rolled_up(marker, prefix, delimiter) is None:
        low = max(marker, prefix)
    page: list[Row] = []
    prefixes: list[str] = []
    while low is not None and most > 0:
        batch = contents.uploads_in(call.tx, req["Bucket"], low, high, after, 1000)
        for row in batch:
            common = rolled_up(row["key"], prefix, delimiter)
            if common is not None and prefixes and prefixes[-1] == common:
                continue
            if len(page) + len(prefixes) == most:
                return page, prefixes, True
            if common is None:
                page.append(row)
            else:
                prefixes.append(common)
        if len(batch) < 1000:
            break
        low = batch[-1]["key"]
        after = (low, batch[-1]["id"])
    return page, prefixes, False
