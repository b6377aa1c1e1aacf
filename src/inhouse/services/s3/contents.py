"""The SQL of parts and uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from inhouse.services.s3.tables import parts, uploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from inhouse.core.ports import Row, Tx

_OF = parts.c.content == bindparam("of_content")
_PARTS = select(parts).where(_OF).order_by(parts.c.number)
_PARTS_BETWEEN = (
    select(parts)
    .where(
        _OF,
        parts.c.start < bindparam("end_at"),
        parts.c.start + parts.c.size > bindparam("start_at"),
    )
    .order_by(parts.c.number)
)
_PAGE = (
    select(parts)
    .where(_OF, parts.c.number > bindparam("after"))
    .order_by(parts.c.number)
    .limit(bindparam("most"))
)
_PART = select(parts).where(_OF, parts.c.number == bindparam("of_number"))
_ADD_PART = insert(parts)
_PLACE_PART = update(parts).where(_OF, parts.c.number == bindparam("of_number"))
_DELETE_PART = delete(parts).where(_OF, parts.c.number == bindparam("of_number"))
_DELETE_PARTS = delete(parts).where(_OF)
_COUNT = select(func.count()).where(_OF)
_BLOBS = select(parts.c.blob)

_UPLOAD = select(uploads).where(uploads.c.id == bindparam("of_id"))
_ADD_UPLOAD = insert(uploads)
_DELETE_UPLOAD = delete(uploads).where(uploads.c.id == bindparam("of_id"))
_BEHIND = (uploads.c.key > bindparam("after_key")) | (
    (uploads.c.key == bindparam("after_key")) & (uploads.c.id > bindparam("after_id"))
)
_UPLOADS = (
    select(uploads)
    .where(
        uploads.c.bucket == bindparam("of_bucket"),
        uploads.c.key >= bindparam("low"),
        uploads.c.key < bindparam("high"),
        _BEHIND,
    )
    .order_by(uploads.c.key, uploads.c.id)
    .limit(bindparam("most"))
)
_STALE = (
    select(uploads.c.id)
    .where(
        uploads.c.bucket == bindparam("of_bucket"),
        uploads.c.key >= bindparam("low"),
        uploads.c.key < bindparam("high"),
        uploads.c.started < bindparam("begun_before"),
    )
    .limit(bindparam("most"))
)
_UPLOADS_OF = select(uploads.c.id).where(uploads.c.bucket == bindparam("of_bucket"))


def of(tx: Tx, content: str) -> list[Row]:
    """All parts of a content, by number."""
    return tx.all(_PARTS, of_content=content)


def between(tx: Tx, content: str, start: int, end: int) -> list[Row]:
    """The parts that hold bytes `start` up to `end` of a completed content."""
    return tx.all(_PARTS_BETWEEN, of_content=content, start_at=start, end_at=end)


def page(tx: Tx, content: str, after: int, most: int) -> list[Row]:
    return tx.all(_PAGE, of_content=content, after=after, most=most)


def part(tx: Tx, content: str, number: int) -> Row | None:
    return tx.one(_PART, of_content=content, of_number=number)


def count(tx: Tx, content: str) -> int:
    return int(tx.scalar(_COUNT, of_content=content))


def put_part(tx: Tx, content: str, number: int, **values: Any) -> str | None:
    """Adds a part, or replaces it; answers the blob that was replaced."""
    previous = part(tx, content, number)
    if previous is not None:
        tx.run(_DELETE_PART, of_content=content, of_number=number)
    tx.run(_ADD_PART, content=content, number=number, **values)
    return None if previous is None else previous["blob"]


def arrange(tx: Tx, content: str, chosen: Sequence[Row]) -> list[str]:
    """Lays the chosen parts end to end and drops the others; answers the blobs of those."""
    kept = {row["number"] for row in chosen}
    dropped = [row for row in of(tx, content) if row["number"] not in kept]
    for row in dropped:
        tx.run(_DELETE_PART, of_content=content, of_number=row["number"])
    start = 0
    for row in chosen:
        tx.run(_PLACE_PART, of_content=content, of_number=row["number"], start=start)
        start += row["size"]
    return [row["blob"] for row in dropped]


def forget(tx: Tx, content: str) -> None:
    tx.run(_DELETE_PARTS, of_content=content)


def blob_ids(tx: Tx) -> Iterable[str]:
    return (row["blob"] for row in tx.all(_BLOBS))


def upload(tx: Tx, upload_id: str) -> Row | None:
    return tx.one(_UPLOAD, of_id=upload_id)


def add_upload(tx: Tx, **values: Any) -> None:
    tx.run(_ADD_UPLOAD, **values)


def delete_upload(tx: Tx, upload_id: str) -> None:
    tx.run(_DELETE_UPLOAD, of_id=upload_id)


def uploads_in(
    tx: Tx, bucket: str, low: str, high: str, after: tuple[str, str], most: int
) -> list[Row]:
    """Uploads by key and id, behind `after`, keys from `low` up to but without `high`."""
    return tx.all(
        _UPLOADS,
        of_bucket=bucket,
        low=low,
        high=high,
        after_key=after[0],
        after_id=after[1],
        most=most,
    )


def uploads_of(tx: Tx, bucket: str) -> list[str]:
    return [row["id"] for row in tx.all(_UPLOADS_OF, of_bucket=bucket)]


def stale_uploads(tx: Tx, bucket: str, low: str, high: str, before: float, most: int) -> list[str]:
    """Ids of uploads begun before a time, keys from `low` up to but without `high`."""
    found = tx.all(_STALE, of_bucket=bucket, low=low, high=high, begun_before=before, most=most)
    return [row["id"] for row in found]
