"""What is said of configurations that no bucket has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CODES = {
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
}
NAMED = ("inventory", "metrics", "analytics", "intelligent_tiering")


def test_reading_tells_that_there_is_none(
    s3: Any, bucket: str, anonymous: Any, refused: Callable[..., Any]
) -> None:
    for method, code in CODES.items():
        answer = refused(getattr(s3, method), Bucket=bucket)
        assert (answer["Code"], answer["Status"]) == (code, 404)
        assert refused(getattr(anonymous, method), Bucket=bucket)["Code"] == "AccessDenied"
    for name in NAMED:
        listed = getattr(s3, f"list_bucket_{name}_configurations")(Bucket=bucket)
        assert listed["IsTruncated"] is False
        answer = refused(getattr(s3, f"get_bucket_{name}_configuration"), Bucket=bucket, Id="a")
        assert (answer["Code"], answer["Status"]) == ("NoSuchConfiguration", 404)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.delete_bucket_website(Bucket=bucket)
    s3.delete_bucket_replication(Bucket=bucket)


def test_setting_is_refused_unless_it_is_so_anyway(
    s3: Any, bucket: str, refused: Callable[..., Any]
) -> None:
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    s3.put_bucket_request_payment(
        Bucket=bucket, RequestPaymentConfiguration={"Payer": "BucketOwner"}
    )
    answer = refused(
        s3.put_bucket_request_payment,
        Bucket=bucket,
        RequestPaymentConfiguration={"Payer": "Nobody"},
    )
    assert answer["Code"] == "MalformedXML"
    logging = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": ""}}
    for operation, arguments in (
        (s3.put_bucket_logging, {"BucketLoggingStatus": logging}),
        (s3.put_bucket_request_payment, {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
        (
            s3.put_bucket_accelerate_configuration,
            {"AccelerateConfiguration": {"Status": "Enabled"}},
        ),
    ):
        answer = refused(operation, Bucket=bucket, **arguments)
        assert (answer["Code"], answer["Status"]) == ("NotImplemented", 501)
