"""CloudWatch metrics through boto3."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.cloudwatch.asking import MINUTE, data, query, statistics
from tests.services.iam.asking import allow, refused


def test_values_sets_and_counts_add_up(cloudwatch: Any, namespace: str, noon: datetime) -> None:
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Timestamp": noon, "Value": 4.0},
            {"MetricName": "m", "Timestamp": noon, "Values": [1.0, 2.0], "Counts": [1.0, 3.0]},
        ],
    )
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Timestamp": noon + timedelta(seconds=59), "Value": -1.0},
            {
                "MetricName": "m",
                "Timestamp": noon + MINUTE,
                "StatisticValues": {"SampleCount": 2, "Sum": 7, "Minimum": 3, "Maximum": 4},
            },
        ],
    )
    first, second = statistics(cloudwatch, namespace, noon)
    assert first == {
        "Timestamp": noon,
        "Unit": "None",
        "SampleCount": 6.0,
        "Sum": 10.0,
        "Average": 10 / 6,
        "Minimum": -1.0,
        "Maximum": 4.0,
    }
    assert (second["Timestamp"], second["SampleCount"], second["Sum"]) == (noon + MINUTE, 2.0, 7.0)
    (whole,) = statistics(cloudwatch, namespace, noon, Period=300)
    assert (whole["SampleCount"], whole["Sum"], whole["Maximum"]) == (8.0, 17.0, 4.0)


def test_units_and_dimensions_keep_data_apart(
    cloudwatch: Any, namespace: str, noon: datetime
) -> None:
    one = [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}]
    for unit, value in (("Bytes", 1.0), ("Count", 2.0)):
        datum = {"MetricName": "m", "Timestamp": noon, "Value": value, "Unit": unit}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{**datum, "Dimensions": one}])
    found = statistics(cloudwatch, namespace, noon, Dimensions=one[::-1])
    assert [(point["Unit"], point["Sum"]) for point in found] == [("Bytes", 1.0), ("Count", 2.0)]
    found = statistics(cloudwatch, namespace, noon, Dimensions=one, Unit="Count")
    assert [point["Sum"] for point in found] == [2.0]
    assert statistics(cloudwatch, namespace, noon, Dimensions=one[:1]) == []
    assert statistics(cloudwatch, namespace, noon) == []


def test_percentiles_are_values_that_occurred(
    cloudwatch: Any, namespace: str, noon: datetime
) -> None:
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Timestamp": noon, "Value": float(value)}
            for value in range(1, 1001)
        ],
    )
    (point,) = statistics(
        cloudwatch, namespace, noon, ExtendedStatistics=["p0.1", "p50", "p99", "p99.9", "p100"]
    )
    assert point["ExtendedStatistics"] == {
        "p0.1": 1.0,
        "p50": 500.0,
        "p99": 990.0,
        "p99.9": 999.0,
        "p100": 1000.0,
    }
    results = data(cloudwatch, noon, [{"Id": "q", "MetricStat": query(namespace, "p90")}])[
        "MetricDataResults"
    ]
    assert results[0]["Values"] == [900.0]
    hidden = {"SampleCount": 2, "Sum": 7, "Minimum": 3, "Maximum": 4}
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[{"MetricName": "m", "Timestamp": noon, "StatisticValues": hidden}],
    )
    (point,) = statistics(cloudwatch, namespace, noon, ExtendedStatistics=["p50"])
    assert "ExtendedStatistics" not in point
    assert point["SampleCount"] == 1002.0


def test_seconds_are_kept_where_asked_for(cloudwatch: Any, namespace: str, noon: datetime) -> None:
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": "m",
                "Timestamp": noon + timedelta(seconds=second),
                "Value": 1.0,
                "StorageResolution": 1,
            }
            for second in (0, 0, 1, 10, 59)
        ],
    )
    found = statistics(cloudwatch, namespace, noon, Period=1)
    assert [point["Sum"] for point in found] == [2.0, 1.0, 1.0, 1.0]
    found = statistics(cloudwatch, namespace, noon, Period=10)
    assert [point["Sum"] for point in found] == [3.0, 1.0, 1.0]
    assert [point["Sum"] for point in statistics(cloudwatch, namespace, noon)] == [5.0]


@pytest.mark.parametrize(
    ("datum", "code", "word"),
    [
        ({"MetricName": ""}, "InvalidParameterValue", "MetricName"),
        ({"Value": math.nan}, "InvalidParameterValue", "Value"),
        ({"Value": 1e300}, "InvalidParameterValue", "2^360"),
        ({"Unit": "Parsecs"}, "InvalidParameterValue", "Parsecs"),
        ({"StorageResolution": 5}, "InvalidParameterValue", "StorageResolution"),
        ({"Values": [1.0]}, "InvalidParameterCombination", "mutually exclusive"),
        ({"Counts": [1.0]}, "InvalidParameterCombination", "Counts"),
        ({"Dimensions": [{"Name": "a", "Value": ""}]}, "InvalidParameterValue", "Dimensions"),
        ({"Dimensions": [{"Name": "a", "Value": "1"}] * 2}, "InvalidParameterValue", "repeated"),
        (
            {"Dimensions": [{"Name": f"d{n}", "Value": "1"} for n in range(31)]},
            "InvalidParameterValue",
            "30",
        ),
        (
            {"Timestamp": datetime.now(UTC) - timedelta(days=15)},
            "InvalidParameterValue",
            "two weeks",
        ),
        (
            {"Timestamp": datetime.now(UTC) + timedelta(hours=3)},
            "InvalidParameterValue",
            "two hours",
        ),
    ],
)
def test_bad_data_is_refused_whole(
    cloudwatch: Any, namespace: str, datum: Any, code: str, word: str
) -> None:
    good = {"MetricName": "m", "Value": 1.0}
    with refused(code, "MetricData.member.2", word):
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[good, {**good, **datum}])
    assert cloudwatch.list_metrics(Namespace=namespace)["Metrics"] == []


@pytest.mark.parametrize(
    ("without_value", "code", "word"),
    [
        ({}, "MissingParameter", "StatisticValues"),
        ({"Values": [1.0] * 151}, "InvalidParameterValue", "150"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "InvalidParameterValue", "same size"),
        ({"Value": float("nan")}, "InvalidParameterValue", "The value NaN for parameter Metric"),
        ({"Values": [1.0], "Counts": [0.0]}, "InvalidParameterValue", "Counts"),
        ({"StatisticValues": {"SampleCount": 1}}, "MissingParameter", "Sum"),
        (
            {"StatisticValues": {"SampleCount": 0, "Sum": 1, "Minimum": 1, "Maximum": 1}},
            "InvalidParameterValue",
            "SampleCount",
        ),
        (
            {"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}},
            "InvalidParameterValue",
            "Minimum",
        ),
    ],
)
def test_bad_values_are_refused(
    cloudwatch: Any, namespace: str, without_value: Any, code: str, word: str
) -> None:
    with refused(code, word):
        cloudwatch.put_metric_data(
            Namespace=namespace, MetricData=[{"MetricName": "m", **without_value}]
        )


def test_namespaces_of_aws_are_reserved(cloudwatch: Any) -> None:
    for name in ("AWS/Lambda", ":x", "x" * 256, "ä"):
        with refused("InvalidParameterValue", "Namespace"):
            cloudwatch.put_metric_data(
                Namespace=name, MetricData=[{"MetricName": "m", "Value": 1.0}]
            )
    with refused("InvalidParameterValue", "1000"):
        cloudwatch.put_metric_data(
            Namespace="x", MetricData=[{"MetricName": "m", "Value": 1.0}] * 1001
        )


def test_metrics_are_listed(cloudwatch: Any, namespace: str) -> None:
    def datum(number: int) -> dict[str, Any]:
        dimensions = [
            {"Name": "n", "Value": str(number)},
            {"Name": "odd", "Value": str(number % 2)},
        ]
        return {"MetricName": f"m{number % 3}", "Value": 1.0, "Dimensions": dimensions}

    cloudwatch.put_metric_data(
        Namespace=namespace, MetricData=[datum(number) for number in range(601)]
    )
    first = cloudwatch.list_metrics(Namespace=namespace)
    assert len(first["Metrics"]) == 500
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace))
    numbers = [metric["Dimensions"][0]["Value"] for page in pages for metric in page["Metrics"]]
    assert sorted(numbers, key=int) == [str(number) for number in range(601)]
    odd = cloudwatch.list_metrics(
        Namespace=namespace, MetricName="m1", Dimensions=[{"Name": "odd", "Value": "1"}]
    )["Metrics"]
    assert len(odd) == len([n for n in range(601) if n % 3 == 1 and n % 2])
    named = cloudwatch.list_metrics(
        Namespace=namespace, Dimensions=[{"Name": "n"}], RecentlyActive="PT3H"
    )
    assert len(named["Metrics"]) == 500
    assert cloudwatch.list_metrics(Namespace=namespace, Dimensions=[{"Name": "x"}])["Metrics"] == []
    with refused("InvalidParameterValue", "RecentlyActive"):
        cloudwatch.list_metrics(RecentlyActive="PT1H")
    with refused("InvalidParameterValue", "Request parameter NextToken is invalid"):
        cloudwatch.list_metrics(NextToken="!")


def test_statistics_have_limits(cloudwatch: Any, namespace: str, noon: datetime) -> None:
    for more, code, word in (
        ({"Period": 45}, "InvalidParameterValue", "multiple of 60"),
        ({"EndTime": noon}, "InvalidParameterValue", "StartTime"),
        (
            {"Period": 60, "StartTime": noon - timedelta(days=2)},
            "InvalidParameterCombination",
            "1,440",
        ),
        ({"Period": 60, "StartTime": noon - timedelta(days=20)}, "InvalidParameterValue", "300"),
        ({"Period": 300, "StartTime": noon - timedelta(days=70)}, "InvalidParameterValue", "3600"),
        ({"EndTime": noon + timedelta(seconds=0.9)}, "InvalidParameterValue", "StartTime"),
        ({"Statistics": []}, "InvalidParameterCombination", "either Statistics or Extended"),
        ({"Statistics": ["p50"]}, "InvalidParameterValue", "Statistics.member.1"),
    ):
        with refused(code, word):
            statistics(cloudwatch, namespace, noon, **more)


def test_a_policy_may_name_the_namespace(
    client: Callable[..., Any],
    iam: Any,
    as_user: Callable[..., Any],
    fresh_name: Callable[..., str],
    namespace: str,
) -> None:
    name = fresh_name("meter")
    iam.create_user(UserName=name)
    only = {"StringEquals": {"cloudwatch:namespace": namespace}}
    document = allow("cloudwatch:PutMetricData", Condition=only)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    own = as_user(name, "cloudwatch")
    own.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1.0}])
    with refused("AccessDenied", "cloudwatch:PutMetricData"):
        own.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "m", "Value": 1.0}])
    with refused("AccessDenied", "cloudwatch:ListMetrics"):
        own.list_metrics()
