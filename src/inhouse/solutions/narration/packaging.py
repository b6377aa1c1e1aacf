"""The zip package of the functions."""

from __future__ import annotations

from pathlib import Path

from inhouse.solutions import deploying

FOLDER = Path(__file__).parent / "functions"


def package() -> bytes:
    """A zip with the modules of `functions/` as the package `narration`."""
    return deploying.package(FOLDER, "narration")
