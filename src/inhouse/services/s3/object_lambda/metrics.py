"""Request metrics of access points whose configuration has CloudWatchMetricsEnabled.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html#olap-cloudwatch-metrics
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from inhouse.core.errors import ServiceError
from inhouse.core.principal import root_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.ports import House

log = structlog.get_logger()
NAMESPACE = "AWS/S3ObjectLambda"
PAUSE = 1.0
"""Seconds that values wait for others."""
VALUES = 150
"""Different values of a datum at most."""
_UNITS = {
    "BytesDownloaded": "Bytes",
    "BytesUploaded": "Bytes",
    "FirstByteLatency": "Milliseconds",
    "TotalRequestLatency": "Milliseconds",
}


class Source(NamedTuple):
    """Whose metrics they are: an access point's, by what answered."""

    account: str
    region: str
    access_point: str
    source: str
    """ARN of the function, or of the supporting access point."""


class Metrics:
    """Collects values and puts them into CloudWatch in batches, as the access point's account.

    Delivery is best effort, as on AWS: the last second may be lost when the server is killed.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._waiting: dict[Source, dict[str, list[float]]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, via: AccessPoint, answering: str, values: Mapping[str, float]) -> None:
        if not wanted(via):
            return
        source = Source(via.account, via.region, via.name, answering)
        found = self._waiting.setdefault(source, defaultdict(list))
        for name, value in values.items():
            found[name].append(value)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._put_soon())

    async def close(self) -> None:
        if self._task is not None:
            await self._task

    async def _put_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(PAUSE)
            waiting, self._waiting = self._waiting, {}
            for source, values in waiting.items():
                try:
                    await self._put(source, values)
                except ServiceError as error:
                    log.warning("object_lambda.metrics_lost", source=source, error=str(error))

    async def _put(self, source: Source, values: Mapping[str, list[float]]) -> None:
        await self._house.dispatch.invoke(
            root_user(source.account),
            "cloudwatch",
            "put_metric_data",
            {"Namespace": NAMESPACE, "MetricData": _data(source, values)},
            account=source.account,
            region=source.region,
        )


def wanted(via: AccessPoint) -> bool:
    """Whether the access point's configuration asks for metrics."""
    return bool((via.configuration or {}).get("CloudWatchMetricsEnabled"))


def _data(source: Source, values: Mapping[str, list[float]]) -> list[dict[str, Any]]:
    dimensions = [
        {"Name": "AccessPointName", "Value": source.access_point},
        {"Name": "DataSourceARN", "Value": source.source},
    ]
    found = []
    for name, given in values.items():
        counted = list(Counter(given).items())
        for start in range(0, len(counted), VALUES):
            part = counted[start : start + VALUES]
            found.append(
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Unit": _UNITS.get(name, "Count"),
                    "Values": [value for value, _ in part],
                    "Counts": [float(count) for _, count in part],
                }
            )
    return found
