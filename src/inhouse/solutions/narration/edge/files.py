"""The player's files, read once: scripts and styles of the folder `web`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inhouse.solutions.narration.edge.answers import problem, tag, whole

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

WEB = Path(__file__).parent / "web"
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


class Files:
    """What `web` holds, by path; nothing else is ever read for a request."""

    def __init__(self, folder: Path = WEB) -> None:
        self._held: dict[str, tuple[bytes, str, str]] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in _KINDS:
                body = path.read_bytes()
                name = path.relative_to(folder).as_posix()
                self._held[name] = body, _KINDS[path.suffix], tag(body)

    async def answer(self, request: Request) -> Response:
        found = self._held.get(request.path_params["path"])
        if found is None:
            return problem(404, "NotFound", "There is nothing here.")
        body, kind, etag = found
        # Modules of two versions do not fit together: each load asks, and mostly hears 304.
        return whole(request, body, kind, {"Cache-Control": "no-cache"}, etag)
