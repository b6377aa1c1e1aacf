"""Bodies against what their senders say of them, and how a request was signed in a condition."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.serving import ACCOUNT, RunningServer


@pytest.fixture
def bucket(client: Callable[..., Any], fresh_name: Callable[..., str]) -> str:
    name = fresh_name("integrity")
    client("s3").create_bucket(Bucket=name)
    return name


def delete(s3: Any, bucket: str, headers: dict[str, str]) -> Any:
    """DeleteObjects with these headers in place of the checksum that boto3 computes."""

    def change(request: Any, **_: Any) -> None:
        for name in [n for n in request.headers if n.lower().startswith("x-amz-checksum")]:
            del request.headers[name]
        for name, value in headers.items():
            request.headers[name] = value

    s3.meta.events.register("before-sign.s3.DeleteObjects", change)
    return s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-MD5": base64.b64encode(hashlib.md5(b"other").digest()).decode()}, "BadDigest"),
        ({"Content-MD5": "not base64"}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        ({"x-amz-checksum-sha256": "AAAA"}, "InvalidRequest"),
    ],
)
def test_a_body_that_is_not_what_was_promised(
    client: Callable[..., Any], bucket: str, headers: dict[str, str], code: str
) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError) as raised:
        delete(s3, bucket, headers)
    assert raised.value.response["Error"]["Code"] == code
    assert client("s3").head_object(Bucket=bucket, Key="k")["ContentLength"] == 1


def test_checksums_of_a_whole_upload_are_not_of_its_completion(
    client: Callable[..., Any], bucket: str
) -> None:
    s3 = client("s3")
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )["UploadId"]
    part = s3.upload_part(
        Bucket=bucket,
        Key="k",
        UploadId=upload,
        PartNumber=1,
        Body=b"abc",
        ChecksumAlgorithm="CRC32",
    )
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]
    done = s3.complete_multipart_upload(
        Bucket=bucket,
        Key="k",
        UploadId=upload,
        MultipartUpload={"Parts": parts},
        ChecksumCRC32=part["ChecksumCRC32"],
        ChecksumType="FULL_OBJECT",
    )
    assert done["ChecksumCRC32"] == part["ChecksumCRC32"]


def test_a_policy_can_refuse_presigned_links(
    server: RunningServer, client: Callable[..., Any], bucket: str
) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert urllib.request.urlopen(url).read() == b"x"
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/admin"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(url)
    assert raised.value.code == 403
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
