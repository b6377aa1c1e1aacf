"""The SQL of buckets and objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from inhouse.services.s3.names import no_such_bucket
from inhouse.services.s3.tables import CURRENT, PAST, buckets, objects, uploads

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx

PLACE = (objects.c.bucket == bindparam("of_bucket")) & (objects.c.key == bindparam("of_key"))
FACTS = [column for column in objects.c if column.name != "data"]

_BUCKET = select(buckets).where(buckets.c.name == bindparam("of_name"))
_BUCKETS = (
    select(buckets.c.name, buckets.c.region, buckets.c.created)
    .where(
        buckets.c.account == bindparam("of_account"),
        buckets.c.name > bindparam("after"),
        buckets.c.name >= bindparam("low"),
        buckets.c.name < bindparam("high"),
        (bindparam("of_region") == "") | (buckets.c.region == bindparam("of_region")),
    )
    .order_by(buckets.c.name)
    .limit(bindparam("most"))
)
_ADD_BUCKET = insert(buckets)
_CHANGE_BUCKET = update(buckets).where(buckets.c.name == bindparam("of_name"))
_DELETE_BUCKET = delete(buckets).where(buckets.c.name == bindparam("of_name"))
_IN_BUCKET = objects.c.bucket == bindparam("of_bucket")
_ANY_OBJECT = select(objects.c.id).where(_IN_BUCKET, CURRENT).limit(1)
_ANY_PAST = select(objects.c.id).where(_IN_BUCKET, PAST).limit(1)
_ANY_UPLOAD = select(uploads.c.id).where(uploads.c.bucket == bindparam("of_bucket")).limit(1)

_OBJECT = select(objects).where(PLACE, CURRENT)
_HEAD = select(*FACTS).where(PLACE, CURRENT)
_ADD_OBJECT = insert(objects)
_CHANGE_OBJECT = update(objects).where(objects.c.id == bindparam("of_id"))
_DELETE_OBJECT = delete(objects).where(objects.c.id == bindparam("of_id"))


def moment(seconds: float) -> datetime:
    """A time as boto3 users know it."""
    return datetime.fromtimestamp(seconds, UTC)


def find_bucket(tx: Tx, name: str) -> Row | None:
    return tx.one(_BUCKET, of_name=name)


def bucket(tx: Tx, name: str) -> Row:
    """Raises NoSuchBucket."""
    row = tx.one(_BUCKET, of_name=name)
    if row is None:
        raise no_such_bucket(name)
    return row


def buckets_of(
    tx: Tx, account: str, after: str, low: str, high: str, region: str, most: int
) -> list[Row]:
    """An account's buckets by name: behind `after`, from `low` up to but without `high`.

    Those of one region, or of all when that is empty.
    """
    bounds = {"after": after, "low": low, "high": high, "of_region": region}
    return tx.all(_BUCKETS, of_account=account, most=most, **bounds)


def add_bucket(tx: Tx, **values: Any) -> None:
    tx.run(_ADD_BUCKET, **values)


def change_bucket(tx: Tx, name: str, **values: Any) -> None:
    tx.run(_CHANGE_BUCKET, of_name=name, **values)


def delete_bucket(tx: Tx, name: str) -> None:
    tx.run(_DELETE_BUCKET, of_name=name)


def is_empty(tx: Tx, bucket_name: str) -> bool:
    """Whether a bucket has no object, nor a version or delete marker of one."""
    return all(tx.one(one, of_bucket=bucket_name) is None for one in (_ANY_OBJECT, _ANY_PAST))


def has_uploads(tx: Tx, bucket_name: str) -> bool:
    return tx.one(_ANY_UPLOAD, of_bucket=bucket_name) is not None


def whole(tx: Tx, bucket_name: str, key: str) -> Row | None:
    """The current version of an object, with its `data`."""
    return tx.one(_OBJECT, of_bucket=bucket_name, of_key=key)


def head(tx: Tx, bucket_name: str, key: str) -> Row | None:
    """The current version of an object, without its `data`."""
    return tx.one(_HEAD, of_bucket=bucket_name, of_key=key)


def add_object(tx: Tx, **values: Any) -> None:
    tx.run(_ADD_OBJECT, **values)


def change_object(tx: Tx, object_id: int, **values: Any) -> None:
    tx.run(_CHANGE_OBJECT, of_id=object_id, **values)


def delete_object(tx: Tx, object_id: int) -> None:
    tx.run(_DELETE_OBJECT, of_id=object_id)
