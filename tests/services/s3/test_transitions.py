"""What lifecycles move to other storage classes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from inhouse.services.s3.expiration import moved
from inhouse.services.s3.transitions import BY_CLASS, DAY
from tests.services.s3.test_lifecycle import NOON, PAST, TAG, put, rule
from tests.waiting import until

BIG = 128 << 10


def test_transitions_are_kept(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    rules = [
        rule(
            Expiration={"Days": 365},
            Transitions=[
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Date": datetime(2099, 1, 1, tzinfo=UTC), "StorageClass": "GLACIER"},
            ],
            NoncurrentVersionTransitions=[
                {"NoncurrentDays": 0, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}
            ],
        )
    ]
    put(s3, bucket, *rules)
    kept = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert kept["Rules"] == rules
    assert kept["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    configured = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": rules}}
    size = "TransitionDefaultMinimumObjectSize"
    answer = s3.put_bucket_lifecycle_configuration(**configured, **{size: BY_CLASS})
    assert answer[size] == s3.get_bucket_lifecycle_configuration(Bucket=bucket)[size] == BY_CLASS
    bad = refused(s3.put_bucket_lifecycle_configuration, **configured, **{size: "small"})
    assert (bad["Code"], bad["Status"]) == ("InvalidArgument", 400)


REFUSED = (
    ([{"Days": 1, "StorageClass": "STANDARD"}], "MalformedXML"),
    ([{"StorageClass": "GLACIER"}], "MalformedXML"),
    ([{"Days": 1, "Date": PAST, "StorageClass": "GLACIER"}], "MalformedXML"),
    ([{"Date": PAST.replace(hour=1), "StorageClass": "GLACIER"}], "InvalidArgument"),
    ([{"Days": -1, "StorageClass": "GLACIER"}], "InvalidArgument"),
    ([{"Days": 29, "StorageClass": "STANDARD_IA"}], "InvalidArgument"),
    ([{"Days": 90, "StorageClass": "GLACIER"}], "InvalidArgument"),
    ([{"Days": days, "StorageClass": "GLACIER"} for days in (1, 2)], "InvalidRequest"),
)


def test_transitions_are_checked(s3: Any, bucket: str, refused: Callable[..., Any]) -> None:
    for transitions, code in REFUSED:
        answer = refused(
            s3.put_bucket_lifecycle_configuration,
            Bucket=bucket,
            LifecycleConfiguration={
                "Rules": [rule(Expiration={"Days": 90}, Transitions=transitions)]
            },
        )
        assert (answer["Code"], answer["Status"]) == (code, 400), transitions


def test_what_is_due_is_moved(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("logs/a", "logs/a", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x" * BIG)
    s3.put_object(Bucket=bucket, Key="logs/small", Body=b"x")
    later = {"Date": datetime(2099, 1, 1, tzinfo=UTC)}
    moves = [{"Date": PAST, "StorageClass": "GLACIER_IR"}]
    put(s3, bucket, rule(Expiration=later, Transitions=moves))

    def classes() -> list[tuple[str, str]]:
        answer = s3.list_object_versions(Bucket=bucket)
        return [(each["Key"], each["StorageClass"]) for each in answer["Versions"]]

    until(
        lambda: (
            classes()
            == [
                ("logs/a", "GLACIER_IR"),
                ("logs/a", "STANDARD"),
                ("logs/small", "STANDARD"),
                ("other", "STANDARD"),
            ]
        )
    )
    assert s3.head_object(Bucket=bucket, Key="logs/a")["StorageClass"] == "GLACIER_IR"
    assert s3.get_object(Bucket=bucket, Key="logs/a")["Body"].read() == b"x" * BIG


def version(age: float, **more: Any) -> dict[str, Any]:
    row = {"key": "logs/k", "size": BIG, "modified": NOON - age * DAY, "current": 0, "marker": 0}
    return {**row, "storage_class": "STANDARD", **more}


def classes(versions: list[dict[str, Any]], **more: Any) -> list[str | None]:
    """Where the versions of a key, from the newest on, are moved at NOON."""
    minimum = more.pop("minimum", "all_storage_classes_128K")
    text = orjson.dumps({"Rules": [rule(**more)], "MinimumSize": minimum}).decode()
    found = [(versions.index(row), to) for row, to in moved(text, versions, NOON, lambda row: {})]
    return [dict(found).get(index) for index in range(len(versions))]


def test_the_last_move_that_is_due_counts_and_none_leads_up() -> None:
    moves = [
        {"Days": 1, "StorageClass": "GLACIER_IR"},
        {"Days": 5, "StorageClass": "DEEP_ARCHIVE"},
    ]
    for age, there, to in (
        (0.4, "STANDARD", None),
        (2, "STANDARD", "GLACIER_IR"),
        (6, "STANDARD", "DEEP_ARCHIVE"),
        (2, "GLACIER", None),
        (6, "GLACIER", "DEEP_ARCHIVE"),
        (6, "DEEP_ARCHIVE", None),
    ):
        rows = [version(age, current=1, storage_class=there)]
        assert classes(rows, Transitions=moves) == [to], (age, there)


def test_of_moves_that_are_due_the_coldest_is_made() -> None:
    rows = [version(9, current=1)]
    for first, second in ((1, 1), (1, 5), (5, 1)):
        moves = [
            {"Days": first, "StorageClass": "STANDARD_IA"},
            {"Days": second, "StorageClass": "DEEP_ARCHIVE"},
        ]
        assert classes(rows, Transitions=moves) == ["DEEP_ARCHIVE"], (first, second)


def test_versions_that_are_past_have_moves_of_their_own() -> None:
    move = {"NoncurrentDays": 1, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 1}
    rows = [version(9, current=1), version(10), version(11), version(12, marker=1), version(13)]
    moves = {"NoncurrentVersionTransitions": [move]}
    assert classes(rows, **moves) == [None, None, "GLACIER", None, "GLACIER"]


def test_small_objects_stay_unless_sizes_are_named() -> None:
    rows = [version(9, current=1, size=BIG - 1)]
    moves = {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}
    warm = {"Transitions": [{"Days": 1, "StorageClass": "GLACIER_IR"}]}
    assert classes(rows, **moves) == [None]
    assert classes(rows, **moves, minimum=BY_CLASS) == ["GLACIER"]
    assert classes(rows, **warm, minimum=BY_CLASS) == [None]
    sized = {"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 0}}
    assert classes(rows, **moves, Filter=sized) == ["GLACIER"]
    assert classes(rows, **moves, Filter={"Tag": TAG}, minimum=BY_CLASS) == [None]
