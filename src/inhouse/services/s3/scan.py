"""Walking keys in order, jumping over what a delimiter rolls up.

Keys are ordered by their UTF-8 bytes, which is the order of their code points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import bindparam, select

from inhouse.services.s3.tables import CURRENT, objects

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx

P = TypeVar("P")
LAST = 0x10FFFF
_FIRST_BATCH, _MOST, _LEAST = 64, 1000, 4

_LISTED = [
    objects.c[name]
    for name in ("key", "size", "etag", "modified", "storage_class", "algorithm", "checksum_type")
]
_FROM = (
    select(*_LISTED)
    .where(objects.c.bucket == bindparam("of_bucket"), CURRENT, objects.c.key >= bindparam("low"))
    .order_by(objects.c.key)
    .limit(bindparam("most"))
)
_BETWEEN = (
    select(*_LISTED)
    .where(
        objects.c.bucket == bindparam("of_bucket"),
        CURRENT,
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
        if point < LAST:
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


class Source(Protocol[P]):
    """Rows in the order of their keys, read from positions `P` on."""

    def at(self, key: str) -> P:
        """Where the rows of `key`, or of the next key there is, begin."""
        ...

    def behind(self, row: Row) -> P: ...

    def fetch(self, low: P, most: int) -> list[Row]: ...


class _Objects:
    """Current versions, a row for each key. Positions are keys."""

    def __init__(self, tx: Tx, bucket: str, prefix: str) -> None:
        self._tx = tx
        self._bucket = bucket
        self._high = after_prefix(prefix)

    def at(self, key: str) -> str:
        return key

    def behind(self, row: Row) -> str:
        return just_after(row["key"])

    def fetch(self, low: str, most: int) -> list[Row]:
        if self._high is None:
            return self._tx.all(_FROM, of_bucket=self._bucket, low=low, most=most)
        return self._tx.all(_BETWEEN, of_bucket=self._bucket, low=low, high=self._high, most=most)


def page(
    tx: Tx, bucket: str, *, prefix: str = "", delimiter: str = "", marker: str = "", most: int
) -> Page:
    """Up to `most` keys and common prefixes behind `marker`.

    Costs one index search for each common prefix, however many keys it stands for.
    """
    low = begin(prefix, delimiter, marker)
    return walk(_Objects(tx, bucket, prefix), low, prefix, delimiter, most)


def walk(source: Source[P], low: P | None, prefix: str, delimiter: str, most: int) -> Page:
    """Up to `most` rows and common prefixes from `low` on."""
    found = Page()
    size = _FIRST_BATCH if delimiter else most + 1
    while low is not None and most > 0:
        batch = source.fetch(low, size)
        common, jumped = None, False
        for row in batch:
            key: str = row["key"]
            if common is not None and key.startswith(common):
                jumped = True
                continue
            if found.count == most:
                found.truncated = True
                return found
            common = rolled_up(key, prefix, delimiter)
            if common is None:
                found.objects.append(row)
            else:
                found.prefixes.append(common)
            found.last = common or key
        if len(batch) < size:
            break
        if common is None:
            low = source.behind(batch[-1])
        else:
            beyond = after_prefix(common)
            low = None if beyond is None else source.at(beyond)
        # Many keys under one prefix: read fewer before each jump. Few: read more.
        size = max(_LEAST, size // 4) if jumped else min(_MOST, size * 2)
    return found
