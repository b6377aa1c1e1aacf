"""What the rules of a lifecycle configuration expire and move, and when: no store, no clock.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.services.s3.transitions import ALWAYS_128K, Move, after_days, moves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from inhouse.core.ports import Row

    Tags = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that is enabled. Times in seconds since the epoch, sizes in bytes."""

    id: str
    prefix: str
    tags: tuple[tuple[str, str], ...]
    larger_than: int
    smaller_than: float
    days: int | None
    date: float | None
    markers: bool
    noncurrent_days: int | None
    newer_noncurrent: int
    abort_days: int | None
    moves: tuple[Move, ...]
    noncurrent_moves: tuple[Move, ...]

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Rule:
        """From a rule as boto3 has it, dates as ISO 8601 text."""
        chosen: Mapping[str, Any] = members.get("Filter") or {}
        both: Mapping[str, Any] = chosen.get("And") or chosen
        tags = both.get("Tags") or ([both["Tag"]] if both.get("Tag") else [])
        smaller = both.get("ObjectSizeLessThan")
        expiration = members.get("Expiration") or {}
        noncurrent = members.get("NoncurrentVersionExpiration") or {}
        date = expiration.get("Date")
        return cls(
            id=members["ID"],
            prefix=both.get("Prefix") or members.get("Prefix") or "",
            tags=tuple((tag["Key"], tag["Value"]) for tag in tags),
            larger_than=-1 if (size := both.get("ObjectSizeGreaterThan")) is None else size,
            smaller_than=float("inf") if smaller is None else smaller,
            days=expiration.get("Days"),
            date=None if date is None else datetime.fromisoformat(date).timestamp(),
            markers=bool(expiration.get("ExpiredObjectDeleteMarker")),
            noncurrent_days=noncurrent.get("NoncurrentDays"),
            newer_noncurrent=noncurrent.get("NewerNoncurrentVersions") or 0,
            abort_days=(members.get("AbortIncompleteMultipartUpload") or {}).get(
                "DaysAfterInitiation"
            ),
            moves=moves(members, "Transitions"),
            noncurrent_moves=moves(members, "NoncurrentVersionTransitions"),
        )

    @property
    def names_sizes(self) -> bool:
        return self.larger_than >= 0 or self.smaller_than < float("inf")

    def fits(self, key: str, size: int, tags: Tags) -> bool:
        """Whether the rule is about an object. Its tags are asked for only if they matter."""
        if not key.startswith(self.prefix) or not self.larger_than < size < self.smaller_than:
            return False
        return not self.tags or set(self.tags) <= set(tags().items())

    def due(self, modified: float) -> float | None:
        """When a current version of that age expires."""
        if self.days is not None:
            return after_days(modified, self.days)
        return self.date


@lru_cache(maxsize=256)
def rules(configuration: str) -> tuple[Rule, ...]:
    """The enabled rules of a configuration as its column has it."""
    return tuple(
        Rule.of(each)
        for each in orjson.loads(configuration)["Rules"]
        if each["Status"] == "Enabled"
    )


def told(configuration: str, key: str, size: int, modified: float, tags: Tags) -> str | None:
    """The `x-amz-expiration` header of a current version: when it expires first, by which rule."""
    found = [
        (due, rule.id)
        for rule in rules(configuration)
        if (due := rule.due(modified)) is not None and rule.fits(key, size, tags)
    ]
    if not found:
        return None
    due, name = min(found)
    return f'expiry-date="{formatdate(due, usegmt=True)}", rule-id="{name}"'


def expired(
    configuration: str, versions: Sequence[Row], now: float, tags_of: Callable[[Row], Any]
) -> Iterator[Row]:
    """Those rows of a key's versions, given from the newest to the oldest, whose time has come."""
    enabled, newest = rules(configuration), versions[0]
    if newest["current"]:
        if any(_is_due(rule, newest, now, tags_of) for rule in enabled):
            yield newest
    elif len(versions) == 1 and any(_ends_marker(rule, newest, now) for rule in enabled):
        yield newest
    for index, row in enumerate(versions[1:]):
        since = versions[index]["modified"]
        for rule in enabled:
            days = rule.noncurrent_days
            if (
                days is not None
                and index >= rule.newer_noncurrent
                and after_days(since, days) <= now
                and _fits(rule, row, tags_of)
            ):
                yield row
                break


def moved(
    configuration: str, versions: Sequence[Row], now: float, tags_of: Callable[[Row], Any]
) -> Iterator[tuple[Row, str]]:
    """Those of a key's versions, from the newest to the oldest, that go to a colder storage class,
    and to which: the coldest that is due, which earlier looks would have led to as well."""
    minimum = _minimum_size(configuration)
    for index, row in enumerate(versions):
        if row["marker"]:
            continue
        since = row["modified"] if row["current"] else versions[index - 1]["modified"]
        due = [
            move
            for rule in rules(configuration)
            for move in (rule.moves if row["current"] else rule.noncurrent_moves)
            if move.due(since) <= now
            and move.lowers(row["storage_class"])
            and (row["current"] or index > move.newer_noncurrent)
            and (rule.names_sizes or move.is_worth(row["size"], minimum))
            and _fits(rule, row, tags_of)
        ]
        if due:
            yield row, max(due, key=lambda move: move.depth).storage_class


@lru_cache(maxsize=256)
def _minimum_size(configuration: str) -> str:
    return str(orjson.loads(configuration).get("MinimumSize", ALWAYS_128K))


def _is_due(rule: Rule, row: Row, now: float, tags_of: Callable[[Row], Any]) -> bool:
    due = rule.due(row["modified"])
    return due is not None and due <= now and _fits(rule, row, tags_of)


def _fits(rule: Rule, row: Row, tags_of: Callable[[Row], Any]) -> bool:
    return rule.fits(row["key"], row["size"], lambda: tags_of(row))


def _ends_marker(rule: Rule, marker: Row, now: float) -> bool:
    """Whether a rule removes a delete marker behind which no version is left."""
    if rule.tags or not marker["key"].startswith(rule.prefix):
        return False
    due = rule.due(marker["modified"])
    return rule.markers or (due is not None and due <= now)
