"""Refusals are S3's own sentences, which clients compare; `Detail` says what would be right."""

from __future__ import annotations

from typing import Any

import pytest

OBJECT = {"Bucket": "{bucket}", "Key": "k"}
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("create_bucket", {"Bucket": "Not-A-Bucket"}, "The specified bucket is not valid.", "a-z"),
    ("put_object", {**OBJECT, "Key": "k" * 1025}, "Your key is too long", ""),
    (
        "put_object",
        {**OBJECT, "Metadata": {"a": "x" * 2048}},
        "Your metadata headers exceed the maximum allowed metadata size",
        "",
    ),
    (
        "put_object",
        {**OBJECT, "ServerSideEncryption": "DES"},
        "The encryption method specified is not supported",
        "It is AES256.",
    ),
    (
        "put_object",
        {**OBJECT, "ChecksumCRC32": "AAAA"},
        "Value for x-amz-checksum-crc32 header is invalid.",
        "'AAAA' is not base64 of 4 bytes.",
    ),
    (
        "put_object",
        {**OBJECT, "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "short"},
        "The secret key was invalid for the specified algorithm.",
        "It is base64 of 32 bytes, not of 5.",
    ),
    (
        "get_object",
        {**OBJECT, "ExpectedBucketOwner": "210987654321"},
        "Access Denied",
        "The bucket does not belong to the expected account '210987654321'.",
    ),
    (
        "copy_object",
        {**OBJECT, "CopySource": "{bucket}/k", "MetadataDirective": "KEEP"},
        "Unknown metadata directive.",
        "It is COPY or REPLACE.",
    ),
    (
        "copy_object",
        {**OBJECT, "CopySource": "nothing"},
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        "",
    ),
    (
        "get_object_attributes",
        {**OBJECT, "ObjectAttributes": ["Colour"]},
        "Invalid attribute name specified.",
        "StorageClass",
    ),
    (
        "list_objects",
        {"Bucket": "{bucket}", "EncodingType": "html"},
        "Invalid Encoding Method specified in Request",
        "Only url is one.",
    ),
    (
        "list_objects_v2",
        {"Bucket": "{bucket}", "MaxKeys": -1},
        "Argument maxKeys must be an integer between 0 and 2147483647",
        "",
    ),
    (
        "upload_part",
        {**OBJECT, "PartNumber": 10001, "UploadId": "u"},
        "Part number must be an integer between 1 and 10000, inclusive",
        "",
    ),
    (
        "put_bucket_cors",
        {
            "Bucket": "{bucket}",
            "CORSConfiguration": {
                "CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}] * 101
            },
        },
        "The number of CORS rules should not exceed allowed limit of 100 rules.",
        "",
    ),
]


@pytest.mark.parametrize(("operation", "asked", "sentence", "detail"), CASES)
def test_sentences(
    s3: Any,
    bucket: str,
    refused: Any,
    operation: str,
    asked: dict[str, Any],
    sentence: str,
    detail: str,
) -> None:
    given = {
        name: value.format(bucket=bucket) if isinstance(value, str) else value
        for name, value in asked.items()
    }
    answer = refused(getattr(s3, operation), **given)
    assert answer["Message"] == sentence
    assert detail in answer.get("Detail", "")
