"""Objects under keys that their owners send along."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from inhouse.services.s3.encryption.segments import SEGMENT

KEY, OTHER = b"k" * 32, b"o" * 32
SMALL, LARGE = b"small " * 10, os.urandom(2 * SEGMENT + 100)
NAMES = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
HEADERS = dict(
    zip(
        NAMES,
        (f"x-amz-server-side-encryption-customer-{n}" for n in ("algorithm", "key", "key-MD5")),
        strict=True,
    )
)


def customer(key: bytes, prefix: str = "") -> dict[str, Any]:
    """The members of a request with a customer's key, as they go over the wire."""
    md5 = base64.b64encode(hashlib.md5(key).digest()).decode()
    text = base64.b64encode(key).decode()
    return dict(zip((prefix + name for name in NAMES), ("AES256", text, md5), strict=True))


def told(answer: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(answer.get(name) for name in (*NAMES, "ServerSideEncryption"))


OWN = ("AES256", None, customer(KEY)["SSECustomerKeyMD5"], None)


@pytest.mark.parametrize("body", [b"", SMALL, LARGE], ids=["none", "small", "large"])
def test_who_has_the_key_reads(s3: Any, bucket: str, refused: Any, body: bytes) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    written = s3.put_object(**here, Body=body, **customer(KEY))
    read = s3.get_object(**here, **customer(KEY))
    assert read["Body"].read() == body
    assert told(written) == told(read) == told(s3.head_object(**here, **customer(KEY))) == OWN
    assert written["ETag"] == read["ETag"] != f'"{hashlib.md5(body).hexdigest()}"'
    for method in (s3.get_object, s3.head_object):
        assert refused(method, **here)["Status"] == 400
        assert refused(method, **here, **customer(OTHER))["Status"] == 403
        for key in (b"short", KEY + b"\0"):
            assert refused(method, **here, **customer(key))["Status"] == 403
    assert refused(s3.get_object, **here)["Code"] == "InvalidRequest"
    assert refused(s3.get_object, **here, **customer(OTHER))["Code"] == "AccessDenied"
    attributes = {**here, "ObjectAttributes": ["ObjectSize"]}
    assert refused(s3.get_object_attributes, **attributes)["Code"] == "InvalidRequest"
    found = s3.get_object_attributes(**attributes, **customer(KEY))
    assert found["ObjectSize"] == len(body)
    if body:
        part = s3.get_object(**here, **customer(KEY), Range=f"bytes=1-{len(body) - 2}")
        assert part["Body"].read() == body[1:-1]
    s3.delete_object(**here)


def test_boto3_codes_the_key_by_itself(s3: Any, bucket: str) -> None:
    asked = {"Bucket": bucket, "Key": "k", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY}
    s3.put_object(**asked, Body=b"x")
    assert s3.get_object(**asked)["Body"].read() == b"x"


def test_readers_may_leave_the_md5_out(s3: Any, bucket: str, server: Any) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", **customer(KEY))
    bare = without(server, "x-amz-server-side-encryption-customer-key-MD5")
    assert bare.get_object(Bucket=bucket, Key="k", **customer(KEY))["Body"].read() == b"x"


def without(server: Any, header: str) -> Any:
    """A client that leaves a header out after it was built."""

    def leave_out(params: dict[str, Any], **_: Any) -> None:
        params["headers"].pop(header, None)

    s3 = server.client("s3")
    s3.meta.events.register("before-call.s3.*", leave_out)
    return s3


def test_a_key_for_what_needs_none(s3: Any, bucket: str, refused: Any) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"x")
    for method in (s3.get_object, s3.head_object):
        assert refused(method, **here, **customer(KEY))["Status"] == 400
    answer = refused(s3.get_object, **here, **customer(KEY))
    assert (answer["Code"], "not applicable" in answer["Message"]) == ("InvalidRequest", True)
    source = {"CopySource": here, **customer(KEY, "CopySource")}
    answer = refused(s3.copy_object, Bucket=bucket, Key="c", **source)
    assert (answer["Code"], answer["Status"]) == ("InvalidRequest", 400)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"SSECustomerAlgorithm": "AES128"}, "InvalidEncryptionAlgorithmError", "AES256"),
        ({"SSECustomerAlgorithm": None}, "InvalidArgument", "valid encryption algorithm"),
        ({"SSECustomerKey": None}, "InvalidArgument", "an appropriate secret key"),
        ({"SSECustomerKeyMD5": None}, "InvalidArgument", "the client calculated MD5"),
        ({"SSECustomerKeyMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "InvalidArgument", "did not match"),
        (customer(b"short"), "InvalidArgument", "invalid for the specified algorithm"),
        ({"SSECustomerKey": "no base64!"}, "InvalidArgument", "did not match"),
        ({"ServerSideEncryption": "AES256"}, "InvalidArgument", "incompatible"),
        ({"ServerSideEncryption": "aws:kms"}, "InvalidArgument", "incompatible"),
    ],
)
def test_half_a_key_is_refused(
    server: Any, bucket: str, refused: Any, change: dict[str, Any], code: str, words: str
) -> None:
    left_out = [HEADERS[name] for name, value in change.items() if value is None]
    s3 = without(server, left_out[0]) if left_out else server.client("s3")
    asked = customer(KEY) | {name: value for name, value in change.items() if value is not None}
    for operation in (s3.put_object, s3.create_multipart_upload):
        answer = refused(operation, Bucket=bucket, Key="k", **asked)
        assert (answer["Code"], answer["Status"]) == (code, 400)
        assert words in answer["Message"]
        assert asked["SSECustomerKey"] not in json.dumps(answer)


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
def test_copies_between_modes(s3: Any, bucket: str, refused: Any, body: bytes) -> None:
    modes: dict[str, bytes | None] = {"server": None, "own": KEY, "other": OTHER}

    def of(key: bytes | None, prefix: str = "") -> dict[str, Any]:
        return {} if key is None else customer(key, prefix)

    for name, key in modes.items():
        s3.put_object(Bucket=bucket, Key=name, Body=body, **of(key))
    for name, key in modes.items():
        source = {"CopySource": {"Bucket": bucket, "Key": name}, **of(key, "CopySource")}
        for to, target in modes.items():
            here = {"Bucket": bucket, "Key": f"{name}-{to}"}
            copied = s3.copy_object(**here, **source, **of(target))
            read = s3.get_object(**here, **of(target))
            assert read["Body"].read() == body
            assert told(copied) == told(read)
            plain = copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
            assert plain == (target is None)
    here, source = {"Bucket": bucket, "Key": "c"}, {"CopySource": f"{bucket}/own"}
    assert refused(s3.copy_object, **here, **source)["Code"] == "InvalidRequest"
    wrong = refused(s3.copy_object, **here, **source, **customer(OTHER, "CopySource"))
    assert (wrong["Code"], wrong["Status"]) == ("AccessDenied", 403)
    own = {"Bucket": bucket, "Key": "own"}
    s3.copy_object(**own, **source, **customer(KEY, "CopySource"), **customer(OTHER))
    assert s3.get_object(**own, **customer(OTHER))["Body"].read() == body


def begin(s3: Any, bucket: str, **more: Any) -> dict[str, Any]:
    here = {"Bucket": bucket, "Key": "k"}
    return {**here, "UploadId": s3.create_multipart_upload(**here, **more)["UploadId"]}


def test_uploads_in_parts(s3: Any, bucket: str, refused: Any) -> None:
    first, second = os.urandom((5 << 20) + 1), os.urandom(100)
    upload = begin(s3, bucket, **customer(KEY))
    s3.put_object(Bucket=bucket, Key="source", Body=second, **customer(OTHER))
    source = {"CopySource": f"{bucket}/source", **customer(OTHER, "CopySource")}
    part = s3.upload_part(**upload, PartNumber=1, Body=first, **customer(KEY))
    copied = s3.upload_part_copy(**upload, PartNumber=2, **source, **customer(KEY))
    assert told(part) == told(copied) == OWN
    for arguments, words in (
        ({}, "must include the appropriate encryption parameters"),
        (customer(OTHER), "did not match the ones used originally"),
    ):
        for operation, more in ((s3.upload_part, {"Body": b"x"}), (s3.upload_part_copy, source)):
            answer = refused(operation, **upload, PartNumber=1, **more, **arguments)
            assert (answer["Code"], answer["Status"]) == ("InvalidRequest", 400)
            assert words in answer["Message"]
    etags = [part["ETag"], copied["CopyPartResult"]["ETag"]]
    parts = {"Parts": [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]}
    wrong = refused(
        s3.complete_multipart_upload, **upload, MultipartUpload=parts, **customer(OTHER)
    )
    assert (wrong["Code"], wrong["Status"]) == ("InvalidRequest", 400)
    assert len(s3.list_parts(**upload)["Parts"]) == 2
    s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    here = {"Bucket": bucket, "Key": "k", **customer(KEY)}
    read = s3.get_object(**here)
    assert read["Body"].read() == first + second
    assert told(read) == OWN
    seam = len(first)
    assert s3.get_object(**here, Range=f"bytes={seam - 9}-{seam + 9}")["Body"].read() == (
        first[-9:] + second[:10]
    )
    assert s3.get_object(**here, PartNumber=2)["Body"].read() == second
    assert refused(s3.get_object, Bucket=bucket, Key="k")["Code"] == "InvalidRequest"


def test_uploads_begun_without_a_key_take_none(s3: Any, bucket: str, refused: Any) -> None:
    upload = begin(s3, bucket)
    answer = refused(s3.upload_part, **upload, PartNumber=1, Body=b"x", **customer(KEY))
    assert (answer["Code"], answer["Status"]) == ("InvalidRequest", 400)
    etag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    answer = refused(s3.complete_multipart_upload, **upload, MultipartUpload=parts, **customer(KEY))
    assert answer["Code"] == "InvalidRequest"


def test_uploads_with_a_checksum_are_completed_with_their_key(
    s3: Any, bucket: str, refused: Any
) -> None:
    upload = begin(s3, bucket, ChecksumAlgorithm="SHA256", **customer(KEY))
    part = s3.upload_part(
        **upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256", **customer(KEY)
    )
    listed = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
    whole = {**upload, "MultipartUpload": {"Parts": [listed]}}
    assert refused(s3.complete_multipart_upload, **whole)["Code"] == "InvalidArgument"
    s3.complete_multipart_upload(**whole, **customer(KEY))
    assert s3.get_object(Bucket=bucket, Key="k", **customer(KEY))["Body"].read() == b"x"


def test_each_version_has_its_own_key(s3: Any, bucket: str, refused: Any) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    here = {"Bucket": bucket, "Key": "k"}
    first = s3.put_object(**here, Body=b"1", **customer(KEY))["VersionId"]
    second = s3.put_object(**here, Body=b"2", **customer(OTHER))["VersionId"]
    assert s3.get_object(**here, VersionId=first, **customer(KEY))["Body"].read() == b"1"
    assert s3.get_object(**here, VersionId=second, **customer(OTHER))["Body"].read() == b"2"
    wrong = refused(s3.get_object, **here, VersionId=first, **customer(OTHER))
    assert wrong["Code"] == "AccessDenied"
    back = s3.copy_object(
        **here,
        CopySource={**here, "VersionId": first},
        **customer(KEY, "CopySource"),
        **customer(KEY),
    )
    assert back["CopySourceVersionId"] == first
    assert s3.get_object(**here, **customer(KEY))["Body"].read() == b"1"


@pytest.mark.parametrize("signature", ["s3v4", "s3"])
def test_presigned_urls(server: Any, bucket: str, signature: str) -> None:
    from botocore.config import Config

    s3 = server.client("s3", config=Config(signature_version=signature))
    here = {"Bucket": bucket, "Key": "k", **customer(KEY)}
    headers = {HEADERS[name]: value for name, value in customer(KEY).items()}
    given = headers if signature == "s3v4" else {}
    assert httpx.put(s3.generate_presigned_url("put_object", here), content=b"x", headers=given)
    url = s3.generate_presigned_url("get_object", here)
    answer = httpx.get(url, headers=given)
    assert (answer.status_code, answer.content) == (200, b"x")
    if signature == "s3v4":
        other = {HEADERS[name]: value for name, value in customer(OTHER).items()}
        assert httpx.get(url, headers=other).status_code == 403
        assert httpx.get(url).status_code == 403


def test_browsers_bring_keys_too(s3: Any, bucket: str) -> None:
    fields = {HEADERS[name].lower(): value for name, value in customer(KEY).items()}
    conditions = [["starts-with", f"${name}", ""] for name in fields]
    post = s3.generate_presigned_post(bucket, "k", Fields=fields, Conditions=conditions)
    answer = httpx.post(post["url"], data=post["fields"], files={"file": b"bar"})
    assert answer.status_code == 204
    assert answer.headers["x-amz-server-side-encryption-customer-algorithm"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="k", **customer(KEY))["Body"].read() == b"bar"


def test_keys_are_kept_nowhere(durable_server: Callable[..., Any]) -> None:
    key = os.urandom(32)
    forms = [key, base64.b64encode(key), key.hex().encode()]
    server = durable_server(INHOUSE_LOG_LEVEL="debug")
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    here = {"Bucket": "kept", "Key": "k"}
    for body in (SMALL, LARGE):
        s3.put_object(**here, Body=body, **customer(key))
        s3.get_object(**here, **customer(key))["Body"].read()
        s3.copy_object(**here, CopySource=here, **customer(key, "CopySource"), **customer(key))
    upload = begin(s3, "kept", **customer(key))
    s3.upload_part(**upload, PartNumber=1, Body=b"x", **customer(key))
    httpx.get(s3.generate_presigned_url("get_object", {**here, **customer(key)}))
    with pytest.raises(Exception, match="did not match"):
        s3.put_object(**here, Body=b"x", **{**customer(key), "SSECustomerKeyMD5": "AAAA"})
    server.stop()
    files = [path.read_bytes() for path in server.data.rglob("*") if path.is_file()]
    for form in forms:
        assert not [stored for stored in (*files, server.log.encode()) if form in stored]
        assert SMALL not in b"".join(files)
