"""Keys of every kind: put, got, copied, listed and deleted as they are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEYS = [
    *("/", "//", "/a", "a/", "a//b", " ", "  a ", "a b+c%d"),
    *("%", "%20", "%2F", "a%2Fb", "%00", "%%", "+", "#", "?", "?a=b", "&", "=", "@", ":", ";"),
    *("!", "~", "*", "'", '"', "`", "<x>", "[", "]", "{}", "|", "\\", "^", "$", ","),
    *("\n", "\r", "\r\n", "\t", "\x01", "\x7f", "é", "日本語", "😀", "\u200b", "\u202e", "\uffff"),
    *("index.html?x#y", "WriteGetObjectResponse", "_", "x" * 1024, "é" * 512),
]
DOTS = [".", "..", "./a", "../a", "a/.", "a/..", "a/../b", "a/./b", "..."]


def round_trip(s3: Any, bucket: str, key: str) -> None:
    place = {"Bucket": bucket, "Key": key}
    body = key.encode()
    s3.put_object(**place, Body=body)
    assert s3.get_object(**place)["Body"].read() == body
    s3.copy_object(Bucket=bucket, Key="a copy", CopySource=place)
    assert s3.get_object(Bucket=bucket, Key="a copy")["Body"].read() == body
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
    assert key in [one["Key"] for one in listed]


@pytest.mark.parametrize("key", [*KEYS, *DOTS], ids=range(len(KEYS + DOTS)))
def test_a_key_is_kept_as_it_is(s3: Any, bucket: str, key: str) -> None:
    round_trip(s3, bucket, key)
    if key not in DOTS:  # HTTP libraries resolve these in addresses
        url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
        assert httpx.get(url).content == key.encode()
    s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_key(s3: Any, bucket: str, key: str) -> None:
    round_trip(s3, bucket, key)


def test_all_of_them_in_one_bucket(s3: Any, bucket: str) -> None:
    keys = sorted(key for key in KEYS + DOTS if key not in ("\x01", "\uffff"))  # no XML has them
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in (s3.list_objects, s3.list_objects_v2):
        assert [one["Key"] for one in operation(Bucket=bucket)["Contents"]] == keys
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [one["Key"] for one in versions] == keys
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("key", ["x" * 1025, "é" * 513])
def test_keys_that_are_too_long(s3: Any, bucket: str, refused: Any, key: str) -> None:
    for operation in (s3.put_object, s3.get_object, s3.delete_object):
        answer = refused(operation, Bucket=bucket, Key=key)
        assert (answer["Code"], answer["MaxSizeAllowed"]) == ("KeyTooLongError", "1024")
