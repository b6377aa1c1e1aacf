"""The files of the player, as they lie in `web/`: no build step stands between."""

from __future__ import annotations

from pathlib import Path

WEB = Path(__file__).parent / "web"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def assets() -> dict[str, tuple[bytes, str]]:
    """Body and media type by path: `/player.js` and what it imports from `/player/`."""
    files = [WEB / "player.js", *(WEB / "player").iterdir()]
    return {
        f"/{path.relative_to(WEB).as_posix()}": (path.read_bytes(), _TYPES[path.suffix])
        for path in files
        if path.suffix in _TYPES
    }
