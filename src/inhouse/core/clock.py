"""Time is injected, so that tests can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Clock(Protocol):
    def time(self) -> float:
        """Seconds since the epoch, UTC."""
        ...

    def now(self) -> datetime:
        """The same moment as an aware datetime."""
        ...

    def steady(self) -> float:
        """Seconds since about the epoch that pass alike while somebody sets the wall clock.

        For what is due, held or too old after some seconds, also in rows that outlive the server.
        """
        ...

    def keep(self) -> None:
        """Remembers the steady time for the next server."""
        ...


class SystemClock:
    """The machine's wall clock, and a steady one anchored to it when the server starts.

    `kept` is the file that remembers the steady time. It is not earlier at the next start, so that
    what was put off by seconds is not put off by what the wall clock was set back meanwhile.
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept
        self._anchor = max(time.time(), _read(kept)) - _elapsed()

    def time(self) -> float:
        return time.time()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def steady(self) -> float:
        return self._anchor + _elapsed()

    def keep(self) -> None:
        # Not synced: what a power cut may leave is read as nothing, and costs a wait at worst.
        if self._kept is not None:
            scratch = self._kept.with_suffix(".new")
            scratch.write_text(f"{self.steady():.3f}")
            scratch.replace(self._kept)


def _elapsed() -> float:
    """Seconds that nobody can set; those in which a laptop slept count as well."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def _read(kept: Path | None) -> float:
    try:
        return float(kept.read_text()) if kept is not None else 0.0
    except (OSError, ValueError):
        return 0.0
