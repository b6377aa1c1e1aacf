"""How often articles were listened to: what edges counted, summed by CloudWatch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from inhouse.solutions.narration.functions.metrics import NAMESPACE

if TYPE_CHECKING:
    import boto3

KEPT = timedelta(days=455)
"""So long CloudWatch keeps hourly sums.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
"""
DAY_SECONDS = 86_400
_METRICS = {
    "plays": "Plays",
    "completions": "Completions",
    "teaser_subscriptions": "TeaserSubscriptions",
}


@dataclass(frozen=True, slots=True)
class Listenings:
    plays: int
    completions: int
    teaser_subscriptions: int


def listenings(session: boto3.Session, name: str) -> Listenings:
    """The sums of deployment `name` over its life, or as much of it as CloudWatch keeps."""
    now = datetime.now(UTC)
    dimensions = [{"Name": "Deployment", "Value": name}]
    queries = [
        {
            "Id": member,
            "MetricStat": {
                "Metric": {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions},
                "Period": DAY_SECONDS,
                "Stat": "Sum",
            },
        }
        for member, metric in _METRICS.items()
    ]
    pages = (
        session.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=queries,  # type: ignore[arg-type]
            StartTime=now - KEPT,
            EndTime=now + timedelta(hours=1),
        )
    )
    sums = dict.fromkeys(_METRICS, 0.0)
    for page in pages:
        for result in page["MetricDataResults"]:
            sums[result["Id"]] += sum(result["Values"])
    return Listenings(**{member: round(value) for member, value in sums.items()})
