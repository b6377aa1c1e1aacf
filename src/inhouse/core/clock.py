"""Time is injected, so that tests can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Another after each start of the machine, random(4)."""


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
    """The machine's wall clock, and a steady one that was anchored to it once.

    `kept` is the file that remembers the steady time: it goes on until the machine starts anew, and
    then it is the wall clock's again, but not earlier than it was.
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept
        self._boot = _text(BOOT)
        boot, anchor, last = _remembered(kept)
        going_on = boot != "" and boot == self._boot and anchor + _elapsed() >= last
        self._anchor = anchor if going_on else max(time.time(), last) - _elapsed()

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
            scratch.write_text(f"{self._boot} {self._anchor:.3f} {self.steady():.3f}")
            scratch.replace(self._kept)


def _elapsed() -> float:
    """Seconds that nobody can set; those in which a laptop slept count as well."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def _remembered(kept: Path | None) -> tuple[str, float, float]:
    """The machine's start, the anchor and the last moment of an earlier server; zeros of none."""
    try:
        boot, anchor, last = _text(kept).split(" ") if kept is not None else ("", "0", "0")
        return boot, float(anchor), float(last)
    except ValueError:
        return "", 0.0, 0.0


def _text(path: Path) -> str:
    """A small file's text; nothing when it cannot be read."""
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""
