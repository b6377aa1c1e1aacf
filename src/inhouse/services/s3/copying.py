"""CopyObject and UploadPartCopy."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import works
from inhouse.services.s3 import contents, digests, lifecycle, multipart, objects, rows, tags
from inhouse.services.s3.authority import (
    OF_VERSION,
    expect_owner,
    object_keys,
    the_object,
    upload_keys,
    write_keys,
)
from inhouse.services.s3.bodies import INLINE, MAX_PUT, Stored, Streamed, take_in
from inhouse.services.s3.conditions import check_copy_source, check_write
from inhouse.services.s3.digests import Promise
from inhouse.services.s3.encryption import modes
from inhouse.services.s3.encryption.customer import SOURCE
from inhouse.services.s3.finding import found
from inhouse.services.s3.headers import kept_headers
from inhouse.services.s3.names import check_key, object_arn
from inhouse.services.s3.objects import checksum_columns, described, grounds, keep
from inhouse.services.s3.ranges import of_copy
from inhouse.wire.checksums import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Blobs, Row
    from inhouse.services.s3.bodies import Reading
    from inhouse.services.s3.encryption.modes import Sealing

_THROUGH = re.compile(r"(arn:[^/]+:accesspoint/[^/]+)/object/(.+)", re.DOTALL).fullmatch


@dataclass(frozen=True, slots=True)
class Source:
    """Where a copy comes from."""

    bucket: str
    key: str
    version: str | None

    @classmethod
    def of(cls, text: str | Mapping[str, str]) -> Source:
        """Reads `x-amz-copy-source`, `bucket/key?versionId=…` encoded as a URL.

        `bucket` may be an access point's alias, or its ARN and `/object` behind that.
        """
        if not isinstance(text, str):
            return cls(text["Bucket"], text["Key"], text.get("VersionId"))
        path, _, query = text.partition("?")
        try:
            path = unquote_plus(path, errors="strict").removeprefix("/")
        except UnicodeDecodeError:
            path = ""
        point = _THROUGH(path)
        bucket, key = point.groups() if point else path.partition("/")[::2]
        if not bucket or not key or (bucket.startswith("arn:") and not point):
            raise ServiceError(
                "InvalidArgument",
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                ArgumentName="x-amz-copy-source",
                ArgumentValue=text[:200],
            )
        version = query.removeprefix("versionId=") if query.startswith("versionId=") else None
        return cls(bucket, key, version)

    @property
    def request(self) -> dict[str, Any]:
        """What a GetObject of the source would say."""
        return {"Bucket": self.bucket, "Key": self.key, "VersionId": self.version}


class Copying:
    """Copies made inside the house."""

    _blobs: Blobs
    _reading: Reading

    @works("s3:PutObject", the_object, keys=write_keys)
    async def copy_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Copies an object of up to 5 GiB, with its headers and tags or with new ones."""
        source, reading = _opened(call, Source.of(req["CopySource"]))
        replacing = _directive(req, "MetadataDirective") == "REPLACE"
        mode = modes.wanted(call, req)
        given = described(call, req, mode)
        row = _source(reading, req, source)
        if source.version is None or rows.bucket(call.tx, source.bucket)["versioning"] is None:
            _refuse_idle(call, req, source, replacing=replacing)
        if not replacing:
            given["headers"] = kept_headers(row["headers"], given["headers"])
            given["metadata"] = row["metadata"]
        if _directive(req, "TaggingDirective") == "COPY":
            given["tags"] = _copied_tags(call, reading, req, source, row)
        check_write(rows.head(call.tx, req["Bucket"], req["Key"]), req)
        algorithm = digests.algorithm(req.get("ChecksumAlgorithm") or row["algorithm"])
        decided_on = grounds(call, req["Bucket"])
        opening = _opening(call, req, row)
        stored = await self._taken(
            call, row, opening, mode.sealing(req), (0, row["size"]), algorithm
        )
        values = {**given, **checksum_columns(stored, algorithm)}
        kept = await keep(call, req, "ObjectCreated:Copy", stored, values, decided_on)
        result = {
            "ETag": f'"{stored.etag}"',
            "LastModified": rows.moment(kept.modified),
            "ChecksumType": "FULL_OBJECT",
            MEMBERS[algorithm]: values["checksum"],
        }
        bucket = rows.bucket(call.tx, req["Bucket"])
        answer = {
            "CopyObjectResult": result,
            **mode.told,
            **_told(row),
            **lifecycle.told(bucket, req["Key"], row["size"], kept.modified, given["tags"]),
        }
        return answer if kept.version is None else {**answer, "VersionId": kept.version}

    @works("s3:PutObject", the_object, keys=upload_keys)
    async def upload_part_copy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Makes a part of an upload from an object or a range of it."""
        multipart.check_part(call, req)
        upload = multipart.upload_of(call, req)
        mode = modes.of_upload(call, req, upload)
        source, reading = _opened(call, Source.of(req["CopySource"]))
        row = _source(reading, req, source)
        opening = _opening(call, req, row)
        asked = req.get("CopySourceRange")
        span = of_copy(asked, row["size"]) if asked else (0, row["size"])
        stored = await self._taken(
            call, row, opening, mode.sealing(req), span, upload["algorithm"], inline=-1
        )
        modified = await multipart.keep_part(call, req, stored)
        result = {"ETag": f'"{stored.etag}"', "LastModified": rows.moment(modified)}
        if upload["declared"]:
            checksum = stored.found.checksums[upload["algorithm"]]
            result[MEMBERS[upload["algorithm"]]] = digests.text_of(checksum)
        return {"CopyPartResult": result, **mode.told, **_told(row)}

    async def _taken(
        self,
        call: Call,
        row: Row,
        opening: Sealing,
        sealing: Sealing,
        span: tuple[int, int],
        algorithm: str,
        *,
        inline: int = INLINE,
    ) -> Stored:
        """The bytes of a source, stored anew."""
        start, end = span
        body: Any
        if row["content"] is None:
            body = objects.inline(row, opening)[start:end]
        else:
            parts = contents.between(call.tx, row["content"], start, end)
            pieces = self._reading.stream(row["content"], parts, opening, start, end)
            body = Streamed(pieces, end - start)
        return await take_in(
            self._blobs, sealing, body, Promise(algorithm=algorithm), inline=inline
        )


def _opening(call: Call, req: Mapping[str, Any], row: Row) -> Sealing:
    return modes.opening(call, req, row, orjson.loads(row["headers"]), SOURCE)


def _directive(req: Mapping[str, Any], name: str) -> str:
    value: str = req.get(name) or "COPY"
    if value not in ("COPY", "REPLACE"):
        kind = name.removesuffix("Directive").lower()
        raise ServiceError(
            "InvalidArgument",
            f"Unknown {kind} directive.",
            ArgumentName=f"x-amz-{kind}-directive",
            ArgumentValue=value[:40],
            Detail="It is COPY or REPLACE.",
        )
    return value


def _opened(call: Call, source: Source) -> tuple[Source, Call]:
    """The source in its bucket, and the call as it comes to it: by a door of its own or none.

    Raises MethodNotAllowed for Object Lambda's.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    point = call.house.dispatch.access_point(call.tx, source.bucket)
    if point is None:
        return source, call if call.via is None else call.through(None)
    if point.supporting is not None:
        raise ServiceError(
            "MethodNotAllowed",
            "x-amz-copy-source: nothing is copied from an Object Lambda access point; name "
            f"{point.supporting.arn}.",
            status=405,
            Method=call.operation,
            ResourceType="ACCESSPOINT",
        )
    return replace(source, bucket=point.bucket), call.through(point)


def _source(call: Call, req: Mapping[str, Any], source: Source) -> Row:
    """The object to copy, if the caller may read it and it is as the request wants it."""
    bucket = rows.bucket(call.tx, source.bucket)
    expect_owner(bucket, req.get("ExpectedSourceBucketOwner"))
    check_key(source.key)
    call.require(
        "s3:GetObject" if source.version is None else OF_VERSION["VersionId"],
        object_arn(source.bucket, source.key),
        object_keys(call, source.request),
    )
    try:
        row = found(call, source.request, whole=True)
    except ServiceError as refusal:
        if refusal.code != "MethodNotAllowed":
            raise
        raise ServiceError(
            "InvalidRequest",
            "The source of a copy request may not specifically refer to a delete marker by "
            "version id.",
            status=400,
        ) from None
    check_copy_source(row, req, call.now)
    if row["size"] > MAX_PUT and not req.get("CopySourceRange"):
        raise ServiceError(
            "InvalidRequest",
            "The specified copy source is larger than the maximum allowable size for a copy "
            f"source: {MAX_PUT}",
            status=400,
            Detail="Copy it in parts.",
        )
    return row


def _told(row: Row) -> dict[str, str]:
    """The version that was copied, if it has an id."""
    return {} if row["version"] is None else {"CopySourceVersionId": row["version"]}


def _refuse_idle(call: Call, req: Mapping[str, Any], source: Source, *, replacing: bool) -> None:
    """An object copied onto itself has to change, or be a version that is named.

    Where the bucket was given an encryption, the copy brings that about, as on AWS.
    """
    if (source.bucket, source.key) == (req["Bucket"], req["Key"]) and not (
        replacing
        or any(req.get(name) for name in ("StorageClass", modes.SSE, "SSECustomerAlgorithm"))
        or req.get("TaggingDirective") == "REPLACE"
        or rows.bucket(call.tx, req["Bucket"])["encryption"] is not None
    ):
        raise ServiceError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without "
            "changing the object's metadata, storage class, website redirect location or "
            "encryption attributes.",
            status=400,
        )


def _copied_tags(
    call: Call, reading: Call, req: Mapping[str, Any], source: Source, row: Row
) -> str | None:
    """The source's tags, for those who may read them there and set them here."""
    stored: str | None = row["tags"]
    if stored is not None:
        asked = {f"s3:RequestObjectTag/{k}": v for k, v in tags.from_row(stored).items()}
        reading.require(
            "s3:GetObjectTagging" if source.version is None else "s3:GetObjectVersionTagging",
            object_arn(source.bucket, source.key),
            object_keys(reading, source.request),
        )
        call.require("s3:PutObjectTagging", object_arn(req["Bucket"], req["Key"]), asked)
    return stored
