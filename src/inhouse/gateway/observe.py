"""What the server tells of its requests: a structured access log and Prometheus metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from inhouse.gateway.front import Exchange
    from inhouse.wire.http import HttpResponse

log = structlog.get_logger("access")
_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Observer:
    """Counts and logs each request once it is answered.

    The log names who, what and how it ended; never a header, a query string or a body.
    """

    def __init__(self, *, access_log: bool) -> None:
        self.metrics = CollectorRegistry()
        self._log = access_log
        self._requests = Counter(
            "inhouse_requests_total",
            "Requests answered.",
            ("service", "operation", "status"),
            registry=self.metrics,
        )
        self._seconds = Histogram(
            "inhouse_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ("service",),
            registry=self.metrics,
            buckets=_BUCKETS,
        )
        self._active = Gauge(
            "inhouse_requests_active", "Requests being answered.", registry=self.metrics
        )
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    def begin(self) -> float:
        self._active.inc()
        return time.perf_counter()

    def end(self, exchange: Exchange, response: HttpResponse | None, started: float) -> None:
        seconds = time.perf_counter() - started
        target = exchange.target
        service = target.service if target else "none"
        operation = target.operation.name if target else "none"
        status = response.status if response else 0
        self._active.dec()
        self._counter(service, operation, status).inc()
        self._timer(service).observe(seconds)
        if self._log:
            log.info(
                "request",
                service=service,
                operation=operation,
                status=status,
                error=exchange.error or None,
                ms=round(seconds * 1000, 2),
                caller=exchange.principal.arn,
                source=exchange.request.client,
                request_id=exchange.request_id,
            )

    def page(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.metrics)

    def _counter(self, service: str, operation: str, status: int) -> Counter:
        key = (service, operation, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._requests.labels(service, operation, str(status))
        return counter

    def _timer(self, service: str) -> Histogram:
        timer = self._timers.get(service)
        if timer is None:
            timer = self._timers[service] = self._seconds.labels(service)
        return timer
