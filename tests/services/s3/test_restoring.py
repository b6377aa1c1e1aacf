"""Storage classes are told, and change nothing."""

from __future__ import annotations

from typing import Any

import pytest

RESTORE = {"Days": 1, "GlacierJobParameters": {"Tier": "Standard"}}


@pytest.mark.parametrize(
    ("storage_class", "code"),
    [
        ("GLACIER", "ObjectAlreadyInActiveTierError"),
        ("DEEP_ARCHIVE", "ObjectAlreadyInActiveTierError"),
        ("STANDARD", "InvalidObjectState"),
        ("GLACIER_IR", "InvalidObjectState"),
    ],
)
def test_nothing_has_to_be_restored(
    s3: Any, bucket: str, refused: Any, storage_class: str, code: str
) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**here, Body=b"x", StorageClass=storage_class)
    assert s3.get_object(**here)["Body"].read() == b"x"
    answer = refused(s3.restore_object, **here, RestoreRequest=RESTORE)
    assert (answer["Code"], answer["Status"]) == (code, 403)


def test_what_is_not_there_is_not_restored(s3: Any, bucket: str, refused: Any) -> None:
    asked = {"Bucket": bucket, "RestoreRequest": RESTORE}
    assert refused(s3.restore_object, **asked, Key="none")["Code"] == "NoSuchKey"
    answer = refused(s3.restore_object, **asked, Key="none", VersionId="no-id")
    assert answer["Code"] == "InvalidArgument"
