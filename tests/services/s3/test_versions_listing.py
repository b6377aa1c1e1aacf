"""ListObjectVersions as clients see it."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def put(s3: Any, bucket: str, *keys: str) -> list[str]:
    return [s3.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"] for key in keys]


def test_an_unversioned_bucket_lists_null_versions(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")
    answer = s3.list_object_versions(Bucket=bucket)
    (entry,) = answer["Versions"]
    assert (entry["VersionId"], entry["IsLatest"], entry["Size"]) == ("null", True, 3)
    assert entry["ETag"] == s3.head_object(Bucket=bucket, Key="k")["ETag"]
    assert entry["StorageClass"] == "STANDARD"
    assert entry["ChecksumAlgorithm"] == ["CRC32"]
    assert (answer["IsTruncated"], answer["MaxKeys"]) == (False, 1000)
    assert (answer["KeyMarker"], answer["VersionIdMarker"]) == ("", "")
    assert "NextKeyMarker" not in answer


def test_pages_tell_where_they_end(s3: Any, versioned: str) -> None:
    first, second, third = put(s3, versioned, "a", "a", "b")
    page = s3.list_object_versions(Bucket=versioned, MaxKeys=1)
    assert [one["VersionId"] for one in page["Versions"]] == [second]
    assert (page["NextKeyMarker"], page["NextVersionIdMarker"]) == ("a", second)
    page = s3.list_object_versions(
        Bucket=versioned, MaxKeys=1, KeyMarker="a", VersionIdMarker=second
    )
    assert [(one["VersionId"], one["IsLatest"]) for one in page["Versions"]] == [(first, False)]
    assert (page["KeyMarker"], page["VersionIdMarker"]) == ("a", second)
    page = s3.list_object_versions(Bucket=versioned, KeyMarker="a")
    assert [one["VersionId"] for one in page["Versions"]] == [third]
    assert page["IsTruncated"] is False
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=versioned, PaginationConfig={"PageSize": 1}
    )
    found = [one["VersionId"] for page in pages for one in page["Versions"]]
    assert found == [second, first, third]
    whole = s3.list_object_versions(Bucket=versioned, KeyMarker="", VersionIdMarker="")
    assert len(whole["Versions"]) == 3
    none = s3.list_object_versions(Bucket=versioned, MaxKeys=0)
    assert ("Versions" in none, none["IsTruncated"]) == (False, False)


def test_which_marker_is_the_latest(s3: Any, versioned: str) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    older, newer = (s3.delete_object(**here)["VersionId"] for _ in range(2))
    below = {"KeyMarker": "k", "VersionIdMarker": newer}

    def latest(**asked: Any) -> list[tuple[str, bool]]:
        answer = s3.list_object_versions(Bucket=versioned, **asked)
        return [(one["VersionId"], one["IsLatest"]) for one in answer["DeleteMarkers"]]

    assert latest() == [(newer, True), (older, False)]
    assert latest(**below) == [(older, False)]
    s3.delete_object(**here, VersionId=newer)
    assert latest(**below) == [(older, True)]


def test_in_xml_markers_stand_between_versions(s3: Any, versioned: str) -> None:
    put(s3, versioned, "a", "b", "b", "c/1")
    for key in ("a", "b"):
        s3.delete_object(Bucket=versioned, Key=key)
    bodies: list[bytes] = []
    s3.meta.events.register(
        "before-parse.s3.ListObjectVersions",
        lambda response_dict, **_: bodies.append(response_dict["body"]),
    )
    s3.list_object_versions(Bucket=versioned, Delimiter="/")
    tags = re.findall(rb"<(Version|DeleteMarker|CommonPrefixes)>", bodies[0])
    assert tags == [
        *(b"DeleteMarker", b"Version"),
        *(b"DeleteMarker", b"Version", b"Version"),
        b"CommonPrefixes",
    ]


def test_delimiters_roll_up_versions_and_markers(s3: Any, versioned: str) -> None:
    put(s3, versioned, "a/1", "a/1", "b", "c/1")
    s3.delete_object(Bucket=versioned, Key="c/1")
    s3.delete_object(Bucket=versioned, Key="d/never")
    answer = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    prefixes = [one["Prefix"] for one in answer["CommonPrefixes"]]
    assert prefixes == ["a/", "c/", "d/"]
    assert [one["Key"] for one in answer["Versions"]] == ["b"]
    assert "DeleteMarkers" not in answer
    page = s3.list_object_versions(Bucket=versioned, Delimiter="/", MaxKeys=1)
    assert (page["NextKeyMarker"], "NextVersionIdMarker" in page) == ("a/", False)
    page = s3.list_object_versions(Bucket=versioned, Delimiter="/", KeyMarker="a/", MaxKeys=2)
    assert [one["Key"] for one in page["Versions"]] == ["b"]
    assert [one["Prefix"] for one in page["CommonPrefixes"]] == ["c/"]
    inside = s3.list_object_versions(Bucket=versioned, Prefix="c/", Delimiter="/")
    assert (len(inside["Versions"]), len(inside["DeleteMarkers"])) == (1, 1)


def test_keys_are_encoded_on_request(s3: Any, versioned: str) -> None:
    put(s3, versioned, "ä b/+", "ä b/+")
    seen: dict[str, bytes] = {}
    s3.meta.events.register(
        "after-call.s3.ListObjectVersions",
        lambda http_response, **_: seen.update(body=http_response.content),
    )
    answer = s3.list_object_versions(Bucket=versioned, MaxKeys=1)
    assert answer["Versions"][0]["Key"] == answer["NextKeyMarker"] == "ä b/+"
    assert seen["body"].count(b">%C3%A4%20b/%2B<") == 2


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"VersionIdMarker": "0" * 32}, "version-id-marker"),
        ({"KeyMarker": "k", "VersionIdMarker": ""}, "version-id-marker"),
        ({"KeyMarker": "k", "VersionIdMarker": "no-id"}, "version-id-marker"),
        ({"MaxKeys": -1}, "max-keys"),
        ({"EncodingType": "base64"}, "encoding-type"),
    ],
)
def test_what_cannot_be_listed(
    s3: Any, bucket: str, refused: Any, asked: dict[str, Any], name: str
) -> None:
    answer = refused(s3.list_object_versions, Bucket=bucket, **asked)
    assert (answer["Code"], answer["ArgumentName"]) == ("InvalidArgument", name)
