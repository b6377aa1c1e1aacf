"""Conditional requests, as the table of each operation has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

BODY, ETAG, OTHER = b"bar", '"37b51d194a7513e45b56f6524f2d51f2"', '"another"'
DAY = timedelta(days=1)


@pytest.fixture
def place(s3: Any, bucket: str) -> dict[str, str]:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    return {"Bucket": bucket, "Key": "k"}


def moments(s3: Any, place: dict[str, str]) -> dict[str, Any]:
    written = s3.head_object(**place)["LastModified"]
    return {"before": written - DAY, "then": written, "to come": datetime.now(UTC) + DAY}


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"IfMatch": ETAG}, 200),
        ({"IfMatch": ETAG.strip('"')}, 200),
        ({"IfMatch": "*"}, 200),
        ({"IfMatch": OTHER}, 412),
        ({"IfNoneMatch": ETAG}, 304),
        ({"IfNoneMatch": "*"}, 304),
        ({"IfNoneMatch": OTHER}, 200),
        ({"IfModifiedSince": "before"}, 200),
        ({"IfModifiedSince": "then"}, 304),
        ({"IfModifiedSince": "to come"}, 200),
        ({"IfUnmodifiedSince": "before"}, 412),
        ({"IfUnmodifiedSince": "then"}, 200),
        ({"IfMatch": ETAG, "IfUnmodifiedSince": "before"}, 200),
        ({"IfNoneMatch": ETAG, "IfModifiedSince": "before"}, 304),
        ({"IfNoneMatch": OTHER, "IfModifiedSince": "then"}, 200),
        ({"IfMatch": ETAG, "IfNoneMatch": ETAG}, 304),
        ({"IfMatch": OTHER, "IfNoneMatch": ETAG}, 412),
    ],
)
def test_reads(
    s3: Any,
    place: dict[str, str],
    refused: Any,
    operation: str,
    conditions: dict[str, str],
    status: int,
) -> None:
    when = moments(s3, place)
    given = {name: when.get(value, value) for name, value in conditions.items()}
    if status == 200:
        assert getattr(s3, operation)(**place, **given)["ETag"] == ETAG
    else:
        assert refused(getattr(s3, operation), **place, **given)["Status"] == status


@pytest.mark.parametrize(
    ("conditions", "failing"),
    [
        ({"IfMatch": OTHER, "IfUnmodifiedSince": "before", "IfNoneMatch": ETAG}, "If-Match"),
        ({"IfUnmodifiedSince": "before", "IfNoneMatch": ETAG}, "If-Unmodified-Since"),
        ({"IfNoneMatch": ETAG, "IfModifiedSince": "before"}, "If-None-Match"),
        ({"IfModifiedSince": "then"}, "If-Modified-Since"),
        ({"IfModifiedSince": "to come"}, None),
        ({"IfMatch": ETAG, "IfNoneMatch": OTHER, "IfUnmodifiedSince": "then"}, None),
    ],
)
def test_sources_of_copies(
    s3: Any, place: dict[str, str], refused: Any, conditions: dict[str, str], failing: str | None
) -> None:
    when = moments(s3, place)
    given = {f"CopySource{name}": when.get(value, value) for name, value in conditions.items()}
    copy = {"Bucket": place["Bucket"], "Key": "copy", "CopySource": place, **given}
    if failing is None:
        assert s3.copy_object(**copy)["CopyObjectResult"]["ETag"] == ETAG
    else:
        answer = refused(s3.copy_object, **copy)
        assert (answer["Status"], answer["Condition"]) == (412, f"x-amz-copy-source-{failing}")


def put(s3: Any, place: dict[str, str], **conditions: str) -> Any:
    return lambda: s3.put_object(**place, Body=BODY, **conditions)


def copy(s3: Any, place: dict[str, str], **conditions: str) -> Any:
    source = {"Bucket": place["Bucket"], "Key": "source"}
    s3.put_object(**source, Body=BODY)
    return lambda: s3.copy_object(**place, CopySource=source, **conditions)


def complete(s3: Any, place: dict[str, str], **conditions: str) -> Any:
    upload = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=BODY)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    return lambda: s3.complete_multipart_upload(**upload, MultipartUpload=parts, **conditions)


@pytest.mark.parametrize("write", [put, copy, complete])
@pytest.mark.parametrize(
    ("conditions", "status", "code"),
    [
        ({"IfMatch": OTHER}, 412, "PreconditionFailed"),
        ({"IfMatch": "*"}, 501, "NotImplemented"),
        ({"IfNoneMatch": "*"}, 412, "PreconditionFailed"),
        ({"IfNoneMatch": OTHER}, 501, "NotImplemented"),
        ({"IfMatch": ETAG, "IfNoneMatch": "*"}, 501, "NotImplemented"),
    ],
)
def test_writes_that_are_refused(
    s3: Any,
    place: dict[str, str],
    refused: Any,
    write: Any,
    conditions: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = refused(write(s3, place, **conditions))
    assert (answer["Status"], answer["Code"]) == (status, code)
    if status == 501:
        names = {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}
        assert answer["Header"] == ",".join(names[name] for name in conditions)


@pytest.mark.parametrize("write", [put, copy, complete])
def test_writes_that_are_made(s3: Any, place: dict[str, str], refused: Any, write: Any) -> None:
    assert write(s3, place, IfMatch=ETAG)()
    s3.delete_object(**place)
    absent = refused(write(s3, place, IfMatch=ETAG))
    assert (absent["Status"], absent["Code"]) == (404, "NoSuchKey")
    assert write(s3, place, IfNoneMatch="*")()


def test_deletes(s3: Any, place: dict[str, str], refused: Any) -> None:
    assert refused(s3.delete_object, **place, IfMatchSize=0)["Code"] == "NotImplemented"
    assert refused(s3.delete_object, **place, IfMatch=OTHER)["Status"] == 412
    batch = {"Objects": [{"Key": "k", "ETag": OTHER}]}
    errors = s3.delete_objects(Bucket=place["Bucket"], Delete=batch)["Errors"]
    assert [one["Code"] for one in errors] == ["PreconditionFailed"]
    s3.delete_object(**place, IfMatch="*")
    assert refused(s3.head_object, **place)["Status"] == 404
    assert refused(s3.delete_object, **place, IfMatch="*")["Code"] == "NoSuchKey"
