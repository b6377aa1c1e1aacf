"""Walking all versions in order: by key, then from the newest to the oldest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, tuple_, union_all

from inhouse.services.s3 import history, scan
from inhouse.services.s3.tables import CURRENT, PAST, objects

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx

Position = tuple[str, int]
"""A key and a rank, which the rows that follow are behind."""
_NEWEST = -(1 << 63)
BEGIN: Position = ("", _NEWEST)
"""Before all rows."""
_BEYOND = chr(scan.LAST) * 257
"""Behind all keys, which have 1,024 bytes at most."""

_LISTED = [
    objects.c[name]
    for name in (
        "bucket",
        "key",
        "version",
        "rank",
        "current",
        "marker",
        "size",
        "etag",
        "modified",
        "storage_class",
        "algorithm",
        "checksum_type",
    )
]
_ORDER = tuple_(objects.c.key, objects.c.rank)
_BOTH = union_all(
    *(
        select(*_LISTED).where(
            objects.c.bucket == bindparam("of_bucket"),
            which,
            tuple_(bindparam("low"), bindparam("low_rank")) < _ORDER,
            objects.c.key < bindparam("high"),
        )
        for which in (CURRENT, PAST)
    )
)
_FROM = _BOTH.order_by("key", "rank").limit(bindparam("most"))


class _Versions:
    """Current versions and past ones, merged by one question: none changes sides in between."""

    def __init__(self, tx: Tx, bucket: str, prefix: str) -> None:
        self._tx = tx
        self._bucket = bucket
        self._high = scan.after_prefix(prefix) or _BEYOND

    def at(self, key: str) -> Position:
        return key, _NEWEST

    def behind(self, row: Row) -> Position:
        return row["key"], row["rank"]

    def fetch(self, low: Position, most: int) -> list[Row]:
        return self._tx.all(
            _FROM,
            of_bucket=self._bucket,
            low=low[0],
            low_rank=low[1],
            high=self._high,
            most=most,
        )


def behind(tx: Tx, bucket: str, position: Position, most: int) -> list[Row]:
    """Up to `most` versions of a bucket behind a position."""
    source = _Versions(tx, bucket, "")
    return source.fetch(position, most)


def page(
    tx: Tx,
    bucket: str,
    *,
    prefix: str = "",
    delimiter: str = "",
    marker: tuple[str, str | None] = ("", None),
    most: int,
) -> scan.Page:
    """Up to `most` versions and common prefixes behind `marker`: a key, or one of its versions.

    The version may have been deleted meanwhile. Raises InvalidArgument for what can't be one.
    """
    key, version = marker
    source = _Versions(tx, bucket, prefix)
    start = scan.begin(prefix, delimiter, key)
    low = None if start is None else source.at(start)
    within = key.startswith(prefix) and scan.rolled_up(key, prefix, delimiter) is None
    if version is not None:
        rank = _rank(tx, bucket, key, version)
        low = (key, rank) if within else low
    return scan.walk(source, low, prefix, delimiter, most)


def _rank(tx: Tx, bucket: str, key: str, version: str) -> int:
    """Only the null version's id does not tell it; if that is gone, its key begins anew."""
    if version != history.NULL_ID:
        return history.rank_of(version, "version-id-marker")
    row = history.find(tx, bucket, key, version)
    return _NEWEST if row is None else int(row["rank"])
