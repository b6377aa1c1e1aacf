"""What the server tells of its requests, in Prometheus' text format and in the access log."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from inhouse.gateway.accesslog import AccessLog
    from inhouse.gateway.front import Exchange
    from inhouse.wire.http import HttpResponse

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
"""Upper bounds of the buckets of request times, seconds."""


class Observer:
    """Counts and logs each request once it is answered.

    Counts are plain dicts that become Prometheus' families when they are asked for: one
    increment costs a tenth of what its own counters do.
    """

    def __init__(
        self,
        access_log: AccessLog,
        jobs: Callable[[], Mapping[tuple[str, str], int]],
        services: Callable[[], Iterable[Metric]],
    ) -> None:
        """`jobs` answers the number of jobs by kind and state, `services` what services count."""
        self._log = access_log
        self._jobs = jobs
        self._services = services
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._times: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self._active = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def begin(self) -> float:
        self._active += 1
        return time.perf_counter()

    def end(self, exchange: Exchange, response: HttpResponse | None, started: float) -> None:
        seconds = time.perf_counter() - started
        target = exchange.target
        service, operation = (target.service, target.operation.name) if target else ("", "")
        status = response.status if response else 0
        self._active -= 1
        self._requests[service, operation, status] += 1
        self._times[service][bisect_left(BOUNDS, seconds)] += 1
        self._seconds[service] += seconds
        self._log.add(exchange, status, seconds)

    def page(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        """The families, as prometheus-client wants them of a collector."""
        requests = CounterMetricFamily(
            "inhouse_requests", "Requests answered.", labels=("service", "operation", "status")
        )
        for (service, operation, status), count in self._requests.items():
            requests.add_metric((service, operation, str(status)), count)
        yield requests
        yield self._histogram()
        yield GaugeMetricFamily("inhouse_requests_active", "Requests being answered.", self._active)
        jobs = GaugeMetricFamily(
            "inhouse_jobs", "Jobs in the durable queue.", labels=("kind", "state")
        )
        for (kind, state), count in self._jobs().items():
            jobs.add_metric((kind, state), count)
        yield jobs
        yield from self._services()

    def _histogram(self) -> HistogramMetricFamily:
        family = HistogramMetricFamily(
            "inhouse_request_seconds",
            "Time from the head of a request to the end of its answer.",
            labels=("service",),
        )
        bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
        for service, counts in self._times.items():
            buckets = list(zip(bounds, accumulate(counts), strict=True))
            family.add_metric((service,), buckets, self._seconds[service])
        return family
