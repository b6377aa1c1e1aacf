"""The access log: one JSON line a request, in batches. No query, no header, no unknown path."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import IO, Any

FLUSH_SECONDS = 0.2


class AccessLog:
    """Tells the route and the article that was found, so that nothing a client made up gets in.

    A path that leads nowhere is not told: a token pasted into it would be.
    """

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stderr
        self._lines: list[str] = []

    def add(self, scope: Any, status: int, sent: int, seconds: float) -> None:
        """`sent` is in bytes, `seconds` until the last of them was handed to the network."""
        route = scope.get("route")
        known = status < 400 or status == 401
        line = {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": "request",
            "method": scope["method"] if route else "-",
            "route": getattr(route, "path", "-"),
            "article": scope.get("path_params", {}).get("article") if known else None,
            "status": status,
            "bytes": sent,
            "ms": round(seconds * 1000, 2),
            "source": (scope.get("client") or ("-",))[0],
        }
        if not self._lines:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        self._lines.append(json.dumps(line))

    def flush(self) -> None:
        """Writes what waits."""
        lines, self._lines = self._lines, []
        if lines:
            self._out.write("\n".join(lines) + "\n")
            self._out.flush()
