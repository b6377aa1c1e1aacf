"""Where readers reach this edge, and what it calls itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.requests import Request

    from inhouse.solutions.narration.edge.options import Options

_HOST = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?"
)


class Site:
    """Absolute addresses: under `--site-url`, else under the host that the request names."""

    def __init__(self, options: Options) -> None:
        self._url = options.site_url.rstrip("/") if options.site_url else None
        self._title = options.title
        self._name = options.name

    def base(self, request: Request) -> str:
        """Without a slash at its end; "" when the request's host is no host."""
        if self._url:
            return self._url
        host = request.headers.get("host", "")
        return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""

    def title(self, manifest: dict[str, Any] | None = None) -> str:
        """`--title`, else the publisher of an article, else the deployment's name."""
        return self._title or str((manifest or {}).get("publisher") or "") or self._name
