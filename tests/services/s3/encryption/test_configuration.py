"""Default encryption of buckets, the types they block, and policies about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.s3.encryption.test_customer_keys import KEY, customer

DEFAULT = {
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
    "BucketKeyEnabled": False,
}
BLOCK = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
UNBLOCK = {"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
SSE = "ServerSideEncryption"


def put(s3: Any, bucket: str, *rules: dict[str, Any]) -> None:
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": list(rules)}
    )


def rule(s3: Any, bucket: str) -> dict[str, Any]:
    (found,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return dict(found)


def test_every_bucket_has_one(s3: Any, bucket: str, refused: Any, anonymous: Any) -> None:
    assert rule(s3, bucket) == DEFAULT
    put(s3, bucket, {**DEFAULT, "BucketKeyEnabled": True})
    assert rule(s3, bucket) == {**DEFAULT, "BucketKeyEnabled": True}
    put(s3, bucket, DEFAULT | BLOCK)
    assert rule(s3, bucket) == DEFAULT | BLOCK
    put(s3, bucket, DEFAULT)
    assert rule(s3, bucket) == DEFAULT | BLOCK  # what is left out of it stays
    put(s3, bucket, UNBLOCK)
    assert rule(s3, bucket) == DEFAULT | UNBLOCK
    for _ in range(2):
        s3.delete_bucket_encryption(Bucket=bucket)
        assert rule(s3, bucket) == DEFAULT
    assert refused(anonymous.get_bucket_encryption, Bucket=bucket)["Code"] == "AccessDenied"
    assert refused(s3.get_bucket_encryption, Bucket=f"{bucket}-not")["Code"] == "NoSuchBucket"


def default(algorithm: str, **more: str) -> dict[str, Any]:
    return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **more}}


@pytest.mark.parametrize(
    ("rules", "code", "words"),
    [
        ([], "MalformedXML", "Rule"),
        ([DEFAULT, DEFAULT], "MalformedXML", "2 Rules"),
        ([default("DES")], "MalformedXML", "'DES'; it is AES256"),
        ([default("aws:kms")], "NotImplemented", "no KMS. Say AES256"),
        ([default("aws:kms:dsse", KMSMasterKeyID="k")], "NotImplemented", "'aws:kms:dsse'"),
        ([default("AES256", KMSMasterKeyID="k")], "InvalidArgument", "KMSMasterKeyID"),
        ([{"BlockedEncryptionTypes": {"EncryptionType": ["SSE-S3"]}}], "MalformedXML", "SSE-S3"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    s3: Any, bucket: str, refused: Any, rules: list[dict[str, Any]], code: str, words: str
) -> None:
    answer = refused(
        s3.put_bucket_encryption,
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": rules},
    )
    assert answer["Code"] == code
    assert words in answer["Message"] + answer.get("Detail", "")
    assert rule(s3, bucket) == DEFAULT


def test_a_bucket_can_block_the_keys_of_customers(s3: Any, bucket: str, refused: Any) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"before", **customer(KEY))
    begun = s3.create_multipart_upload(**here, **customer(KEY))["UploadId"]
    part = {**here, "UploadId": begun, "PartNumber": 1}
    etag = s3.upload_part(**part, Body=b"x", **customer(KEY))["ETag"]
    put(s3, bucket, BLOCK)
    source = {"CopySource": here, **customer(KEY, "CopySource")}
    for operation, arguments in (
        (s3.put_object, here | customer(KEY)),
        (s3.create_multipart_upload, here | customer(KEY)),
        (s3.copy_object, here | source | customer(KEY)),
        (s3.upload_part, {**part, "Body": b"y", **customer(KEY)}),
        (
            s3.complete_multipart_upload,
            {
                **here,
                "UploadId": begun,
                "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]},
            },
        ),
    ):
        answer = refused(operation, **arguments)
        assert (answer["Code"], answer["Status"]) == ("AccessDenied", 403)
        assert "this bucket has blocked upload requests that specify" in answer["Message"]
    assert s3.get_object(**here, **customer(KEY))["Body"].read() == b"before"
    assert s3.put_object(**here, Body=b"plain")[SSE] == "AES256"
    put(s3, bucket, UNBLOCK)
    s3.put_object(**here, Body=b"again", **customer(KEY))


def test_objects_in_place_are_copied_where_an_encryption_was_set(
    s3: Any, bucket: str, refused: Any
) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"x")
    assert refused(s3.copy_object, **here, CopySource=here)["Code"] == "InvalidRequest"
    assert s3.copy_object(**here, CopySource=here, **{SSE: "AES256"})[SSE] == "AES256"
    put(s3, bucket, DEFAULT)
    assert s3.copy_object(**here, CopySource=here)[SSE] == "AES256"
    assert s3.get_object(**here)["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({SSE: "aes:kms"}, "InvalidArgument"),
        ({SSE: "AES256", "SSEKMSKeyId": "alias/mine"}, "InvalidArgument"),
        ({"SSEKMSKeyId": "alias/mine"}, "InvalidArgument"),
        ({"SSEKMSEncryptionContext": "e30="}, "InvalidArgument"),
        ({SSE: "aws:kms"}, "NotImplemented"),
    ],
)
def test_encryption_that_objects_cannot_have(
    s3: Any, bucket: str, refused: Any, asked: dict[str, str], code: str
) -> None:
    for operation in (s3.put_object, s3.create_multipart_upload):
        assert refused(operation, Bucket=bucket, Key="k", **asked)["Code"] == code


def test_only_what_begins_an_object_is_asked_for_an_encryption(
    server: Any, bucket: str, refused: Any
) -> None:
    s3, here = server.client("s3"), {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"x")
    upload = {**here, "UploadId": s3.create_multipart_upload(**here)["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    s3.meta.events.register(
        "before-call.s3.*",
        lambda params, **_: params["headers"].update({"x-amz-server-side-encryption": "AES256"}),
    )
    for operation, arguments in (
        (s3.get_object, here),
        (s3.upload_part, {**upload, "PartNumber": 1, "Body": b"x"}),
        (s3.upload_part_copy, {**upload, "PartNumber": 1, "CopySource": here}),
        (s3.complete_multipart_upload, {**upload, "MultipartUpload": {"Parts": [part]}}),
    ):
        answer = refused(operation, **arguments)
        assert (answer["Code"], answer["ArgumentValue"]) == ("InvalidArgument", "AES256")
    assert refused(s3.head_object, **here)["Status"] == 400


def deny(s3: Any, bucket: str, *conditions: dict[str, Any]) -> None:
    statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": condition,
        }
        for condition in conditions
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def test_policies_deny_what_does_not_ask_for_encryption(
    s3: Any, bucket: str, user: Callable[..., Any], refused: Any
) -> None:
    key = "s3:x-amz-server-side-encryption"
    deny(s3, bucket, {"Null": {key: "true"}}, {"StringNotEquals": {key: "AES256"}})
    writer = user({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    here = {"Bucket": bucket, "Key": "k"}
    assert refused(writer.put_object, **here)["Code"] == "AccessDenied"
    assert refused(writer.put_object, **here, **{SSE: "aws:kms"})["Code"] == "AccessDenied"
    assert refused(writer.put_object, **here, **customer(KEY))["Code"] == "AccessDenied"
    writer.put_object(**here, **{SSE: "AES256"})
    assert refused(writer.create_multipart_upload, **here)["Code"] == "AccessDenied"
    begun = writer.create_multipart_upload(**here, **{SSE: "AES256"})["UploadId"]
    here["UploadId"] = begun
    etag = writer.upload_part(**here, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    writer.complete_multipart_upload(**here, MultipartUpload=parts)


def test_policies_deny_what_brings_no_key(
    s3: Any, bucket: str, user: Callable[..., Any], refused: Any
) -> None:
    key = "s3:x-amz-server-side-encryption-customer-algorithm"
    deny(s3, bucket, {"Null": {key: "true"}}, {"StringNotEquals": {key: "AES256"}})
    writer = user({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    here = {"Bucket": bucket, "Key": "k"}
    assert refused(writer.put_object, **here)["Code"] == "AccessDenied"
    other = {**customer(KEY), "SSECustomerAlgorithm": "AES192"}
    assert refused(writer.put_object, **here, **other)["Code"] == "AccessDenied"
    writer.put_object(**here, **customer(KEY))
