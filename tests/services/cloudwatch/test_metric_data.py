"""GetMetricData through boto3: metric math, pages, what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.services.cloudwatch.asking import MINUTE, data, query
from tests.services.iam.asking import refused


@pytest.fixture
def two_series(cloudwatch: Any, namespace: str, noon: datetime) -> None:
    """m: 1, 2, 3, 4 and n: 10, -, 30 a minute."""
    values = {"m": {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}, "n": {0: 10.0, 2: 30.0}}
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": name, "Timestamp": noon + minute * MINUTE, "Value": value}
            for name, points in values.items()
            for minute, value in points.items()
        ],
    )


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("m + n", [11, 33]),
        ("2 * m - 1", [1, 3, 5, 7]),
        ("-m ^ 2", [-1, -4, -9, -16]),
        ("2 ^ 3 ^ m", [8, 512, 134217728, 2**81]),
        ("(m + 1) / (m - 1)", [3, 2, 5 / 3]),
        ("m / SUM(m)", [0.1, 0.2, 0.3, 0.4]),
        ("SUM(METRICS())", [11, 2, 33, 4]),
        ("AVG([m, n])", [5.5, 2, 16.5, 4]),
        ("MAX(METRICS('n')) - MIN([m])", [9, 27]),
        ("m * 0 + MAX(m) - MIN(m)", [3, 3, 3, 3]),
        ("FILL(n, 0)", [10, 0, 30, 0, 0, 0, 0, 0, 0, 0]),
        ("FILL(n, REPEAT)", [10, 10, 30, 30, 30, 30, 30, 30, 30, 30]),
        ("FILL(n, LINEAR)", [10, 20, 30]),
        ("FILL(n, m)", [10, 2, 30, 4]),
        ("RUNNING_SUM(m) / PERIOD(m)", [1 / 60, 3 / 60, 6 / 60, 10 / 60]),
        ("CEIL(m / 2) + FLOOR(ABS(-m))", [2, 3, 5, 6]),
        ("1e2*m+.5", [100.5, 200.5, 300.5, 400.5]),
    ],
)
def test_metric_math(
    cloudwatch: Any,
    namespace: str,
    noon: datetime,
    two_series: None,
    expression: str,
    values: list[float],
) -> None:
    results = data(
        cloudwatch,
        noon,
        [
            {"Id": "m", "MetricStat": query(namespace), "ReturnData": False},
            {"Id": "n", "MetricStat": query(namespace, name="n"), "ReturnData": False},
            {"Id": "e", "Expression": expression, "Label": "asked"},
        ],
    )["MetricDataResults"]
    assert [(one["Id"], one["Label"]) for one in results] == [("e", "asked")]
    assert results[0]["Values"] == pytest.approx(values)


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("m +", "ends too early"),
        ("m n", "'n'"),
        ("(m", "')'"),
        ("x", "'x'"),
        ("SEARCH('a', 'b')", "SEARCH"),
        ("m $ 2", "'$'"),
        ("SUM(m)", "a number"),
        ("METRICS()", "2 time series"),
        ("e + 1", "itself"),
        ("other", "itself"),
        ("SUM(m, n)", "one argument"),
        ("FILL(m, 'x')", "FILL"),
        ("'text' + m", "text"),
        ("(" * 200 + "m" + ")" * 200, "deep"),
    ],
)
def test_wrong_math_is_explained(
    cloudwatch: Any, namespace: str, noon: datetime, expression: str, word: str
) -> None:
    queries = [
        {"Id": "m", "MetricStat": query(namespace)},
        {"Id": "n", "MetricStat": query(namespace, name="n")},
        {"Id": "other", "Expression": "e", "ReturnData": False},
        {"Id": "e", "Expression": expression},
    ]
    with refused("ValidationError", "'e'", word):
        data(cloudwatch, noon, queries)


@pytest.mark.parametrize(
    ("queries", "word"),
    [
        ([], "MetricDataQueries"),
        ([{"Id": "Upper", "Expression": "1"}], "Upper"),
        ([{"Id": "a", "Expression": "1"}] * 2, "not unique"),
        ([{"Id": "a"}], "The parameter MetricDataQueries.member.1.MetricStat is required.\n"),
        ([{"Id": "a", "MetricStat": query("x", "p101")}], "p101"),
        ([{"Id": "a", "MetricStat": query("x", Period=61)}], "Period"),
        ([{"Id": "a", "MetricStat": query("x"), "ReturnData": False}], "ReturnData"),
        ([{"Id": "a", "MetricStat": query("x"), "AccountId": "210987654321"}], "AccountId"),
    ],
)
def test_bad_queries_are_refused(cloudwatch: Any, noon: datetime, queries: Any, word: str) -> None:
    with refused("ValidationError", word):
        data(cloudwatch, noon, queries)


def test_ranges_last_into_another_second(cloudwatch: Any, noon: datetime) -> None:
    asked = [{"Id": "a", "MetricStat": query("x")}]
    for end, word in (
        (noon, "must not equal parameter EndTime"),
        (noon + timedelta(seconds=0.9), "must not equal parameter EndTime"),
        (noon - timedelta(seconds=1), "EndTime must be greater than StartTime"),
    ):
        with refused("ValidationError", word):
            data(cloudwatch, noon, asked, EndTime=end)


def test_datapoints_come_in_pages_and_either_order(
    cloudwatch: Any, namespace: str, noon: datetime, two_series: None
) -> None:
    queries = [
        {"Id": "m", "MetricStat": query(namespace)},
        {"Id": "none", "MetricStat": query(namespace, name="none")},
        {"Id": "n", "MetricStat": query(namespace, name="n")},
    ]
    found: dict[str, list[float]] = {}
    token: dict[str, str] = {}
    pages = 0
    while True:
        answer = data(cloudwatch, noon, queries, MaxDatapoints=3, **token)
        pages += 1
        for one in answer["MetricDataResults"]:
            found.setdefault(one["Id"], []).extend(one["Values"])
        if "NextToken" not in answer:
            break
        assert sum(len(one["Values"]) for one in answer["MetricDataResults"]) == 3
        token = {"NextToken": answer["NextToken"]}
    assert pages == 2
    assert found == {"m": [1.0, 2.0, 3.0, 4.0], "none": [], "n": [10.0, 30.0]}
    newest = data(cloudwatch, noon, queries, ScanBy="TimestampDescending")["MetricDataResults"]
    assert newest[0]["Values"] == [4.0, 3.0, 2.0, 1.0]
    assert newest[0]["Timestamps"][0] == noon + 3 * MINUTE
