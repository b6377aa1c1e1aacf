"""PutObject, GetObject and HeadObject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works
from inhouse.services.s3 import acl, contents, digests, history, lifecycle, places, rows, tags
from inhouse.services.s3.authority import (
    OF_VERSION,
    object_keys,
    the_object,
    write_keys,
)
from inhouse.services.s3.bodies import Stored, damaged, take_in
from inhouse.services.s3.conditions import check_form, check_read, check_write
from inhouse.services.s3.encryption import modes
from inhouse.services.s3.finding import found, tell_missing
from inhouse.services.s3.headers import (
    metadata,
    refuse_unsupported,
    restored,
    storage_class,
    system,
    with_access_list,
)
from inhouse.services.s3.names import check_part_number, object_arn
from inhouse.services.s3.overrides import overrides
from inhouse.services.s3.ranges import requested
from inhouse.store import Unopenable
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Blobs, Row
    from inhouse.services.s3.bodies import Reading
    from inhouse.services.s3.encryption.modes import Mode, Sealing
    from inhouse.services.s3.places import Kept


class Objects:
    """Single objects, written and read."""

    _blobs: Blobs
    _reading: Reading

    @works("s3:PutObject", the_object, keys=write_keys)
    async def put_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Stores an object whole or not at all; the answer leaves when it is durable."""
        mode = modes.wanted(call, req)
        given = described(call, req, mode)
        if "IfMatch" in req or "IfNoneMatch" in req:
            check_write(rows.head(call.tx, req["Bucket"], req["Key"]), req)
        promised = digests.promise(req, call.origin.headers)
        decided_on = grounds(call, req["Bucket"])
        stored = await take_in(self._blobs, mode.sealing(req), req.get("Body"), promised)
        algorithm = promised.algorithm or digests.DEFAULT
        values = {**given, **checksum_columns(stored, algorithm)}
        event = "ObjectCreated:Post" if call.operation == "PostObject" else "ObjectCreated:Put"
        kept = await keep(call, req, event, stored, values, decided_on)
        answer = {
            "ETag": f'"{stored.etag}"',
            MEMBERS[algorithm]: values["checksum"],
            "ChecksumType": "FULL_OBJECT",
            **mode.told,
        }
        bucket = rows.bucket(call.tx, req["Bucket"])
        answer |= lifecycle.told(bucket, req["Key"], stored.size, kept.modified, values["tags"])
        if kept.version is not None:
            answer["VersionId"] = kept.version
        return answer

    @reads("s3:GetObject", the_object, keys=object_keys, when=OF_VERSION, missing=tell_missing)
    def get_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """An object or a range of it, with the headers it was stored with."""
        refuse_unsupported(req)
        row = found(call, req, whole=True)
        answer, sealing, (start, end) = _described(call, req, row)
        if row["content"] is None:
            data = inline(row, sealing)
            answer["Body"] = data if end - start == len(data) else data[start:end]
        else:
            pieces = contents.between(call.tx, row["content"], start, end)
            answer["Body"] = self._reading.stream(row["content"], pieces, sealing, start, end)
        return answer

    @reads("s3:GetObject", the_object, keys=object_keys, when=OF_VERSION, missing=tell_missing)
    def head_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """What GetObject answers, without the bytes."""
        refuse_unsupported(req)
        return _described(call, req, found(call, req))[0]


def inline(row: Row, sealing: Sealing) -> bytes:
    """The bytes of an object that is kept in its row. Raises InternalError for damaged ones."""
    try:
        return sealing.opened(row["data"])
    except Unopenable:
        raise damaged(sealing) from None


def _described(
    call: Call, req: Mapping[str, Any], row: Row
) -> tuple[dict[str, Any], Sealing, tuple[int, int]]:
    """The answer of a read but for the body, what opens that, and which bytes it has."""
    modes.refuse_header(call)
    kept = restored(row)
    sealing = modes.opening(call, req, row, kept)
    modes.tell(kept, sealing)
    check_read(row, req, call.now)
    size: int = row["size"]
    answer: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "LastModified": rows.moment(row["modified"]),
        "ETag": f'"{row["etag"]}"',
        **kept,
    }
    if row["current"]:
        bucket = rows.bucket(call.tx, row["bucket"])
        answer |= lifecycle.told(bucket, row["key"], size, row["modified"], row["tags"])
    version = history.told(call.tx, row)
    if version is not None:
        answer["VersionId"] = version
    answer |= overrides(call, req)
    bounds = _bounds(call, req, row)
    start, end = bounds or (0, size)
    answer["ContentLength"] = end - start
    if bounds is not None:
        answer["ContentRange"] = f"bytes {start}-{end - 1}/{size}"
    if (req.get("ChecksumMode") or "").upper() == "ENABLED":
        answer |= _checksum(call, req, row, whole=end - start == size)
    if req.get("PartNumber") is not None and row["part_count"] is not None:
        answer["PartsCount"] = row["part_count"]
    return answer, sealing, (start, end)


def _checksum(call: Call, req: Mapping[str, Any], row: Row, *, whole: bool) -> dict[str, str]:
    """The checksum of the bytes that are read: of the whole object, or of a part of a composite."""
    number: int | None = req.get("PartNumber")
    if number is not None and row["part_count"] and row["checksum_type"] == "COMPOSITE":
        part = contents.part(call.tx, row["content"], number)
        value = None if part is None else part["checksum"]
    else:
        value = row["checksum"] if whole else None
    if value is None:
        return {}
    return {MEMBERS[row["algorithm"]]: value, "ChecksumType": row["checksum_type"]}


def described(call: Call, req: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """The columns that a request's headers fill. Refuses what would not be honoured."""
    refuse_unsupported(req)
    check_form(req)
    access = acl.of_new_object(call, rows.bucket(call.tx, req["Bucket"]), req)
    headers = system(req, mode.headers)
    wanted = tags.from_header(req.get("Tagging") or "")
    if wanted:
        arn = object_arn(req["Bucket"], req["Key"])
        call.require("s3:PutObjectTagging", arn, write_keys(call, req))
    return {
        "storage_class": storage_class(req),
        "headers": headers if access is None else with_access_list(headers, access.row),
        "metadata": metadata(req),
        "tags": tags.to_row(wanted),
    }


def checksum_columns(stored: Stored, algorithm: str) -> dict[str, Any]:
    """The columns of the checksum of an object that was stored in one piece."""
    return {
        "algorithm": algorithm,
        "checksum": digests.text_of(stored.found.checksums[algorithm]),
        "checksum_type": "FULL_OBJECT",
    }


def grounds(call: Call, bucket: str) -> tuple[Any, ...]:
    """What a decision on an object stands on: the caller's policies, and whose the bucket is."""
    row = rows.bucket(call.tx, bucket)
    policies = call.house.identities.policies(call.tx, call.principal)
    return (
        policies,
        row["account"],
        row["policy"],
        row["public_access_block"],
        row["ownership"],
        row["acl"],
        row["created"],
    )


async def keep(
    call: Call,
    req: Mapping[str, Any],
    event: str,
    stored: Stored,
    values: Mapping[str, Any],
    decided_on: tuple[Any, ...],
) -> Kept:
    """Makes a stored body an object. Drops the blob if it cannot be.

    `decided_on` are the `grounds` on which the caller was let in.
    """
    columns = {
        **values,
        "size": stored.size,
        "etag": stored.etag,
        "part_count": None,
        "content": None,
        "data": stored.data,
    }
    if stored.blob is None:
        return await call.write(_put, req, event, columns, decided_on)
    columns["content"] = call.house.ids.token(24)
    try:
        return await call.write(_put_blob, req, event, columns, decided_on, stored)
    except ServiceError as refusal:
        await drop(call, stored.blob, refusal)
        raise


async def drop(call: Call, blob: str, refusal: ServiceError) -> None:
    """Removes the blob of a write that was refused.

    Not when the store failed: then the row may be there after all, and the next start sweeps
    the blob if it is not.
    """
    if refusal.code != "ServiceUnavailable":
        await call.house.blobs.delete([blob])


def _put(
    call: Call,
    req: Mapping[str, Any],
    event: str,
    columns: Mapping[str, Any],
    decided_on: tuple[Any, ...],
) -> Kept:
    """Authorized once more if the grounds have changed: while the body came, which may take
    hours, the caller may have lost the right to write, and the bucket's name may have gone to
    another account."""
    if grounds(call, req["Bucket"]) != decided_on:
        call.require("s3:PutObject", the_object(call, req), write_keys(call, req))
    return places.put(call, req, event, columns)


def _put_blob(
    call: Call,
    req: Mapping[str, Any],
    event: str,
    columns: Mapping[str, Any],
    decided_on: tuple[Any, ...],
    stored: Stored,
) -> Kept:
    kept = _put(call, req, event, columns, decided_on)
    contents.put_part(
        call.tx,
        columns["content"],
        1,
        start=0,
        size=columns["size"],
        etag=columns["etag"],
        checksum=columns["checksum"],
        modified=kept.modified,
        blob=stored.blob,
        sealed=stored.sealed,
    )
    return kept


def _bounds(call: Call, req: Mapping[str, Any], row: Row) -> tuple[int, int] | None:
    """The bytes that Range or PartNumber ask for; None for all of them."""
    number: int | None = req.get("PartNumber")
    if number is None:
        return requested(req.get("Range"), row["size"])
    check_part_number(number)
    if req.get("Range"):
        raise ServiceError(
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter"
        )
    if row["part_count"] is None:
        if number != 1:
            raise _no_such_part(number)
        return (0, row["size"]) if row["size"] else None
    part = contents.part(call.tx, row["content"], number)
    if part is None:
        raise _no_such_part(number)
    return part["start"], part["start"] + part["size"]


def _no_such_part(number: int) -> ServiceError:
    return ServiceError(
        "InvalidPartNumber",
        "The requested partnumber is not satisfiable",
        status=416,
        PartNumberRequested=str(number),
    )
