"""Plays, completions and subscriptions as metrics: counted here, put to CloudWatch in batches."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from inhouse.solutions.narration.functions.metrics import NAMESPACE

if TYPE_CHECKING:
    import boto3

    from inhouse.solutions.narration.edge.source import Source

log = structlog.get_logger()
FLUSH_SECONDS = 5.0
LAST_SECONDS = 8.0
METRICS = {"play": "Plays", "complete": "Completions", "subscribe": "TeaserSubscriptions"}


class Tally:
    """Counts that are not yet in CloudWatch. What cannot be put waits; serving never does."""

    def __init__(self, session: boto3.Session, source: Source, deployment: str) -> None:
        settings = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1})
        self._cloudwatch: Any = session.client("cloudwatch", config=settings)
        self._source = source
        self._deployment = deployment
        self._counts: Counter[str] = Counter()
        self._flushing: asyncio.Task[None] | None = None
        self._putting = asyncio.Lock()

    def add(self, event: str) -> None:
        """Counts one; the first begins a batch."""
        self._counts[METRICS[event]] += 1
        self._begin()

    async def close(self) -> None:
        """Puts what is left, if that can be done soon."""
        if self._flushing:
            self._flushing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flushing
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self._flush()
        if self._counts:
            log.error("edge.events_lost", **self._counts)

    def _begin(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._later())

    async def _later(self) -> None:
        while self._counts:
            await asyncio.sleep(FLUSH_SECONDS)
            # Shielded: a batch that is under way when the edge ends is neither lost nor put twice.
            await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        async with self._putting:
            counts, self._counts = self._counts, Counter()
            if not counts:
                return
            try:
                await self._source.run(self._put, counts)
            except (ClientError, BotoCoreError) as error:
                self._counts += counts
                log.warning("edge.events_wait", reason=str(error))

    def _put(self, counts: Counter[str]) -> None:
        dimensions = [{"Name": "Deployment", "Value": self._deployment}]
        self._cloudwatch.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {"MetricName": name, "Dimensions": dimensions, "Value": count, "Unit": "Count"}
                for name, count in counts.items()
            ],
        )
