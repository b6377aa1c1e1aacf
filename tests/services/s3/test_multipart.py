from __future__ import annotations

import base64
import os
from hashlib import md5, sha256
from typing import Any

import httpx
import pytest
from awscrt import checksums as crt

FIVE = 5 << 20


class Uploading:
    """An upload of `k` with what it takes to go on."""

    def __init__(self, s3: Any, bucket: str, **more: Any) -> None:
        self.s3 = s3
        self.here = {"Bucket": bucket, "Key": "k"}
        self.id = s3.create_multipart_upload(**self.here, **more)["UploadId"]

    def part(self, number: int, data: bytes, **more: Any) -> dict[str, Any]:
        answer = self.s3.upload_part(
            **self.here, UploadId=self.id, PartNumber=number, Body=data, **more
        )
        sums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
        return {"PartNumber": number, "ETag": answer["ETag"], **sums}

    def complete(self, *parts: dict[str, Any], **more: Any) -> Any:
        return self.s3.complete_multipart_upload(
            **self.here, UploadId=self.id, MultipartUpload={"Parts": list(parts)}, **more
        )


def test_parts_become_an_object(s3: Any, bucket: str, refused: Any) -> None:
    up = Uploading(s3, bucket, ContentType="a/b", Metadata={"m": "1"}, Tagging="t=1")
    datas = [os.urandom(FIVE), os.urandom(FIVE + 3), b"end"]
    parts = [up.part(number * 2, data) for number, data in enumerate(datas, 1)]
    up.part(9, b"left out")
    answer = up.complete(*parts)
    whole = md5(b"".join(md5(data).digest() for data in datas)).hexdigest()
    assert answer["ETag"] == f'"{whole}-3"'
    got = s3.get_object(**up.here)
    assert got["Body"].read() == b"".join(datas)
    assert (got["ContentType"], got["Metadata"], got["TagCount"]) == ("a/b", {"m": "1"}, 1)
    assert s3.get_object(**up.here, Range=f"bytes={FIVE - 2}-{FIVE + 1}")["Body"].read() == (
        datas[0][-2:] + datas[1][:2]
    )
    second = s3.get_object(**up.here, PartNumber=4)
    assert second["Body"].read() == datas[1]
    assert second["PartsCount"] == 3
    assert refused(s3.get_object, **up.here, PartNumber=9)["Code"] == "InvalidPartNumber"
    assert up.complete(*parts)["ETag"] == answer["ETag"]
    assert refused(s3.list_parts, **up.here, UploadId=up.id)["Code"] == "NoSuchUpload"


def test_a_part_sent_again_replaces_the_first(s3: Any, bucket: str) -> None:
    up = Uploading(s3, bucket)
    up.part(1, b"first")
    up.complete(up.part(1, b"second"))
    assert s3.get_object(**up.here)["Body"].read() == b"second"


def test_an_object_of_one_empty_part(s3: Any, bucket: str) -> None:
    up = Uploading(s3, bucket)
    up.complete(up.part(1, b""))
    assert s3.get_object(**up.here)["Body"].read() == b""


def test_checks_at_completion(s3: Any, bucket: str, refused: Any) -> None:
    up = Uploading(s3, bucket)
    one, two = up.part(1, b"small"), up.part(2, b"last")
    with pytest.raises(s3.exceptions.ClientError) as caught:
        up.complete(one, two)
    error = caught.value.response["Error"]
    assert (error["Code"], error["ProposedSize"]) == ("EntityTooSmall", "5")
    for parts, code in (
        ([two, one], "InvalidPartOrder"),
        ([one, one], "InvalidPartOrder"),
        ([one, {"PartNumber": 3, "ETag": one["ETag"]}], "InvalidPart"),
        ([{**one, "ETag": two["ETag"]}], "InvalidPart"),
        ([], "MalformedXML"),
    ):
        with pytest.raises(s3.exceptions.ClientError) as caught:
            up.complete(*parts)
        assert caught.value.response["Error"]["Code"] == code
    assert refused(s3.get_object, **up.here)["Code"] == "NoSuchKey"
    up.complete(two)
    assert s3.get_object(**up.here)["Body"].read() == b"last"


@pytest.mark.parametrize("number", [0, 10_001, -1])
def test_part_numbers(s3: Any, bucket: str, refused: Any, number: int) -> None:
    up = Uploading(s3, bucket)
    answer = refused(s3.upload_part, **up.here, UploadId=up.id, PartNumber=number, Body=b"x")
    assert answer["Code"] == "InvalidArgument"


def test_composite_checksums(s3: Any, bucket: str, refused: Any) -> None:
    up = Uploading(s3, bucket, ChecksumAlgorithm="SHA256")
    datas = [os.urandom(FIVE), b"end"]
    parts = [up.part(n, data, ChecksumAlgorithm="SHA256") for n, data in enumerate(datas, 1)]
    other = refused(
        s3.upload_part,
        **up.here,
        UploadId=up.id,
        PartNumber=3,
        Body=b"x",
        ChecksumAlgorithm="CRC32",
    )
    assert other["Code"] == "InvalidRequest"
    silent = s3.generate_presigned_url(
        "upload_part", {**up.here, "UploadId": up.id, "PartNumber": 3}
    )
    answer = httpx.put(silent, content=b"x")
    assert (answer.status_code, "actual checksum Type: null" in answer.text) == (400, True)
    bare = [{"PartNumber": p["PartNumber"], "ETag": p["ETag"]} for p in parts]
    with pytest.raises(s3.exceptions.ClientError, match="must include the checksum"):
        up.complete(*bare)
    answer = up.complete(*parts)
    digest = sha256(b"".join(sha256(data).digest() for data in datas)).digest()
    assert answer["ChecksumSHA256"] == f"{base64.b64encode(digest).decode()}-2"
    assert answer["ChecksumType"] == "COMPOSITE"
    attributes = s3.get_object_attributes(
        **up.here, ObjectAttributes=["ObjectParts", "Checksum"], MaxParts=1
    )
    assert attributes["ObjectParts"]["TotalPartsCount"] == 2
    assert attributes["ObjectParts"]["IsTruncated"] is True
    assert attributes["ObjectParts"]["Parts"][0]["ChecksumSHA256"] == parts[0]["ChecksumSHA256"]
    for read in (s3.get_object, s3.head_object):
        first = read(**up.here, PartNumber=1, ChecksumMode="ENABLED")
        assert first["ChecksumSHA256"] == parts[0]["ChecksumSHA256"]
        assert first["ChecksumType"] == "COMPOSITE"
    assert "ChecksumSHA256" not in s3.head_object(**up.here, PartNumber=1)
    marker = attributes["ObjectParts"]["NextPartNumberMarker"]
    rest = s3.get_object_attributes(
        **up.here, ObjectAttributes=["ObjectParts"], MaxParts=1, PartNumberMarker=marker
    )["ObjectParts"]
    assert (rest["IsTruncated"], rest["PartNumberMarker"]) == (False, marker)
    assert [(part["PartNumber"], part["Size"]) for part in rest["Parts"]] == [(2, 3)]


@pytest.mark.parametrize(
    ("kind", "compute", "size"),
    [("CRC32", crt.crc32, 4), ("CRC32C", crt.crc32c, 4), ("CRC64NVME", crt.crc64nvme, 8)],
)
def test_full_object_checksums(s3: Any, bucket: str, kind: str, compute: Any, size: int) -> None:
    up = Uploading(s3, bucket, ChecksumAlgorithm=kind, ChecksumType="FULL_OBJECT")
    datas = [os.urandom(FIVE), os.urandom(FIVE), b"end"]
    parts = [up.part(n, data, ChecksumAlgorithm=kind) for n, data in enumerate(datas[:2], 1)]
    silent = {**up.here, "UploadId": up.id, "PartNumber": 3}
    answer = httpx.put(s3.generate_presigned_url("upload_part", silent), content=datas[2])
    parts.append({"PartNumber": 3, "ETag": answer.headers["etag"]})
    right = base64.b64encode(compute(b"".join(datas)).to_bytes(size)).decode()
    wrong = base64.b64encode(compute(b"other").to_bytes(size)).decode()
    with pytest.raises(s3.exceptions.ClientError, match="BadDigest"):
        up.complete(*parts, **{f"Checksum{kind}": wrong, "ChecksumType": "FULL_OBJECT"})
    up.complete(*parts, **{f"Checksum{kind}": right, "ChecksumType": "FULL_OBJECT"})
    head = s3.head_object(**up.here, ChecksumMode="ENABLED")
    assert (head[f"Checksum{kind}"], head["ChecksumType"]) == (right, "FULL_OBJECT")
    part = s3.head_object(**up.here, ChecksumMode="ENABLED", PartNumber=1)
    assert f"Checksum{kind}" not in part
    attributes = s3.get_object_attributes(**up.here, ObjectAttributes=["ObjectParts"])
    assert attributes["ObjectParts"] == {"TotalPartsCount": 3}
    assert s3.get_object(**up.here)["Body"].read() == b"".join(datas)


def test_types_of_checksum_that_cannot_be(s3: Any, bucket: str, refused: Any) -> None:
    for kind, how in (("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")):
        answer = refused(
            s3.create_multipart_upload,
            Bucket=bucket,
            Key="k",
            ChecksumAlgorithm=kind,
            ChecksumType=how,
        )
        assert answer["Code"] == "InvalidRequest"


def test_size_of_the_whole(s3: Any, bucket: str) -> None:
    up = Uploading(s3, bucket)
    part = up.part(1, b"12345")
    with pytest.raises(s3.exceptions.ClientError, match="x-amz-mp-object-size"):
        up.complete(part, MpuObjectSize=6)
    up.complete(part, MpuObjectSize=5)


def test_aborted_uploads_are_gone(s3: Any, bucket: str, refused: Any) -> None:
    up = Uploading(s3, bucket)
    part = up.part(1, b"x")
    s3.abort_multipart_upload(**up.here, UploadId=up.id)
    again = refused(s3.abort_multipart_upload, **up.here, UploadId=up.id)
    assert (again["Code"], again["Status"]) == ("NoSuchUpload", 404)
    with pytest.raises(s3.exceptions.NoSuchUpload):
        up.complete(part)
    late = refused(s3.upload_part, **up.here, UploadId=up.id, PartNumber=1, Body=b"x")
    assert late["Code"] == "NoSuchUpload"


def test_parts_are_listed_in_pages(s3: Any, bucket: str) -> None:
    up = Uploading(s3, bucket)
    for number in (1, 3, 5, 7, 9):
        up.part(number, b"x" * number)
    pages = s3.get_paginator("list_parts").paginate(
        **up.here, UploadId=up.id, PaginationConfig={"PageSize": 2}
    )
    listed = [[(p["PartNumber"], p["Size"]) for p in page["Parts"]] for page in pages]
    assert listed == [[(1, 1), (3, 3)], [(5, 5), (7, 7)], [(9, 9)]]


def test_uploads_are_listed_in_pages(s3: Any, bucket: str) -> None:
    begun = [
        (key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])
        for key in ("a", "b/1", "b/2", "c", "c", "c", "d ü")
    ]
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 2}
    )
    assert [(u["Key"], u["UploadId"]) for page in pages for u in page["Uploads"]] == begun
    pages = list(
        s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}
        )
    )
    listed = [u["Key"] for page in pages for u in page.get("Uploads", [])]
    assert listed == ["a", "c", "c", "c", "d ü"]
    prefixes = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
    assert prefixes == ["b/"]


def test_completion_with_conditions(s3: Any, bucket: str) -> None:
    up = Uploading(s3, bucket)
    part = up.part(1, b"new")
    etag = s3.put_object(**up.here, Body=b"old")["ETag"]
    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        up.complete(part, IfNoneMatch="*")
    assert s3.get_object(**up.here)["Body"].read() == b"old"
    up.complete(part, IfMatch=etag)
    assert s3.get_object(**up.here)["Body"].read() == b"new"
