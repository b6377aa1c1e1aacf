"""Request metrics in CloudWatch, where the configuration asks for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.services.s3.object_lambda.conftest import body
from tests.waiting import until

NAMESPACE = "AWS/S3ObjectLambda"


def totals(cloudwatch: Any, alias: str, source: str) -> Callable[[str], tuple[float, str]]:
    """Sum and unit of a metric of the access point with this alias, whose DataSourceARN ends so."""

    def total(metric: str) -> tuple[float, str]:
        for one in cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName=metric)["Metrics"]:
            dimensions = {pair["Name"]: pair["Value"] for pair in one["Dimensions"]}
            if not alias.startswith(f"{dimensions['AccessPointName']}-"):
                continue
            assert dimensions["DataSourceARN"].endswith(source)
            now = datetime.now(UTC)
            found = cloudwatch.get_metric_statistics(
                Namespace=NAMESPACE,
                MetricName=metric,
                Dimensions=one["Dimensions"],
                StartTime=now - timedelta(hours=1),
                EndTime=now + timedelta(hours=1),
                Period=7200,
                Statistics=["Sum"],
            )["Datapoints"]
            return sum(point["Sum"] for point in found), found[0]["Unit"]
        return 0, ""

    return total


def test_reads_are_counted(
    s3: Any,
    transformed: Callable[..., str],
    client: Callable[..., Any],
    refused: Callable[..., Any],
    player: str,
) -> None:
    source = """
if "bad" in event["userRequest"]["url"]:
    raise KeyError
write(event, Body=b"abc")
"""
    transformed(body(source))  # its reads are nobody's to count
    point = transformed(body(source), CloudWatchMetricsEnabled=True)
    for _ in range(2):
        s3.get_object(Bucket=point, Key="k")["Body"].read()
    refused(s3.get_object, Bucket=point, Key="bad")
    total = totals(client("cloudwatch"), point, f":{player}")
    until(lambda: total("AllRequests")[0] >= 3 and total("LambdaResponseRequests")[0] >= 2)
    assert total("GetRequests") == total("InvokedLambda") == (3, "Count")
    assert total("BytesDownloaded") == (6, "Bytes")
    assert total("5xxErrors") == (1, "Count")
    assert total("4xxErrors") == (0, "Count")
    assert total("FirstByteLatency")[0] > 0
    assert total("TotalRequestLatency")[1] == "Milliseconds"
    assert total("LambdaResponse4xx") == (0, "Count")


def test_requests_that_go_on_to_the_supporting_access_point_are_counted(
    s3: Any,
    transformed: Callable[..., str],
    client: Callable[..., Any],
    refused: Callable[..., Any],
) -> None:
    point = transformed(body("return None"), "ListObjects", CloudWatchMetricsEnabled=True)
    large = bytes(300_000)
    for key, data in (("k", b"abc"), ("large", large)):
        s3.put_object(Bucket=point, Key=key, Body=data)
        assert s3.get_object(Bucket=point, Key=key)["Body"].read() == data
    s3.head_object(Bucket=point, Key="k")
    s3.list_objects_v2(Bucket=point)
    upload = s3.create_multipart_upload(Bucket=point, Key="parts")["UploadId"]
    s3.abort_multipart_upload(Bucket=point, Key="parts", UploadId=upload)
    refused(s3.get_object, Bucket=point, Key="absent")
    total = totals(client("cloudwatch"), point, "-s")
    until(lambda: total("AllRequests")[0] >= 9 and total("TotalRequestLatency")[0] > 0)
    assert total("ProxiedRequests") == (9, "Count")
    counts = {name: total(f"{name}Requests")[0] for name in
              ("Get", "Put", "Head", "List", "Post", "Delete")}  # fmt: skip
    assert counts == {"Get": 3, "Put": 2, "Head": 1, "List": 1, "Post": 1, "Delete": 1}
    assert total("BytesUploaded") == total("BytesDownloaded") == (300_003, "Bytes")
    assert total("4xxErrors") == (1, "Count")
    assert total("InvokedLambda") == (0, "")
