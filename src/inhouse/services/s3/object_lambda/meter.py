"""What one read through an Object Lambda access point adds to the metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.services.s3.object_lambda.passage import Passage

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from inhouse.core.access_points import AccessPoint
    from inhouse.services.s3.object_lambda.metrics import Metrics

_KINDS = {"GetObject": "GetRequests", "HeadObject": "HeadRequests"}


class Meter:
    """Measures the time until an answer begins, and until its last byte has been sent."""

    def __init__(self, metrics: Metrics, via: AccessPoint, function: str, operation: str) -> None:
        self._metrics = metrics
        self._via = via
        self._function = function
        self._operation = operation
        self._began = time.perf_counter()

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if isinstance(error, ServiceError):
            self._add(error.status or 400)

    def answered(self, result: dict[str, Any]) -> dict[str, Any]:
        """The answer of a read that goes well, as it is."""
        status = result.get("ResponseMetadata", {}).get("HTTPStatusCode", 200)
        self._add(status, FirstByteLatency=self._elapsed())
        passage = result.get("Body")
        if isinstance(passage, Passage):
            passage.over.add_done_callback(lambda _: self._sent(passage))
        else:
            self._put(TotalRequestLatency=self._elapsed())
        return result

    def _sent(self, passage: Passage) -> None:
        failed = passage.over.cancelled() or passage.over.exception() is not None
        self._put(
            TotalRequestLatency=self._elapsed(),
            BytesDownloaded=passage.sent,
            LambdaResponseRequests=1,
            LambdaResponse4xx=int(failed),
            LambdaResponse5xx=0,
        )

    def _add(self, status: int, **more: float) -> None:
        self._put(
            AllRequests=1,
            InvokedLambda=1,
            **{_KINDS.get(self._operation, "ListRequests"): 1},
            **{"4xxErrors": int(400 <= status < 500), "5xxErrors": int(status >= 500)},
            **more,
        )

    def _put(self, **values: float) -> None:
        self._metrics.add(self._via, self._function, values)

    def _elapsed(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 1)
