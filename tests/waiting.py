"""One patience for all tests that wait: far beyond what even a very busy machine takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

PATIENCE = 180.0
Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str = "what was waited for") -> Found:
    """What `look` finds, as soon as it is something; `what` names it should it never come."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come")


async def eventually(holds: Callable[[], Any]) -> None:
    """Ends as soon as `holds` says so; other coroutines go on meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)
