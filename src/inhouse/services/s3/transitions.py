"""Which versions a lifecycle moves to another storage class, and when: no store, no clock.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400
CLASSES = (
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
"""What objects can be moved to, from the warmest to the coldest; they never move up."""
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
ALWAYS_128K = "all_storage_classes_128K"
BY_CLASS = "varies_by_storage_class"
MINIMUM_SIZES = (ALWAYS_128K, BY_CLASS)
_SMALL = 128 << 10
"""Bytes below which objects are not worth moving, unless a rule's filter says which sizes are."""
_DEPTHS = {name: depth for depth, name in enumerate(CLASSES)}


class Move(NamedTuple):
    """One Transition or NoncurrentVersionTransition. `date` in seconds since the epoch."""

    storage_class: str
    days: int | None
    date: float | None
    newer_noncurrent: int

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Move:
        days, date = members.get("Days", members.get("NoncurrentDays")), members.get("Date")
        return cls(
            members["StorageClass"],
            days,
            None if date is None else datetime.fromisoformat(date).timestamp(),
            members.get("NewerNoncurrentVersions") or 0,
        )

    def due(self, since: float) -> float:
        """When it is time for a version that is what it is since then."""
        if self.date is not None:
            return self.date
        return after_days(since, self.days or 0)

    @property
    def depth(self) -> int:
        """How cold it is there."""
        return _DEPTHS[self.storage_class]

    def lowers(self, storage_class: str) -> bool:
        """Whether the move leads from that class to a colder one."""
        return self.depth > _DEPTHS.get(storage_class, -1)

    def is_worth(self, size: int, minimum: str) -> bool:
        """Whether objects of that many bytes are moved, where the filter names no sizes."""
        archived = minimum == BY_CLASS and self.storage_class in ARCHIVES
        return archived or size >= _SMALL


def after_days(since: float, days: int) -> float:
    """The midnight, UTC, that follows so many days later."""
    return (since // DAY + days + 1) * DAY


def moves(members: Mapping[str, Any], name: str) -> tuple[Move, ...]:
    """The moves of a rule as boto3 has it: its `Transitions` or `NoncurrentVersionTransitions`."""
    return tuple(Move.of(each) for each in members.get(name) or ())
