"""Tags of buckets and objects: what is taken, kept and refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

TagSet = list[dict[str, str]]


def tags(*pairs: tuple[str, str]) -> dict[str, TagSet]:
    return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs]}


def test_tags_of_a_bucket(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    assert refused(s3.get_bucket_tagging, Bucket=bucket)["Code"] == "NoSuchTagSet"
    wanted = tags(("team", "news"), ("größe", ""))
    answer = s3.put_bucket_tagging(Bucket=bucket, Tagging=wanted)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == wanted["TagSet"]
    for again in (s3.delete_bucket_tagging, s3.delete_bucket_tagging):
        assert again(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.get_bucket_tagging, Bucket=bucket)["Code"] == "NoSuchTagSet"


def test_tags_of_an_object(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Tagging="a=1&b=two%20words&c&d=")
    first = tags(("a", "1"), ("b", "two words"), ("c", ""), ("d", ""))
    assert s3.get_object_tagging(**here)["TagSet"] == first["TagSet"]
    assert s3.get_object(**here)["TagCount"] == s3.head_object(**here)["TagCount"] == 4
    s3.put_object_tagging(**here, Tagging=tags(("c", "3")))
    assert s3.get_object_tagging(**here)["TagSet"] == tags(("c", "3"))["TagSet"]
    s3.delete_object_tagging(**here)
    assert s3.get_object_tagging(**here)["TagSet"] == []
    assert refused(s3.get_object_tagging, Bucket=bucket, Key="none")["Code"] == "NoSuchKey"


TAKEN = (("k" * 128, "v" * 256), ("_.:/=+-@ ", "a_.:/=+-@ b"), ("ключ", "значение é"), ("k", ""))
REFUSED = (
    (("k" * 129, "v"), "The TagKey you have provided is invalid"),
    (("a,b", "v"), "The TagKey you have provided is invalid"),
    (("a#", "v"), "The TagKey you have provided is invalid"),
    (("k", "v" * 257), "The TagValue you have provided is invalid"),
    (("k", "v!"), "The TagValue you have provided is invalid"),
    (("k", "a\tb"), "The TagValue you have provided is invalid"),
)


def test_what_tags_may_be_made_of(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    places = (
        (s3.put_object_tagging, s3.get_object_tagging, {"Bucket": bucket, "Key": "k"}),
        (s3.put_bucket_tagging, s3.get_bucket_tagging, {"Bucket": bucket}),
    )
    for put, get, here in places:
        for pair in TAKEN:
            put(**here, Tagging=tags(pair))
            assert get(**here)["TagSet"] == tags(pair)["TagSet"]
        for pair, message in REFUSED:
            answer = refused(put, **here, Tagging=tags(pair))
            assert (answer["Code"], answer["Status"]) == ("InvalidTag", 400), pair
            assert (answer["Message"], answer["TagKey"]) == (message, pair[0][:128])
        twice = refused(put, **here, Tagging=tags(("a", "1"), ("a", "2")))
        assert (twice["Code"], twice["TagKey"]) == ("InvalidTag", "a")
        assert refused(put, **here, Tagging=tags(("AWS:a", "1")))["Code"] == "InvalidTag"


@pytest.mark.parametrize(("most", "named"), [(10, {"Key": "k"}), (50, {})])
def test_how_many_tags_there_may_be(
    s3: Any, bucket: str, refused: Callable[..., Any], most: int, named: dict[str, str]
) -> None:
    s3.put_object(Bucket=bucket, Key="k")
    put = s3.put_object_tagging if named else s3.put_bucket_tagging
    many = [(str(number), "") for number in range(most + 1)]
    put(Bucket=bucket, **named, Tagging=tags(*many[:-1]))
    answer = refused(put, Bucket=bucket, **named, Tagging=tags(*many))
    assert (answer["Code"], answer["Status"]) == ("BadRequest", 400)


@pytest.mark.parametrize("header", ["a=1&a=2", "a=1,b=2", "%E9=1", "a%23=1"])
def test_headers_of_tags_that_cannot_be_read(
    s3: Any, bucket: str, refused: Callable[..., Any], header: str
) -> None:
    answer = refused(s3.put_object, Bucket=bucket, Key="k", Tagging=header)
    assert (answer["Code"], answer["Status"]) == ("InvalidArgument", 400)
    assert (answer["ArgumentName"], answer["ArgumentValue"]) == ("x-amz-tagging", header)
