"""The access log: one line a request, written in batches so that it costs a request little."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from inhouse.gateway.front import Exchange

FLUSH = 0.2
"""Seconds a line may wait before it is written."""


class AccessLog:
    """Who asked what, and how it ended; never a header, a query string or a body."""

    def __init__(self, *, as_json: bool, out: IO[str] | None = None) -> None:
        self._render: Callable[[dict[str, Any]], str] = _json if as_json else _text
        self._out = out or sys.stderr
        self._lines: list[str] = []

    def add(self, exchange: Exchange, status: int, seconds: float) -> None:
        target = exchange.target
        line = self._render(
            {
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "event": "request",
                "service": target.service if target else None,
                "operation": target.operation.name if target else exchange.request.method,
                "status": status,
                "error": exchange.error or None,
                "ms": round(seconds * 1000, 2),
                "caller": exchange.principal.arn,
                "source": exchange.request.client,
                "request_id": exchange.request_id,
            }
        )
        if not self._lines:
            asyncio.get_running_loop().call_later(FLUSH, self.flush)
        self._lines.append(line)

    def flush(self) -> None:
        """Writes what waits."""
        lines, self._lines = self._lines, []
        if lines:
            self._out.write("".join(lines))
            self._out.flush()


def _json(fields: dict[str, Any]) -> str:
    return orjson.dumps(fields).decode() + "\n"


def _text(fields: dict[str, Any]) -> str:
    error = f" {fields['error']}" if fields["error"] else ""
    return (
        f"{fields['timestamp']} {fields['status']} {fields['service'] or '-'} "
        f"{fields['operation']}{error} {fields['ms']} ms {fields['caller']} "
        f"{fields['request_id']}\n"
    )
