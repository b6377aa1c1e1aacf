"""What becomes of versions: written, found, deleted, by state of the bucket."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.s3.test_notifications import Queue, configure

UNKNOWN = "0" * 32
PART = 5 << 20


def set_versioning(s3: Any, bucket: str, status: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    set_versioning(s3, bucket, "Enabled")
    return bucket


def history(s3: Any, bucket: str, **asked: Any) -> list[tuple[str, str, bool, bool]]:
    """Key, version, whether it is a marker, whether it is the latest; markers listed last."""
    answer = s3.list_object_versions(Bucket=bucket, **asked)
    return [
        (one["Key"], one["VersionId"], member == "DeleteMarkers", one["IsLatest"])
        for member in ("Versions", "DeleteMarkers")
        for one in answer.get(member, [])
    ]


def body(s3: Any, bucket: str, key: str = "k", **asked: Any) -> bytes:
    found: bytes = s3.get_object(Bucket=bucket, Key=key, **asked)["Body"].read()
    return found


def test_the_state_of_a_bucket(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended", "Enabled"):
        set_versioning(s3, bucket, status)
        answer = s3.get_bucket_versioning(Bucket=bucket)
        assert answer["Status"] == status
        assert "MFADelete" not in answer


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "IllegalVersioningConfigurationException"),
        ({"Status": "enabled"}, "MalformedXML"),
        ({"Status": "Enabled", "MFADelete": "Perhaps"}, "MalformedXML"),
        ({"Status": "Enabled", "MFADelete": "Enabled"}, "NotImplemented"),
    ],
)
def test_states_there_are_not(
    s3: Any, bucket: str, refused: Any, wanted: dict[str, str], code: str
) -> None:
    answer = refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration=wanted)
    assert answer["Code"] == code
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


def test_every_put_makes_a_version(s3: Any, versioned: str) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    bodies = [b"one", os.urandom(100_000), b"three"]
    ids = [s3.put_object(**here, Body=data)["VersionId"] for data in bodies]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", one) for one in ids)
    for data, version in zip(bodies, ids, strict=True):
        answer = s3.get_object(**here, VersionId=version)
        assert (answer["Body"].read(), answer["VersionId"]) == (data, version)
        assert s3.head_object(**here, VersionId=version)["ContentLength"] == len(data)
    assert s3.get_object(**here)["VersionId"] == ids[-1]
    assert history(s3, versioned) == [
        ("k", ids[2], False, True),
        ("k", ids[1], False, False),
        ("k", ids[0], False, False),
    ]
    listed = s3.list_objects_v2(Bucket=versioned)["Contents"]
    assert [(one["Key"], one["Size"]) for one in listed] == [("k", 5)]


def test_nothing_is_told_of_versions_where_there_are_none(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    for answer in (
        s3.put_object(**here, Body=b"x"),
        s3.get_object(**here),
        s3.get_object(**here, VersionId="null"),
        s3.head_object(**here),
        s3.copy_object(**here, CopySource=f"{bucket}/k", MetadataDirective="REPLACE"),
        s3.put_object_tagging(**here, Tagging={"TagSet": []}),
        s3.delete_object(**here, VersionId="null"),
        s3.delete_object(**here),
    ):
        assert "VersionId" not in answer
        assert "DeleteMarker" not in answer
    assert history(s3, bucket) == []


def test_ids_mean_nothing_where_there_are_no_versions(s3: Any, bucket: str, refused: Any) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"x")
    for operation in (s3.get_object, s3.delete_object):
        assert refused(operation, **here, VersionId=UNKNOWN)["Code"] == "InvalidArgument"
    batch = {"Objects": [{"Key": "k", "VersionId": UNKNOWN}, {"Key": "k", "VersionId": "null"}]}
    answer = s3.delete_objects(Bucket=bucket, Delete=batch)
    assert [one["Code"] for one in answer["Errors"]] == ["NoSuchVersion"]
    assert answer["Deleted"] == [{"Key": "k", "VersionId": "null"}]


def test_a_delete_puts_a_marker_on_top(s3: Any, versioned: str, refused: Any) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    first = s3.put_object(**here, Body=b"x")["VersionId"]
    answer = s3.delete_object(**here)
    marker = answer["VersionId"]
    assert answer["DeleteMarker"] is True
    for read in (s3.get_object, s3.head_object):
        with pytest.raises(s3.exceptions.ClientError) as caught:
            read(**here)
        seen = caught.value.response["ResponseMetadata"]
        assert seen["HTTPStatusCode"] == 404
        assert seen["HTTPHeaders"]["x-amz-delete-marker"] == "true"
        assert seen["HTTPHeaders"]["x-amz-version-id"] == marker
        with pytest.raises(s3.exceptions.ClientError) as caught:
            read(**here, VersionId=marker)
        seen = caught.value.response["ResponseMetadata"]
        assert seen["HTTPStatusCode"] == 405
        assert seen["HTTPHeaders"]["x-amz-delete-marker"] == "true"
        assert seen["HTTPHeaders"]["x-amz-version-id"] == marker
        assert seen["HTTPHeaders"]["allow"] == "DELETE"
        assert seen["HTTPHeaders"]["last-modified"].endswith("GMT")
    assert refused(s3.get_object, **here)["Code"] == "NoSuchKey"
    for named in ({}, {"VersionId": marker}):
        for method, arguments in (
            ("get", {}),
            ("put", {"Tagging": {"TagSet": []}}),
            ("delete", {}),
        ):
            retag = getattr(s3, f"{method}_object_tagging")
            answer = refused(retag, **here, **named, **arguments)
            assert (answer["Code"], answer["Status"]) == ("MethodNotAllowed", 405)
            assert (answer["Method"], answer["ResourceType"]) == (method.upper(), "DeleteMarker")
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    assert body(s3, versioned, VersionId=first) == b"x"
    assert history(s3, versioned) == [("k", first, False, False), ("k", marker, True, True)]


def test_a_deleted_marker_brings_the_object_back(s3: Any, versioned: str, refused: Any) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    s3.put_object(**here, Body=b"x")
    markers = [s3.delete_object(**here)["VersionId"] for _ in range(2)]
    answer = s3.delete_object(**here, VersionId=markers[1])
    assert (answer["DeleteMarker"], answer["VersionId"]) == (True, markers[1])
    assert refused(s3.get_object, **here)["Code"] == "NoSuchKey"
    s3.delete_object(**here, VersionId=markers[0])
    assert body(s3, versioned) == b"x"
    assert s3.list_objects_v2(Bucket=versioned)["KeyCount"] == 1


def test_a_key_that_never_was_gets_a_marker_too(s3: Any, versioned: str) -> None:
    answer = s3.delete_object(Bucket=versioned, Key="never")
    assert answer["DeleteMarker"] is True
    assert history(s3, versioned) == [("never", answer["VersionId"], True, True)]


def test_the_version_before_takes_the_place_of_a_deleted_one(
    s3: Any, versioned: str, refused: Any
) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    ids = [s3.put_object(**here, Body=str(n).encode())["VersionId"] for n in range(3)]
    answer = s3.delete_object(**here, VersionId=ids[1])
    assert answer["VersionId"] == ids[1]
    assert "DeleteMarker" not in answer
    assert body(s3, versioned) == b"2"
    s3.delete_object(**here, VersionId=ids[2])
    assert body(s3, versioned) == b"0"
    assert history(s3, versioned) == [("k", ids[0], False, True)]
    gone = refused(s3.get_object, **here, VersionId=ids[2])
    assert (gone["Code"], gone["Status"], gone["VersionId"]) == ("NoSuchVersion", 404, ids[2])
    s3.delete_object(**here, VersionId=ids[0])
    assert history(s3, versioned) == []


def test_versions_that_are_not_there(s3: Any, versioned: str, refused: Any) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    s3.put_object(**here, Body=b"x")
    for operation in (s3.get_object, s3.get_object_tagging, s3.get_object_acl):
        assert refused(operation, **here, VersionId=UNKNOWN)["Code"] == "NoSuchVersion"
        assert refused(operation, **here, VersionId="null")["Code"] == "NoSuchVersion"
        answer = refused(operation, **here, VersionId="no-id")
        assert (answer["Code"], answer["ArgumentName"]) == ("InvalidArgument", "versionId")
        assert answer["Message"] == "Invalid version id specified"
    assert refused(s3.head_object, **here, VersionId=UNKNOWN)["Status"] == 404
    assert s3.delete_object(**here, VersionId=UNKNOWN)["VersionId"] == UNKNOWN
    assert refused(s3.delete_object, **here, VersionId="no-id")["Code"] == "InvalidArgument"
    empty = refused(s3.get_object, **here, VersionId="")
    assert empty["Message"] == "Version id cannot be the empty string"
    another = s3.put_object(Bucket=versioned, Key="other")["VersionId"]
    assert refused(s3.get_object, **here, VersionId=another)["Code"] == "NoSuchVersion"


def test_what_was_there_before_is_the_null_version(s3: Any, bucket: str, refused: Any) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"old")
    set_versioning(s3, bucket, "Enabled")
    assert s3.get_object(**here)["VersionId"] == "null"
    new = s3.put_object(**here, Body=b"new")["VersionId"]
    assert body(s3, bucket, VersionId="null") == b"old"
    assert history(s3, bucket) == [("k", new, False, True), ("k", "null", False, False)]
    assert s3.delete_object(**here, VersionId="null")["VersionId"] == "null"
    assert history(s3, bucket) == [("k", new, False, True)]
    assert refused(s3.get_object, **here, VersionId="null")["Code"] == "NoSuchVersion"


def test_a_suspended_bucket_keeps_one_null_version(s3: Any, versioned: str) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    kept = s3.put_object(**here, Body=b"kept")["VersionId"]
    set_versioning(s3, versioned, "Suspended")
    for data in (b"first", b"second"):
        assert "VersionId" not in s3.put_object(**here, Body=data)
    assert s3.head_object(**here)["VersionId"] == "null"
    assert body(s3, versioned) == body(s3, versioned, VersionId="null") == b"second"
    assert history(s3, versioned) == [("k", "null", False, True), ("k", kept, False, False)]
    set_versioning(s3, versioned, "Enabled")
    later = s3.put_object(**here, Body=b"later")["VersionId"]
    set_versioning(s3, versioned, "Suspended")
    s3.put_object(**here, Body=b"third")
    assert [one[1] for one in history(s3, versioned)] == ["null", later, kept]
    assert body(s3, versioned, VersionId="null") == b"third"


def test_a_delete_in_a_suspended_bucket_removes_the_null_version(s3: Any, versioned: str) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    kept = s3.put_object(**here, Body=b"kept")["VersionId"]
    set_versioning(s3, versioned, "Suspended")
    s3.put_object(**here, Body=b"lost")
    for _ in range(2):
        answer = s3.delete_object(**here)
        assert (answer["VersionId"], answer["DeleteMarker"]) == ("null", True)
        assert history(s3, versioned) == [("k", kept, False, False), ("k", "null", True, True)]
    s3.delete_object(**here, VersionId="null")
    assert body(s3, versioned) == b"kept"


def test_copies_of_versions(s3: Any, versioned: str, refused: Any) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    first = s3.put_object(**here, Body=b"first", Tagging="n=1")["VersionId"]
    s3.put_object(**here, Body=b"second")
    old = {**here, "VersionId": first}
    answer = s3.copy_object(Bucket=versioned, Key="copy", CopySource=old)
    assert answer["CopySourceVersionId"] == first
    assert body(s3, versioned, "copy", VersionId=answer["VersionId"]) == b"first"
    tagged = s3.get_object_tagging(Bucket=versioned, Key="copy")
    assert tagged["TagSet"] == [{"Key": "n", "Value": "1"}]
    restored = s3.copy_object(**here, CopySource=old)
    assert body(s3, versioned) == b"first"
    assert restored["VersionId"] != first
    marker = s3.delete_object(**here)["VersionId"]
    answer = refused(s3.copy_object, **here, CopySource={**here, "VersionId": marker})
    assert (answer["Code"], answer["Status"]) == ("InvalidRequest", 400)
    assert refused(s3.copy_object, **here, CopySource=here)["Code"] == "NoSuchKey"
    unknown = {**here, "VersionId": UNKNOWN}
    assert refused(s3.copy_object, **here, CopySource=unknown)["Code"] == "NoSuchVersion"


def test_uploads_make_versions(s3: Any, versioned: str) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    source = s3.put_object(**here, Body=os.urandom(PART))["VersionId"]
    s3.put_object(**here, Body=b"x")
    upload = {**here, "UploadId": s3.create_multipart_upload(**here)["UploadId"]}
    copied = s3.upload_part_copy(**upload, PartNumber=1, CopySource={**here, "VersionId": source})
    assert copied["CopySourceVersionId"] == source
    last = s3.upload_part(**upload, PartNumber=2, Body=b"end")
    parts = {
        "Parts": [
            {"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]},
            {"PartNumber": 2, "ETag": last["ETag"]},
        ]
    }
    answer = s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    again = s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    assert answer["VersionId"] == again["VersionId"] == s3.head_object(**here)["VersionId"]
    assert (
        body(s3, versioned, Range="bytes=5242878-")
        == body(s3, versioned, VersionId=source, Range="bytes=5242878-") + b"end"
    )
    assert len(history(s3, versioned)) == 3


def test_tags_and_attributes_belong_to_versions(s3: Any, versioned: str) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    first, second = (s3.put_object(**here, Body=b"x" * n)["VersionId"] for n in (1, 2))
    tags = [{"Key": "a", "Value": "1"}]
    answer = s3.put_object_tagging(**here, VersionId=first, Tagging={"TagSet": tags})
    assert answer["VersionId"] == first
    answer = s3.get_object_tagging(**here)
    assert (answer["TagSet"], answer["VersionId"]) == ([], second)
    assert s3.get_object_tagging(**here, VersionId=first)["TagSet"] == tags
    assert s3.delete_object_tagging(**here, VersionId=first)["VersionId"] == first
    assert s3.get_object_tagging(**here, VersionId=first)["TagSet"] == []
    for asked, size, version in (({"VersionId": first}, 1, first), ({}, 2, second)):
        answer = s3.get_object_attributes(**here, **asked, ObjectAttributes=["ObjectSize"])
        assert (answer["ObjectSize"], answer["VersionId"]) == (size, version)


def test_batches(s3: Any, versioned: str, refused: Any) -> None:
    put = lambda key: s3.put_object(Bucket=versioned, Key=key, Body=b"x")["VersionId"]  # noqa: E731
    first, second = put("a"), put("a")
    answer = s3.delete_objects(
        Bucket=versioned,
        Delete={
            "Objects": [
                {"Key": "a", "VersionId": first},
                {"Key": "a"},
                {"Key": "b"},
                {"Key": "a", "VersionId": UNKNOWN},
                {"Key": "a", "VersionId": "no-id"},
            ]
        },
    )
    deleted = answer["Deleted"]
    assert deleted[0] == {"Key": "a", "VersionId": first}
    assert [(one["Key"], one["DeleteMarker"]) for one in deleted[1:3]] == [("a", True), ("b", True)]
    assert deleted[3] == {"Key": "a", "VersionId": UNKNOWN}
    (failure,) = answer["Errors"]
    assert (failure["Code"], failure["VersionId"]) == ("NoSuchVersion", "no-id")
    marker = deleted[1]["DeleteMarkerVersionId"]
    gone = s3.delete_objects(
        Bucket=versioned, Delete={"Objects": [{"Key": "a", "VersionId": marker}]}
    )
    assert gone["Deleted"] == [
        {"Key": "a", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}
    ]
    assert s3.head_object(Bucket=versioned, Key="a")["VersionId"] == second


def test_a_bucket_with_versions_cannot_be_deleted(s3: Any, versioned: str, refused: Any) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"x")["VersionId"]
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    for version in (first, marker):
        answer = refused(s3.delete_bucket, Bucket=versioned)
        assert (answer["Code"], answer["Status"]) == ("BucketNotEmpty", 409)
        assert "all versions" in answer["Message"]
        s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
    s3.delete_bucket(Bucket=versioned)


def test_conditions_look_at_the_current_version(s3: Any, versioned: str, refused: Any) -> None:
    here = {"Bucket": versioned, "Key": "k"}
    old = s3.put_object(**here, Body=b"old", IfNoneMatch="*")
    assert refused(s3.put_object, **here, IfNoneMatch="*")["Code"] == "PreconditionFailed"
    new = s3.put_object(**here, Body=b"new", IfMatch=old["ETag"])
    assert refused(s3.put_object, **here, IfMatch=old["ETag"])["Status"] == 412
    assert refused(s3.delete_object, **here, IfMatch=old["ETag"])["Status"] == 412
    by_version = {**here, "VersionId": old["VersionId"]}
    for condition in (old["ETag"], new["ETag"], "*"):
        answer = refused(s3.delete_object, **by_version, IfMatch=condition)
        assert (answer["Code"], answer["Header"]) == ("NotImplemented", "If-Match")
    assert s3.get_object(**by_version, IfMatch=old["ETag"])["Body"].read() == b"old"
    s3.delete_object(**here, IfMatch=new["ETag"])
    assert refused(s3.put_object, **here, IfMatch=new["ETag"])["Code"] == "NoSuchKey"
    s3.put_object(**here, Body=b"again", IfNoneMatch="*")
    assert len(history(s3, versioned)) == 4


def test_events_name_the_version(
    s3: Any, versioned: str, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    queue = Queue(client("sqs"), fresh_name("events"), versioned)
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"]
    configure(s3, versioned, {"QueueArn": queue.arn, "Events": events})
    here = {"Bucket": versioned, "Key": "k"}
    first = s3.put_object(**here, Body=b"x")["VersionId"]
    s3.put_object_tagging(**here, Tagging={"TagSet": []})
    marker = s3.delete_object(**here)["VersionId"]
    s3.delete_object(**here, VersionId=first)
    records = [one["Records"][0] for one in queue.messages(5) if "Records" in one]
    assert sorted((one["eventName"], one["s3"]["object"]["versionId"]) for one in records) == [
        ("ObjectCreated:Put", first),
        ("ObjectRemoved:Delete", first),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectTagging:Put", first),
    ]
