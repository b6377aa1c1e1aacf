"""Lifecycle configurations, and what they remove."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from inhouse.services.s3.expiration import expired, told
from inhouse.services.s3.transitions import DAY
from tests.services.s3.test_notifications import Queue, configure
from tests.waiting import until

PAST = datetime(2020, 1, 1, tzinfo=UTC)
NOON = 20_000 * DAY + DAY // 2


def rule(**more: Any) -> dict[str, Any]:
    given = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "logs/"}}
    if not {"Expiration", "NoncurrentVersionExpiration", "Prefix"} & more.keys():
        given["Expiration"] = {"Days": 1}
    return {**given, **more}


def put(s3: Any, bucket: str, *rules: dict[str, Any]) -> None:
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}
    )


def test_the_configuration_is_kept(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    missing = refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
    assert (missing["Code"], missing["Status"]) == ("NoSuchLifecycleConfiguration", 404)
    both = {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}
    rules = [
        rule(),
        rule(ID="dated", Expiration={"Date": datetime(2099, 1, 1, tzinfo=UTC)}, Filter=both),
        rule(
            ID="versions",
            Status="Disabled",
            Expiration={"ExpiredObjectDeleteMarker": True},
            NoncurrentVersionExpiration={"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
            AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7},
        ),
    ]
    put(s3, bucket, *rules)
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    nameless = {"Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}
    put(s3, bucket, nameless)
    (kept,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert kept.pop("ID")
    assert kept == nameless
    for everything in ({}, {"Prefix": ""}):
        put(s3, bucket, rule(Filter=everything))
        (kept,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert kept == rule(Filter=everything)
    s3.delete_bucket_lifecycle(Bucket=bucket)
    missing = refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
    assert missing["Code"] == "NoSuchLifecycleConfiguration"


TAG = {"Key": "k", "Value": "v"}


REFUSED = (
    ([], "MalformedXML"),
    ([rule(Status="enabled")], "MalformedXML"),
    ([rule(ID="x" * 256)], "InvalidArgument"),
    ([rule(), rule()], "InvalidArgument"),
    ([{"Status": "Enabled", "Expiration": {"Days": 1}}], "MalformedXML"),
    ([rule(Prefix="a", Expiration={"Days": 1})], "MalformedXML"),
    ([{"Status": "Enabled", "Prefix": ""}], "InvalidRequest"),
    ([rule(Expiration={"Days": 0})], "InvalidArgument"),
    ([rule(Expiration={"Days": 1, "Date": PAST})], "MalformedXML"),
    ([rule(Expiration={"Date": PAST.replace(hour=1)})], "InvalidArgument"),
    ([rule(NoncurrentVersionExpiration={"NoncurrentDays": 0})], "InvalidArgument"),
    ([rule(Filter={"Prefix": "a", "Tag": TAG})], "MalformedXML"),
    ([rule(Filter={"And": {"Prefix": "a"}})], "MalformedXML"),
    ([rule(Filter={"And": {"Tags": [TAG, TAG]}})], "InvalidArgument"),
    ([rule(Filter={"ObjectSizeGreaterThan": -1})], "InvalidArgument"),
    (
        [rule(Filter={"And": {"ObjectSizeGreaterThan": 9, "ObjectSizeLessThan": 9}})],
        "InvalidArgument",
    ),
    (
        [rule(Filter={"Tag": TAG}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})],
        "InvalidRequest",
    ),
    (
        [rule(Filter={"Tag": TAG}, Expiration={"ExpiredObjectDeleteMarker": True})],
        "InvalidRequest",
    ),
)


def test_rules_are_checked(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    for rules, code in REFUSED:
        answer = refused(
            s3.put_bucket_lifecycle_configuration,
            Bucket=bucket,
            LifecycleConfiguration={"Rules": rules},
        )
        assert (answer["Code"], answer["Status"]) == (code, 400), rules


def test_what_is_due_goes_and_the_rest_stays(
    s3: Any, bucket: str, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    queue = Queue(client("sqs"), fresh_name("events"), bucket)
    configure(s3, bucket, {"QueueArn": queue.arn, "Events": ["s3:LifecycleExpiration:*"]})
    s3.put_object(Bucket=bucket, Key="logs/old", Body=b"x" * 100_000)
    s3.put_object(Bucket=bucket, Key="logs/small", Body=b"x")
    s3.put_object(Bucket=bucket, Key="logs/kept", Body=b"x" * 2000, Tagging="keep=yes")
    s3.put_object(Bucket=bucket, Key="other", Body=b"x" * 2000)
    sized = {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 2000}}
    tagged = {"And": {"Prefix": "logs/", "Tags": [{"Key": "keep", "Value": "no"}]}}
    expiration = {"Date": PAST}
    put(
        s3,
        bucket,
        rule(ID="size", Filter=sized, Expiration=expiration),
        rule(ID="tag", Filter=tagged, Expiration=expiration),
    )
    until(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 3)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == ["logs/kept", "logs/small", "other"]
    messages = queue.messages(2)  # the first one is a test
    (record,) = [each for message in messages for each in message.get("Records", [])]
    assert record["eventName"] == "LifecycleExpiration:Delete"
    assert record["s3"]["object"]["key"] == "logs/old"


def test_in_a_versioned_bucket_expired_objects_get_markers(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="b")
    s3.delete_object(Bucket=bucket, Key="gone")
    ending = {"ExpiredObjectDeleteMarker": True}
    put(
        s3,
        bucket,
        rule(Expiration={"Date": PAST}),
        rule(ID="ending", Filter={"Prefix": "g"}, Expiration=ending),
    )

    def markers() -> list[str]:
        answer = s3.list_object_versions(Bucket=bucket)
        return [each["Key"] for each in answer.get("DeleteMarkers", [])]

    until(lambda: markers() == ["logs/a"])
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [each["Key"] for each in versions] == ["b", "logs/a"]


def test_days_pass(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="aged")
    s3.put_bucket_versioning(Bucket="aged", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2", b"3"):
        s3.put_object(Bucket="aged", Key="logs/k", Body=body)
    s3.create_multipart_upload(Bucket="aged", Key="logs/left")
    s3.create_multipart_upload(Bucket="aged", Key="other")
    server.stop()
    with sqlite3.connect(server.data / "inhouse.db") as database:
        database.execute("UPDATE s3_objects SET modified = modified - 864000")
        database.execute("UPDATE s3_uploads SET started = started - 864000")
    database.close()
    s3 = durable_server().client("s3")
    put(
        s3,
        "aged",
        rule(
            NoncurrentVersionExpiration={"NoncurrentDays": 5, "NewerNoncurrentVersions": 1},
            AbortIncompleteMultipartUpload={"DaysAfterInitiation": 5},
        ),
    )
    until(lambda: len(s3.list_object_versions(Bucket="aged")["Versions"]) == 2)
    until(lambda: len(s3.list_multipart_uploads(Bucket="aged")["Uploads"]) == 1)
    assert s3.get_object(Bucket="aged", Key="logs/k")["Body"].read() == b"3"


def test_answers_tell_the_expiry(s3: Any, bucket: str) -> None:
    answer = s3.put_object(Bucket=bucket, Key="logs/k")
    assert "Expiration" not in answer
    put(s3, bucket, rule(ID="a rule", Expiration={"Date": datetime(2099, 1, 1, tzinfo=UTC)}))
    expected = 'expiry-date="Thu, 01 Jan 2099 00:00:00 GMT", rule-id="a rule"'
    assert s3.put_object(Bucket=bucket, Key="logs/k")["Expiration"] == expected
    assert s3.head_object(Bucket=bucket, Key="logs/k")["Expiration"] == expected
    assert s3.get_object(Bucket=bucket, Key="logs/k")["Expiration"] == expected
    copy = {"Bucket": bucket, "CopySource": f"{bucket}/logs/k"}
    assert s3.copy_object(**copy, Key="logs/copy")["Expiration"] == expected
    here = {"Bucket": bucket, "Key": "logs/parts"}
    here["UploadId"] = s3.create_multipart_upload(**here)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**here, PartNumber=1, Body=b"x")["ETag"]}
    for _ in range(2):
        done = s3.complete_multipart_upload(**here, MultipartUpload={"Parts": [part]})
        assert done["Expiration"] == expected
    assert "Expiration" not in s3.copy_object(**copy, Key="other")
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="other")


def configuration(**more: Any) -> str:
    return orjson.dumps({"Token": "t", "Rules": [rule(**more)]}).decode()


def version(age: float, *, key: str = "logs/k", **more: Any) -> dict[str, Any]:
    row = {"key": key, "size": 1, "modified": NOON - age * DAY, "current": 0, "marker": 0}
    return {**row, **more}


def gone(text: str, *versions: dict[str, Any], tags: dict[str, str] | None = None) -> list[int]:
    """Which of a key's versions, from the newest on, have expired at NOON."""
    found = expired(text, versions, NOON, lambda row: tags or {})
    return [versions.index(row) for row in found]


def test_days_are_rounded_up_to_midnight() -> None:
    text = configuration(Expiration={"Days": 2})
    assert gone(text, version(2.4, current=1)) == []
    assert gone(text, version(2.6, current=1)) == [0]
    assert told(text, "logs/k", 1, NOON, dict) == (
        'expiry-date="Mon, 07 Oct 2024 00:00:00 GMT", rule-id="r"'
    )


def test_noncurrent_versions_age_from_when_they_were_replaced() -> None:
    text = configuration(NoncurrentVersionExpiration={"NoncurrentDays": 2})
    assert gone(text, version(1, current=1), version(9), version(10)) == [2]
    text = configuration(
        NoncurrentVersionExpiration={"NoncurrentDays": 2, "NewerNoncurrentVersions": 1}
    )
    versions = (version(5, current=1), version(9), version(10, marker=1), version(11))
    assert gone(text, *versions) == [2, 3]


def test_markers_go_when_nothing_is_behind_them() -> None:
    text = configuration(Expiration={"ExpiredObjectDeleteMarker": True})
    assert gone(text, version(0, marker=1)) == [0]
    assert gone(text, version(0, marker=1), version(1)) == []
    assert gone(text, version(0, current=1)) == []
    assert gone(configuration(), version(3, marker=1)) == [0]
    assert gone(configuration(), version(0, marker=1)) == []


def test_filters_and_status_count() -> None:
    old = version(9, current=1)
    assert gone(configuration(Status="Disabled"), old) == []
    assert gone(configuration(), version(9, key="other", current=1)) == []
    tagged = configuration(Filter={"Tag": {"Key": "a", "Value": "1"}})
    assert gone(tagged, old) == []
    assert gone(tagged, old, tags={"a": "1", "b": "2"}) == [0]
    assert gone(configuration(Filter={"ObjectSizeLessThan": 1}), old) == []
    assert gone(configuration(Filter={"ObjectSizeGreaterThan": 0}), old) == [0]
