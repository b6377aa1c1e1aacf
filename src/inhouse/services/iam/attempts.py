"""Wrong codes, counted so that nobody tries them all. In memory: a restart takes longer than a rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inhouse.core.clock import Clock

MOST, REST = 5, 60.0
"""Wrong codes in a row before a device rests, and for how many seconds after the last one."""
_REMEMBERED = 10_000


class Attempts:
    """Wrong codes by device."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}

    def rests(self, device: str) -> bool:
        """Whether not even a right code counts now."""
        count, last = self._wrong.get(device, (0, 0.0))
        return count >= MOST and self._clock.steady() - last < REST

    def note(self, device: str, *, right: bool) -> None:
        count, last = self._wrong.pop(device, (0, 0.0))
        if right:
            return
        if len(self._wrong) >= _REMEMBERED:
            self._wrong.clear()
        now = self._clock.steady()
        self._wrong[device] = (count + 1 if now - last < REST else 1, now)
