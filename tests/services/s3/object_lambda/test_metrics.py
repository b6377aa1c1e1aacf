"""Request metrics in CloudWatch, where the configuration asks for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.services.s3.object_lambda.conftest import body

NAMESPACE = "AWS/S3ObjectLambda"


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
    cloudwatch, name = client("cloudwatch"), point.rpartition("-")[0]

    def total(metric: str) -> tuple[float, str]:
        for one in cloudwatch.list_metrics(Namespace=NAMESPACE, MetricName=metric)["Metrics"]:
            dimensions = {pair["Name"]: pair["Value"] for pair in one["Dimensions"]}
            if not name.startswith(dimensions["AccessPointName"]):
                continue
            assert dimensions["DataSourceARN"].endswith(f":{player}")
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

    deadline = time.monotonic() + 60
    while total("AllRequests")[0] < 3 or total("LambdaResponseRequests")[0] < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert total("GetRequests") == total("InvokedLambda") == (3, "Count")
    assert total("BytesDownloaded") == (6, "Bytes")
    assert total("5xxErrors") == (1, "Count")
    assert total("4xxErrors") == (0, "Count")
    assert total("FirstByteLatency")[0] > 0
    assert total("TotalRequestLatency")[1] == "Milliseconds"
    assert total("LambdaResponse4xx") == (0, "Count")
