"""PutObject, GetObject, HeadObject and the deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works, writes
from inhouse.services.s3 import contents, digests, places, rows, tags
from inhouse.services.s3.authority import (
    missing,
    object_keys,
    the_bucket,
    the_object,
    write_keys,
)
from inhouse.services.s3.bodies import Stored, take_in
from inhouse.services.s3.conditions import check_form, check_read, check_write
from inhouse.services.s3.headers import (
    metadata,
    refuse_acl,
    refuse_unsupported,
    restored,
    storage_class,
    system,
)
from inhouse.services.s3.names import check_key, check_version, no_such_bucket, object_arn
from inhouse.services.s3.ranges import requested
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Blobs, Row
    from inhouse.services.s3.bodies import Reading

_MAX_DELETES = 1000
_OVERRIDES = {
    "ResponseContentType": "ContentType",
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseExpires": "Expires",
}


class Objects:
    """Single objects, and deletes of up to a thousand."""

    _blobs: Blobs
    _reading: Reading

    @works("s3:PutObject", the_object, keys=write_keys)
    async def put_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Stores an object whole or not at all; the answer leaves when it is durable."""
        given = described(call, req)
        if "IfMatch" in req or "IfNoneMatch" in req:
            check_write(rows.head(call.tx, req["Bucket"], req["Key"]), req)
        promised = digests.promise(req, call.origin.headers)
        decided_on = grounds(call, req["Bucket"])
        stored = await take_in(self._blobs, req.get("Body"), promised)
        algorithm = promised.algorithm or digests.DEFAULT
        values = {**given, **checksum_columns(stored, algorithm)}
        await keep(call, req, "ObjectCreated:Put", stored, values, decided_on)
        return {
            "ETag": f'"{stored.etag}"',
            MEMBERS[algorithm]: values["checksum"],
            "ChecksumType": "FULL_OBJECT",
        }

    @reads("s3:GetObject", the_object, keys=object_keys)
    def get_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """An object or a range of it, with the headers it was stored with."""
        check_version(req)
        row = rows.whole(call.tx, req["Bucket"], req["Key"])
        answer, (start, end) = self._described(call, req, row)
        assert row is not None
        if row["content"] is None:
            data: bytes = row["data"]
            answer["Body"] = data if end - start == len(data) else data[start:end]
        else:
            answer["Body"] = self.bytes_of(call, row, start, end)
        return answer

    @reads("s3:GetObject", the_object, keys=object_keys)
    def head_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """What GetObject answers, without the bytes."""
        check_version(req)
        row = rows.head(call.tx, req["Bucket"], req["Key"])
        return self._described(call, req, row)[0]

    def bytes_of(self, call: Call, row: Row, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes of an object that is kept in parts."""
        found = contents.between(call.tx, row["content"], start, end)
        return self._reading.stream(row["content"], found, start, end)

    def _described(
        self, call: Call, req: Mapping[str, Any], row: Row | None
    ) -> tuple[dict[str, Any], tuple[int, int]]:
        """The answer but for the body, and which bytes that has."""
        refuse_unsupported(req)
        if row is None:
            raise missing(call, req["Bucket"], req["Key"])
        check_read(row, req)
        size: int = row["size"]
        answer: dict[str, Any] = {
            "AcceptRanges": "bytes",
            "LastModified": rows.moment(row["modified"]),
            "ETag": f'"{row["etag"]}"',
            **restored(row),
        }
        for name, header in _OVERRIDES.items():
            if name in req:
                answer[header] = _override(call, req[name])
        bounds = _bounds(call, req, row)
        start, end = bounds or (0, size)
        answer["ContentLength"] = end - start
        if bounds is not None:
            answer["ContentRange"] = f"bytes {start}-{end - 1}/{size}"
        elif (req.get("ChecksumMode") or "").upper() == "ENABLED":
            answer[MEMBERS[row["algorithm"]]] = row["checksum"]
            answer["ChecksumType"] = row["checksum_type"]
        if req.get("PartNumber") is not None and row["part_count"] is not None:
            answer["PartsCount"] = row["part_count"]
        return answer, (start, end)

    @writes("s3:DeleteObject", the_object, keys=object_keys)
    def delete_object(self, call: Call, req: Mapping[str, Any]) -> None:
        """Removes an object. One that does not exist is not an error."""
        refuse_unsupported(req)
        check_version(req)
        bucket = rows.bucket(call.tx, req["Bucket"])
        places.delete(call, bucket, req["Key"], req.get("IfMatch"))

    @works(None, anonymous=True)
    async def delete_objects(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Removes up to 1,000 objects, each authorized by itself, all in one transaction."""
        the_bucket(call, req)
        refuse_unsupported(req)
        wanted = req["Delete"]["Objects"]
        if not 1 <= len(wanted) <= _MAX_DELETES:
            raise ServiceError(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our "
                f"published schema: Delete has {len(wanted)} Objects; 1 to {_MAX_DELETES} are allowed.",
                status=400,
            )
        refusals = [_refusal(call, req["Bucket"], one) for one in wanted]
        outcome = await call.write(_delete_all, req["Bucket"], wanted, refusals)
        pairs = list(zip(wanted, outcome, strict=True))
        errors = [
            {"Key": one["Key"], "Code": refusal.code, "Message": refusal.message}
            for one, refusal in pairs
            if refusal is not None
        ]
        gone = [{"Key": one["Key"]} for one, refusal in pairs if refusal is None]
        return {"Deleted": [] if req["Delete"].get("Quiet") else gone, "Errors": errors}


def described(call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a request's headers fill. Refuses what would not be honoured."""
    refuse_unsupported(req)
    refuse_acl(req)
    check_form(req)
    wanted = tags.from_header(req.get("Tagging") or "")
    if wanted:
        arn = object_arn(req["Bucket"], req["Key"])
        call.require("s3:PutObjectTagging", arn, write_keys(call, req))
    return {
        "storage_class": storage_class(req),
        "headers": system(req),
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
    return policies, row["account"], row["policy"], row["created"]


async def keep(
    call: Call,
    req: Mapping[str, Any],
    event: str,
    stored: Stored,
    values: Mapping[str, Any],
    decided_on: tuple[Any, ...],
) -> float:
    """Makes a stored body an object; answers when, in seconds. Drops the blob if it cannot be.

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
        return await call.write(_put_blob, req, event, columns, decided_on, stored.blob)
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
) -> float:
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
    blob: str,
) -> float:
    modified = _put(call, req, event, columns, decided_on)
    contents.put_part(
        call.tx,
        columns["content"],
        1,
        start=0,
        size=columns["size"],
        etag=columns["etag"],
        checksum=columns["checksum"],
        modified=modified,
        blob=blob,
    )
    return modified


def _override(call: Call, value: str) -> str:
    if call.principal.kind == "anonymous":
        raise ServiceError(
            "InvalidRequest",
            "Request specific response headers cannot be used for anonymous GET requests.",
            status=400,
        )
    return value


def _bounds(call: Call, req: Mapping[str, Any], row: Row) -> tuple[int, int] | None:
    """The bytes that Range or PartNumber ask for; None for all of them."""
    number: int | None = req.get("PartNumber")
    if number is None:
        return requested(req.get("Range"), row["size"])
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


def _refusal(call: Call, bucket: str, one: Mapping[str, Any]) -> ServiceError | None:
    """Why a key of a batch must not be deleted, if so."""
    try:
        check_key(one["Key"])
        check_version(one)
        refuse_unsupported(
            {"IfMatchLastModifiedTime": one.get("LastModifiedTime"), "IfMatchSize": one.get("Size")}
        )
        keys = object_keys(call, {"Bucket": bucket, "Key": one["Key"]})
        call.require("s3:DeleteObject", object_arn(bucket, one["Key"]), keys)
    except ServiceError as refusal:
        return refusal
    return None


def _delete_all(
    call: Call,
    name: str,
    wanted: list[Mapping[str, Any]],
    refusals: list[ServiceError | None],
) -> list[ServiceError | None]:
    """Deletes what is not refused; answers what was refused in the end."""
    bucket = rows.find_bucket(call.tx, name)
    if bucket is None:
        raise no_such_bucket(name)
    outcome: list[ServiceError | None] = []
    for one, refused in zip(wanted, refusals, strict=True):
        refusal = refused
        if refusal is None:
            try:
                places.delete(call, bucket, one["Key"], one.get("ETag"))
            except ServiceError as failure:
                refusal = failure
        outcome.append(refusal)
    return outcome
