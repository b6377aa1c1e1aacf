"""Walking keys in order, jumping over what a delimiter rolls up.

Keys are ordered by their UTF-8 bytes, which is the order of their code points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from inhouse.services.s3.tables import objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from inhouse.core.ports import Row, Tx

_LAST = 0x10FFFF
_FIRST_BATCH, _MOST, _LEAST = 64, 1000, 4

_LISTED = [
    objects.c[name]
    for name in ("key", "size", "etag", "modified", "storage_class", "algorithm", "checksum_type")
]
_FROM = (
    select(*_LISTED)
    .where(objects.c.bucket == bindparam("of_bucket"), objects.c.key >= bindparam("low"))
    .order_by(objects.c.key)
    .limit(bindparam("most"))
)
_BETWEEN = (
    select(*_LISTED)
    .where(
        objects.c.bucket == bindparam("of_bucket"),
        objects.c.key >= bindparam("low"),
        objects.c.key < bindparam("high"),
    )
    .order_by(objects.c.key)
    .limit(bindparam("most"))
)


def after_prefix(prefix: str) -> str | None:
    """The first text behind all texts that begin with `prefix`; None when there is none."""
    while prefix:
        point = ord(prefix[-1])
        if point < _LAST:
            return prefix[:-1] + chr(0xE000 if point == 0xD7FF else point + 1)
        prefix = prefix[:-1]
    return None


def just_after(key: str) -> str:
    """The first text behind `key`."""
    return key + "\x00"


@dataclass(slots=True)
class Page:
    """One page of a listing. `last`: the last key or common prefix on it, to go on behind."""

    objects: list[Row] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str = ""
    truncated: bool = False

    @property
    def count(self) -> int:
        return len(self.objects) + len(self.prefixes)


def rolled_up(key: str, prefix: str, delimiter: str) -> str | None:
    """The common prefix that stands for `key`, if a delimiter follows the prefix."""
    found = key.find(delimiter, len(prefix)) if delimiter else -1
    return None if found < 0 else key[: found + len(delimiter)]


def begin(prefix: str, delimiter: str, marker: str) -> str | None:
    """The first key that may be listed behind `marker`; None when nothing can follow."""
    if marker < prefix or not marker:
        return prefix
    if not marker.startswith(prefix):
        return None
    common = rolled_up(marker, prefix, delimiter)
    return just_after(marker) if common is None else after_prefix(common)


def page(
    tx: Tx, bucket: str, *, prefix: str = "", delimiter: str = "", marker: str = "", most: int
) -> Page:
    """Up to `most` keys and common prefixes behind `marker`.

    Costs one index search for each common prefix, however many keys it stands for.
    """
    high = after_prefix(prefix)

    def fetch(low: str, limit: int) -> list[Row]:
        if high is None:
            return tx.all(_FROM, of_bucket=bucket, low=low, most=limit)
        return tx.all(_BETWEEN, of_bucket=bucket, low=low, high=high, most=limit)

    low = begin(prefix, delimiter, marker)
    found = Page()
    if most > 0 and low is not None:
        _walk(found, fetch, low, prefix, delimiter, most)
    return found


def _walk(
    found: Page,
    fetch: Callable[[str, int], list[Any]],
    low: str | None,
    prefix: str,
    delimiter: str,
    most: int,
) -> None:
    size = _FIRST_BATCH if delimiter else most + 1
    while low is not None:
        batch = fetch(low, size)
        common, jumped = None, False
        for row in batch:
            key: str = row["key"]
            if common is not None and key.startswith(common):
                jumped = True
                continue
            if found.count == most:
                found.truncated = True
                return
            common = rolled_up(key, prefix, delimiter)
            if common is None:
                found.objects.append(row)
            else:
                found.prefixes.append(common)
            found.last = common or key
        if len(batch) < size:
            return
        low = after_prefix(common) if common is not None else just_after(batch[-1]["key"])
        # Many keys under one prefix: read fewer before each jump. Few: read more.
        size = max(_LEAST, size // 4) if jumped else min(_MOST, size * 2)
