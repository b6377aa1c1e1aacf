"""HeadObject and the listings through a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.services.s3.object_lambda.conftest import body

HEAD = body(
    """
request = urllib.request.Request(event["headObjectContext"]["inputS3Url"], method="HEAD")
try:
    response = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    return {"statusCode": error.code, "errorCode": "RequestFailure", "errorMessage": "failed"}
headers = dict(response.headers)
headers["Content-Type"] = ""
headers["Content-Length"] = 7
headers["x-amz-meta-by"] = "function"
headers["x-amz-delete-marker"] = False
return {"statusCode": response.status, "headers": headers}
"""
)
LIST = body(
    """
context = event.get("listObjectsContext") or event["listObjectsV2Context"]
text = fetch(context["inputS3Url"]).read().decode()
return {"statusCode": 200, "listResultXml": text.replace("STANDARD", "GLACIER")}
"""
)


def test_head(
    s3: Any, bucket: str, transformed: Callable[..., str], refused: Callable[..., Any]
) -> None:
    point = transformed(HEAD, "HeadObject")
    etag = s3.put_object(Bucket=bucket, Key="a b", Body=b"hello")["ETag"]
    got = s3.head_object(Bucket=point, Key="a b")
    assert (got["ETag"], got["ContentLength"], got["Metadata"]) == (etag, 7, {"by": "function"})
    assert "ContentType" not in got
    assert got["DeleteMarker"] is False
    assert refused(s3.head_object, Bucket=point, Key="none")["Status"] == 404
    assert s3.get_object(Bucket=point, Key="a b")["Body"].read() == b"hello"


def test_an_unchanged_object(
    s3: Any, transformed: Callable[..., str], refused: Callable[..., Any]
) -> None:
    point = transformed(body("return {'statusCode': 304, 'headers': {'ETag': 'x'}}"), "HeadObject")
    assert refused(s3.head_object, Bucket=point, Key="k")["Status"] == 304


def test_listings(s3: Any, bucket: str, transformed: Callable[..., str]) -> None:
    point = transformed(LIST, "ListObjects", "ListObjectsV2")
    for key in ("a/1", "a/2 & <3>", "b/1", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for call in (s3.list_objects, s3.list_objects_v2):
        got = call(Bucket=point, Prefix="a/")
        assert [one["Key"] for one in got["Contents"]] == ["a/1", "a/2 & <3>"]
        assert {one["StorageClass"] for one in got["Contents"]} == {"GLACIER"}
        got = call(Bucket=point, Delimiter="/", MaxKeys=2)
        assert [one["Prefix"] for one in got["CommonPrefixes"]] == ["a/", "b/"]
        assert got["IsTruncated"] is True
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=point, PaginationConfig={"PageSize": 1}
    )
    assert [one["Key"] for page in pages for one in page["Contents"]] == [
        "a/1",
        "a/2 & <3>",
        "b/1",
        "c",
    ]


def test_a_listing_in_json(s3: Any, transformed: Callable[..., str]) -> None:
    point = transformed(
        body(
            """
return {"statusCode": 200, "listBucketResult": {
    "name": "n", "isTruncated": False, "keyCount": 1, "maxKeys": 5, "other": 1,
    "commonPrefixes": [{"prefix": "p/"}], "prefix": None,
    "contents": [{"key": "k & l", "size": 3, "eTag": '"e"', "storageClass": "STANDARD",
                  "lastModified": "2024-01-31T12:00:00.000Z", "owner": {"id": "o"}}]}}
"""
        ),
        "ListObjectsV2",
    )
    got = s3.list_objects_v2(Bucket=point)
    [entry] = got["Contents"]
    assert (entry["Key"], entry["Size"], entry["ETag"]) == ("k & l", 3, '"e"')
    assert (entry["LastModified"].year, entry["Owner"]) == (2024, {"ID": "o"})
    assert (got["KeyCount"], got["CommonPrefixes"]) == (1, [{"Prefix": "p/"}])


def test_a_listing_that_is_refused(
    s3: Any, transformed: Callable[..., str], refused: Callable[..., Any]
) -> None:
    source = "return {'statusCode': 403, 'errorCode': 'NoDogs', 'errorMessage': 'Only cats.'}"
    error = refused(s3.list_objects_v2, Bucket=transformed(body(source), "ListObjectsV2"))
    assert (error["Code"], error["Message"], error["Status"]) == ("NoDogs", "Only cats.", 403)
    error = refused(
        s3.list_objects_v2, Bucket=transformed(body("return {'statusCode': 404}"), "ListObjectsV2")
    )
    assert (error["Code"], error["Status"]) == ("NotFound", 404)
