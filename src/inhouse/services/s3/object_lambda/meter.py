"""What one request at an Object Lambda access point adds to the metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.services.s3.object_lambda.passage import Passage

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
    from types import TracebackType
    from typing import Any

    from inhouse.core.access_points import AccessPoint
    from inhouse.services.s3.object_lambda.metrics import Metrics

_KINDS = {
    "Get": "GetRequests",
    "Head": "HeadRequests",
    "List": "ListRequests",
    "Put": "PutRequests",
    "Upload": "PutRequests",
    "Copy": "PutRequests",
    "Delete": "DeleteRequests",
    "Abort": "DeleteRequests",
}
"""Of operations by how their names begin; the others are POST requests."""


class Meter:
    """Measures the time until an answer begins, and until its last byte has been sent.

    `function` is the ARN of the one that transforms; without it, the request goes on to the
    supporting access point.
    """

    def __init__(
        self, metrics: Metrics, via: AccessPoint, operation: str, function: str | None = None
    ) -> None:
        assert via.supporting is not None
        self._metrics = metrics
        self._via = via
        self._source = function or via.supporting.arn
        self._handling = "ProxiedRequests" if function is None else "InvokedLambda"
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

    def proxied(self, req: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        """The answer of the supporting access point; its body is counted while it is sent."""
        uploaded = getattr(req.get("Body"), "length", None)
        more = {} if uploaded is None else {"BytesUploaded": uploaded}
        self._add(200, FirstByteLatency=self._elapsed(), **more)
        body = result.get("Body")
        if body is None:
            self._put(TotalRequestLatency=self._elapsed())
        elif isinstance(body, bytes):
            self._downloaded(len(body))
        else:
            return {**result, "Body": _counted(body, self._downloaded)}
        return result

    def _downloaded(self, sent: int) -> None:
        self._put(BytesDownloaded=sent, TotalRequestLatency=self._elapsed())

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
            **{self._handling: 1, self._kind(): 1},
            **{"4xxErrors": int(400 <= status < 500), "5xxErrors": int(status >= 500)},
            **more,
        )

    def _kind(self) -> str:
        found = (kind for start, kind in _KINDS.items() if self._operation.startswith(start))
        return next(found, "PostRequests")

    def _put(self, **values: float) -> None:
        self._metrics.add(self._via, self._source, values)

    def _elapsed(self) -> float:
        return round((time.perf_counter() - self._began) * 1000, 1)


async def _counted(body: AsyncIterable[bytes], told: Callable[[int], None]) -> AsyncIterator[bytes]:
    sent = 0
    try:
        async for piece in body:
            sent += len(piece)
            yield piece
    finally:
        told(sent)
        close = getattr(body, "aclose", None)
        if close is not None:
            await close()
