"""Object lock is off, and says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

LATER = datetime(2100, 1, 1, tzinfo=UTC)
RETENTION = {"Mode": "GOVERNANCE", "RetainUntilDate": LATER}


def test_a_bucket_has_no_lock(s3: Any, bucket: str, refused: Any) -> None:
    answer = refused(s3.get_object_lock_configuration, Bucket=bucket)
    assert (answer["Code"], answer["Status"]) == ("ObjectLockConfigurationNotFoundError", 404)
    assert answer["BucketName"] == bucket
    wanted = {"ObjectLockEnabled": "Enabled"}
    answer = refused(
        s3.put_object_lock_configuration, Bucket=bucket, ObjectLockConfiguration=wanted
    )
    assert (answer["Code"], answer["Status"]) == ("InvalidBucketState", 409)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_object_retention", {}),
        ("put_object_retention", {"Retention": RETENTION}),
        ("get_object_legal_hold", {}),
        ("put_object_legal_hold", {"LegalHold": {"Status": "ON"}}),
        ("put_object", {"ObjectLockLegalHoldStatus": "ON"}),
        ("put_object", {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": LATER}),
    ],
)
def test_objects_cannot_be_locked(
    s3: Any, bucket: str, refused: Any, operation: str, arguments: dict[str, Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    answer = refused(getattr(s3, operation), Bucket=bucket, Key="k", **arguments)
    assert (answer["Code"], answer["Status"]) == ("InvalidRequest", 400)
    assert answer["Message"].startswith("Bucket is missing Object Lock Configuration")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_there_is_no_retention_to_bypass(s3: Any, bucket: str) -> None:
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a", BypassGovernanceRetention=True)
    batch = {"Objects": [{"Key": "b", "VersionId": "null"}]}
    s3.delete_objects(Bucket=bucket, Delete=batch, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket=bucket)
