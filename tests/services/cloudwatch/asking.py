"""Requests for statistics and metric data with all that tests do not care about filled in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

MINUTE = timedelta(minutes=1)


def statistics(cloudwatch: Any, namespace: str, noon: datetime, **more: Any) -> list[Any]:
    wanted = {
        "Namespace": namespace,
        "MetricName": "m",
        "StartTime": noon,
        "EndTime": noon + 10 * MINUTE,
        "Period": 60,
        "Statistics": ["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
        **more,
    }
    found = cloudwatch.get_metric_statistics(**wanted)["Datapoints"]
    return sorted(found, key=lambda point: (point["Timestamp"], point["Unit"]))


def query(namespace: str, stat: str = "Sum", name: str = "m", **more: Any) -> dict[str, Any]:
    metric = {"Namespace": namespace, "MetricName": name}
    return {"Metric": metric, "Period": 60, "Stat": stat, **more}


def data(cloudwatch: Any, noon: datetime, queries: list[Any], **more: Any) -> Any:
    wanted = {
        "StartTime": noon,
        "EndTime": noon + 10 * MINUTE,
        "ScanBy": "TimestampAscending",
        "MetricDataQueries": queries,
        **more,
    }
    return cloudwatch.get_metric_data(**wanted)
