from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from tests.services.s3.conftest import Raw


@pytest.mark.parametrize("size", [5, 300_000])
def test_a_copy_has_bytes_headers_and_tags(s3: Any, bucket: str, size: int) -> None:
    data = os.urandom(size)
    s3.put_object(
        Bucket=bucket,
        Key="ein/e ä+.txt",
        Body=data,
        ContentType="text/plain",
        Metadata={"a": "1"},
        Tagging="t=1",
        ChecksumAlgorithm="SHA1",
    )
    source = {"Bucket": bucket, "Key": "ein/e ä+.txt"}
    result = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]
    got = s3.get_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert got["Body"].read() == data
    assert (got["ContentType"], got["Metadata"], got["TagCount"]) == ("text/plain", {"a": "1"}, 1)
    assert result["ETag"] == got["ETag"]
    assert result["ChecksumSHA1"] == got["ChecksumSHA1"]
    s3.delete_object(**source)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == data


def test_a_copy_with_new_headers(s3: Any, bucket: str, refused: Any) -> None:
    source = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**source, Body=b"x", ContentType="a/b", Metadata={"a": "1"}, Tagging="t=1")
    assert refused(s3.copy_object, **source, CopySource=source)["Code"] == "InvalidRequest"
    s3.copy_object(
        **source,
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        TaggingDirective="REPLACE",
        Tagging="u=2",
    )
    got = s3.get_object(**source)
    assert (got["Metadata"], got["ContentType"]) == ({"b": "2"}, "binary/octet-stream")
    assert s3.get_object_tagging(**source)["TagSet"] == [{"Key": "u", "Value": "2"}]
    assert got["Body"].read() == b"x"


def test_conditions_on_the_source(s3: Any, bucket: str, refused: Any) -> None:
    source = {"Bucket": bucket, "Key": "k"}
    etag = s3.put_object(**source, Body=b"x")["ETag"]
    written = s3.head_object(**source)["LastModified"]
    here = {"Bucket": bucket, "Key": "copy", "CopySource": source}
    for failing in (
        {"CopySourceIfMatch": '"other"'},
        {"CopySourceIfNoneMatch": etag},
        {"CopySourceIfModifiedSince": written},
        {"CopySourceIfUnmodifiedSince": written - timedelta(hours=1)},
    ):
        assert refused(s3.copy_object, **here, **failing)["Code"] == "PreconditionFailed"
    s3.copy_object(**here, CopySourceIfMatch=etag, IfNoneMatch="*")
    assert refused(s3.copy_object, **here, IfNoneMatch="*")["Code"] == "PreconditionFailed"


def test_sources_that_are_not_there(s3: Any, bucket: str, refused: Any) -> None:
    for source, code in (
        ({"Bucket": bucket, "Key": "none"}, "NoSuchKey"),
        ({"Bucket": "nobody-has-this", "Key": "k"}, "NoSuchBucket"),
        ("no-slash", "InvalidArgument"),
    ):
        assert refused(s3.copy_object, Bucket=bucket, Key="k", CopySource=source)["Code"] == code


def test_parts_from_objects(s3: Any, bucket: str, refused: Any) -> None:
    data = os.urandom(6 << 20)
    s3.put_object(Bucket=bucket, Key="source", Body=data)
    here = {"Bucket": bucket, "Key": "target"}
    upload = s3.create_multipart_upload(**here)["UploadId"]
    source = {"Bucket": bucket, "Key": "source"}
    parts = []
    for number, asked in ((1, None), (2, f"bytes=10-{(5 << 20) + 9}"), (3, "bytes=0-0")):
        more = {"CopySourceRange": asked} if asked else {}
        result = s3.upload_part_copy(
            **here, UploadId=upload, PartNumber=number, CopySource=source, **more
        )
        parts.append({"PartNumber": number, "ETag": result["CopyPartResult"]["ETag"]})
    for asked in ("bytes=0-6291456", "bytes=5-", "bytes=-5", "bytes=9-3"):
        answer = refused(
            s3.upload_part_copy,
            **here,
            UploadId=upload,
            PartNumber=4,
            CopySource=source,
            CopySourceRange=asked,
        )
        assert answer["Code"] == "InvalidArgument"
    beyond = {**here, "UploadId": upload, "PartNumber": 4, "CopySource": source}
    answer = refused(s3.upload_part_copy, **beyond, CopySourceRange="bytes=6291456-6291457")
    assert (answer["Code"], answer["Status"]) == ("InvalidRequest", 400)
    s3.complete_multipart_upload(**here, UploadId=upload, MultipartUpload={"Parts": parts})
    got = s3.get_object(**here)["Body"].read()
    assert got == data + data[10 : (5 << 20) + 10] + data[:1]


def test_a_plus_in_the_source_is_a_space(raw: Raw, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b", Body=b"spaced")
    s3.put_object(Bucket=bucket, Key="a+b", Body=b"plus")
    for source, body in (("a+b", b"spaced"), ("a%20b", b"spaced"), ("a%2Bb", b"plus")):
        raw("PUT", f"/{bucket}/copy", headers={"x-amz-copy-source": f"/{bucket}/{source}"})
        assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body


def test_a_version_that_is_named_is_copied_onto_its_own_key(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    current = s3.put_object(**here, Body=b"now")["VersionId"]
    for version, body in ((current, b"now"), ("null", b"before")):
        s3.copy_object(**here, CopySource={**here, "VersionId": version})
        assert s3.get_object(**here)["Body"].read() == body
    assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 4
