from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

KEYS = ["a.txt", "docs/1", "docs/2", "docs/more/3", "z+ plus", "é", "\uffff", "\U0001f600"]


@pytest.fixture
def full(s3: Any, bucket: str) -> str:
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_all_keys_in_pages(s3: Any, full: str, operation: str, size: int) -> None:
    pages = s3.get_paginator(operation).paginate(Bucket=full, PaginationConfig={"PageSize": size})
    assert [one["Key"] for page in pages for one in page.get("Contents", [])] == KEYS


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_folders_in_pages(s3: Any, full: str, operation: str, size: int) -> None:
    pages = list(
        s3.get_paginator(operation).paginate(
            Bucket=full, Delimiter="/", PaginationConfig={"PageSize": size}
        )
    )
    assert [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])] == ["docs/"]
    keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
    assert keys == [key for key in KEYS if "/" not in key]


def test_prefix_and_start_after(s3: Any, full: str) -> None:
    answer = s3.list_objects_v2(Bucket=full, Prefix="docs/", StartAfter="docs/1", FetchOwner=True)
    assert [one["Key"] for one in answer["Contents"]] == ["docs/2", "docs/more/3"]
    assert (answer["StartAfter"], answer["KeyCount"], answer["Prefix"]) == ("docs/1", 2, "docs/")
    assert len(answer["Contents"][0]["Owner"]["ID"]) == 64
    assert answer["Contents"][0]["Size"] == 6
    deeper = s3.list_objects_v2(Bucket=full, Prefix="docs/", Delimiter="/")
    assert [one["Prefix"] for one in deeper["CommonPrefixes"]] == ["docs/more/"]


def test_markers_of_the_first_version(s3: Any, full: str) -> None:
    first = s3.list_objects(Bucket=full, MaxKeys=2, Delimiter="/")
    assert (first["IsTruncated"], first["NextMarker"]) == (True, "docs/")
    second = s3.list_objects(Bucket=full, Marker=first["NextMarker"], Delimiter="/")
    assert [one["Key"] for one in second["Contents"]] == KEYS[4:]
    assert "NextMarker" not in s3.list_objects(Bucket=full, MaxKeys=2)
    assert second["Contents"][0]["Owner"]["ID"]


def test_edges(s3: Any, full: str, refused: Callable[..., Any]) -> None:
    nothing = s3.list_objects_v2(Bucket=full, MaxKeys=0)
    assert (nothing["KeyCount"], nothing["IsTruncated"]) == (0, False)
    assert s3.list_objects_v2(Bucket=full, MaxKeys=5000)["MaxKeys"] == 1000
    assert s3.list_objects_v2(Bucket=full, Prefix="none")["KeyCount"] == 0
    first = s3.list_objects_v2(Bucket=full, MaxKeys=1)
    token = {"ContinuationToken": first["NextContinuationToken"]}
    assert "StartAfter" not in s3.list_objects_v2(Bucket=full, StartAfter="a", **token)
    for arguments in ({"MaxKeys": -1}, {"ContinuationToken": "nonsense"}, {"EncodingType": "hex"}):
        answer = refused(s3.list_objects_v2, Bucket=full, **arguments)
        assert (answer["Code"], answer["Status"]) == ("InvalidArgument", 400)
