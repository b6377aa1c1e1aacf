"""What presigned URLs are good for, and what cannot be added to them."""

from __future__ import annotations

from collections.abc import Callable
from email.header import decode_header, make_header
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from botocore.config import Config

from tests.services.s3.conftest import code
from tests.serving import RunningServer

Presign = Callable[..., str]


@pytest.fixture
def old(server: RunningServer) -> Any:
    """A client that signs by version 2."""
    return server.client("s3", config=Config(signature_version="s3"))


@pytest.fixture
def new(server: RunningServer) -> Callable[..., Presign]:
    """`new(**headers)` presigns by version 4, as SDKs do that put headers into the query."""

    def make(**headers: str) -> Presign:
        s3 = server.client("s3", config=Config(signature_version="s3v4"))

        def add(request: Any, **_: Any) -> None:
            for name in headers:
                del request.headers[name]
            mark = "&" if "?" in request.url else "?"
            request.url = f"{request.url}{mark}{urlencode(headers, quote_via=quote)}"

        s3.meta.events.register("before-sign.s3", add)
        presign: Presign = s3.generate_presigned_url
        return presign

    return make


@pytest.mark.parametrize(
    "added",
    [
        "X-Amz-Acl=public-read",
        "X-amz-acl=public-read",
        "x-amz-Acl=public-read",
        "x-amz-acl=public-read",
        "X%2DAmz-Acl=public-read",
        "X-Amz-Grant-Read=uri%3D%22http://acs.amazonaws.com/groups/global/AllUsers%22",
        "X-Amz-Tagging=public%3Dyes",
        "X-Amz-Server-Side-Encryption-Customer-Algorithm=AES256",
        "X-Amz-Copy-Source=other/key",
        "X-Amz-Meta-B=2",
    ],
)
def test_version_2_takes_no_header_that_it_does_not_sign(
    s3: Any, old: Any, bucket: str, added: str
) -> None:
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.delete_public_access_block(Bucket=bucket)
    named = {"Bucket": bucket, "Key": "k"}
    url = old.generate_presigned_url("put_object", {**named, "Metadata": {"a": "1"}})
    for changed in (f"{url}&{added}", url.replace("?", f"?{added}&")):
        answer = httpx.put(changed, content=b"x")
        assert answer.status_code in (200, 403)
        if answer.status_code == 403:
            assert code(answer) == "SignatureDoesNotMatch"
            continue
        head = s3.head_object(**named)
        assert (head["Metadata"], head.get("TagCount")) == ({"a": "1"}, None)
        assert "SSECustomerAlgorithm" not in head
        assert len(s3.get_object_acl(**named)["Grants"]) == 1
        assert s3.get_object(**named)["Body"].read() == b"x"


@pytest.mark.parametrize("where", ["before", "behind"])
def test_a_second_value_is_not_another_one(s3: Any, old: Any, bucket: str, where: str) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    url = old.generate_presigned_url("put_object", {**named, "StorageClass": "STANDARD_IA"})
    added = "x-amz-storage-class=GLACIER_IR"
    changed = url.replace("?", f"?{added}&") if where == "before" else f"{url}&{added}"
    assert httpx.put(changed, content=b"x").status_code == (403 if where == "before" else 200)
    if where == "behind":
        assert s3.head_object(**named)["StorageClass"] == "STANDARD_IA"


def test_version_2_brings_type_and_digest(s3: Any, old: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    given = {"ContentType": "text/x", "ContentMD5": "ndTkYSaMgDT1yFZOFVxnpg=="}
    url = old.generate_presigned_url("put_object", {**named, **given})
    assert code(httpx.put(url, content=b"other")) == "BadDigest"
    sent = httpx.put(url, content=b"x", headers={"content-type": "text/html"})
    assert code(sent) == "SignatureDoesNotMatch"
    assert httpx.put(url, content=b"x").status_code == 200
    assert s3.head_object(**named)["ContentType"] == "text/x"


@pytest.mark.parametrize("name", ["a b", "a:b", "a\r\nb", "a\0", "ä", "a(b)"])
def test_names_that_no_header_has(
    s3: Any, old: Any, new: Callable[..., Presign], bucket: str, name: str, refused: Any
) -> None:
    named, header = {"Bucket": bucket, "Key": "k"}, f"x-amz-meta-{name}"
    by_hand = quote(header, safe="-")
    for url in (
        new(**{header: "1"})("put_object", named),
        f"{old.generate_presigned_url('put_object', named)}&{by_hand}=1",
    ):
        answer = httpx.put(url, content=b"x")
        assert (answer.status_code, code(answer)) == (400, "InvalidArgument")
        assert "x-amz-meta-a" in answer.text or name == "ä"
    assert refused(s3.get_object, **named)["Code"] == "NoSuchKey"


@pytest.mark.parametrize("value", ["a\r\nb", "a\0", "\x7f"])
def test_values_that_no_header_has(new: Callable[..., Presign], bucket: str, value: str) -> None:
    url = new(**{"x-amz-meta-a": value})("put_object", {"Bucket": bucket, "Key": "k"})
    answer = httpx.put(url, content=b"x")
    assert (answer.status_code, code(answer)) == (400, "InvalidArgument")
    assert "<ArgumentName>x-amz-meta-a</ArgumentName>" in answer.text


def test_values_beyond_ascii_are_those_of_a_header(
    s3: Any, new: Callable[..., Presign], bucket: str
) -> None:
    """Which is UTF-8, and not taken for latin-1 that means UTF-8 once more."""
    named, text = {"Bucket": bucket, "Key": "k"}, "Ã©"
    url = new(**{"x-amz-meta-a": text})("put_object", named)
    assert httpx.put(url, content=b"x").status_code == 200
    kept = s3.head_object(**named)["Metadata"]["a"]
    assert str(make_header(decode_header(kept))) == text


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_copies(s3: Any, old: Any, new: Callable[..., Presign], bucket: str, version: str) -> None:
    """The header that makes a write a copy stands in the query, too."""
    s3.put_object(Bucket=bucket, Key="a b", Body=b"source")
    target = {"Bucket": bucket, "Key": "copy"}
    source = {"x-amz-copy-source": f"{bucket}/a%20b"}
    presign = old.generate_presigned_url if version == "s3" else new(**source)
    copied = {**target, "CopySource": {"Bucket": bucket, "Key": "a b"}}
    answer = httpx.put(presign("copy_object", dict(copied)))  # botocore changes it
    assert (answer.status_code, "<CopyObjectResult" in answer.text) == (200, True)
    assert s3.get_object(**target)["Body"].read() == b"source"
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}
    part = {**copied, "UploadId": upload["UploadId"], "PartNumber": 1}
    answer = httpx.put(presign("upload_part_copy", part))
    assert (answer.status_code, "<CopyPartResult" in answer.text) == (200, True)
    assert [one["Size"] for one in s3.list_parts(**upload)["Parts"]] == [6]


def test_a_copy_needs_the_right_to_its_source(
    s3: Any, server: RunningServer, user: Any, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="secret", Body=b"source")
    put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/copy"}
    writer = user(put)
    config = Config(signature_version="s3")
    keys = writer._request_signer._credentials
    presigning = server.client(
        "s3",
        config=config,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
    )
    copied = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/secret"}
    answer = httpx.put(presigning.generate_presigned_url("copy_object", copied))
    assert (answer.status_code, code(answer)) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("method", "operation", "key", "added"),
    [
        ("GET", "list_objects", "", "encryption"),
        ("GET", "list_objects", "", "policyStatus"),
        ("GET", "list_objects", "", "publicAccessBlock="),
        ("GET", "get_object", "k", "attributes"),
        ("GET", "get_object", "k", "legal-hold"),
        ("PUT", "put_object", "k", "retention"),
        ("PUT", "create_bucket", "", "encryption"),
        ("DELETE", "delete_bucket", "", "encryption"),
        ("DELETE", "delete_bucket", "", "ownershipControls"),
        ("DELETE", "delete_bucket", "", "publicAccessBlock"),
        ("GET", "get_bucket_encryption", "", ""),
    ],
)
def test_version_2_is_good_for_no_other_operation(
    s3: Any, old: Any, bucket: str, method: str, operation: str, key: str, added: str
) -> None:
    named = {"Bucket": bucket, **({"Key": key} if key else {})}
    if key:
        s3.put_object(**named, Body=b"x")
    url = old.generate_presigned_url(operation, named)
    for changed in (f"{url}&{added}", url.replace("?", f"?{added}&")):
        answer = httpx.request(method, changed)
        assert (answer.status_code, code(answer)) == (403, "AccessDenied")
        assert f"does not cover {added.strip('=') or 'encryption'}." in answer.text
    s3.head_bucket(Bucket=bucket)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]


def test_what_version_2_signs_it_is_good_for(s3: Any, old: Any, bucket: str) -> None:
    named = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**named, Body=b"x", Tagging="t=1")
    for operation, given in (
        ("get_object_tagging", named),
        ("list_objects_v2", {"Bucket": bucket}),
        ("list_object_versions", {"Bucket": bucket}),
        ("get_bucket_location", {"Bucket": bucket}),
        ("list_multipart_uploads", {"Bucket": bucket}),
    ):
        assert httpx.get(old.generate_presigned_url(operation, given)).status_code == 200


def test_requests_signed_by_version_2_in_a_header_do_it_all(s3: Any, old: Any, bucket: str) -> None:
    """botocore signs no more of them: they are its own, and short-lived."""
    assert old.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert old.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert old.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    found = old.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    assert found["ObjectSize"] == 1
    old.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert old.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"x"
