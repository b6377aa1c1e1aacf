"""The SQL of versions, and the ids that name them.

A version's id begins with its rank, so that a listing can go on behind a version that has been
deleted meanwhile, and so that one index finds versions and orders them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, union_all

from inhouse.core.errors import ServiceError
from inhouse.services.s3 import rows
from inhouse.services.s3.rows import FACTS, PLACE
from inhouse.services.s3.tables import CURRENT, NULL, PAST, objects

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx

NULL_ID = "null"
_ID = re.compile(r"([0-9a-f]{13})[A-Za-z0-9_-]{19}")

_NAMED = objects.c.version == bindparam("of_version")
_RANKED = PAST & (objects.c.rank == bindparam("of_rank")) & _NAMED


def _either(columns: list[Any], current: Any, past: Any) -> Any:
    """One question, so that no version can change its place between two."""
    return union_all(
        select(*columns).where(PLACE, CURRENT, current), select(*columns).where(PLACE, past)
    )


_WHOLE, _HEAD = (_either(columns, _NAMED, _RANKED) for columns in (list(objects.c), FACTS))
_WHOLE_NULL, _HEAD_NULL = (
    _either(columns, NULL, PAST & NULL) for columns in (list(objects.c), FACTS)
)
_NEWEST = select(*FACTS).where(PLACE, PAST).order_by(objects.c.rank).limit(1)


def find(tx: Tx, bucket: str, key: str, version: str, *, whole: bool = False) -> Row | None:
    """The version of an object with this id, or its delete marker; with its `data` if `whole`.

    Raises InvalidArgument for what can't be an id, which in a bucket that was never versioned
    are all but `null`.
    """
    place = {"of_bucket": bucket, "of_key": key}
    if version == NULL_ID:
        return tx.one(_WHOLE_NULL if whole else _HEAD_NULL, **place)
    rank = rank_of(version)
    if rows.bucket(tx, bucket)["versioning"] is None:
        raise _invalid(version, "versionId")
    return tx.one(_WHOLE if whole else _HEAD, **place, of_version=version, of_rank=rank)


def newest(tx: Tx, bucket: str, key: str) -> Row | None:
    """The newest row of a key that is not its current version: a delete marker if it has none."""
    return tx.one(_NEWEST, of_bucket=bucket, of_key=key)


def latest(tx: Tx, bucket: str, key: str) -> Row | None:
    """The current version of a key, or the delete marker that stands for it."""
    return rows.head(tx, bucket, key) or newest(tx, bucket, key)


def next_rank(call: Call, bucket: str, key: str) -> int:
    """The rank of a version that is newer than all there are, whatever the clock says."""
    last = latest(call.tx, bucket, key)
    rank = -int(call.house.clock.time() * 1_000_000)
    return rank if last is None else min(rank, last["rank"] - 1)


def new_id(call: Call, rank: int) -> str:
    """A new version id of 32 characters."""
    return f"{-rank:013x}{call.house.ids.token(14)}"


def rank_of(version: str, argument: str = "versionId") -> int:
    """The rank in a version id that came as `argument`. Raises InvalidArgument."""
    found = _ID.fullmatch(version)
    if found is None:
        raise _invalid(version, argument)
    return -int(found[1], 16)


def _invalid(version: str, argument: str) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        "Invalid version id specified" if version else "Version id cannot be the empty string",
        ArgumentName=argument,
        ArgumentValue=version[:100],
    )


def id_of(row: Row) -> str:
    """How requests name a version."""
    version: str | None = row["version"]
    return NULL_ID if version is None else version


def told(tx: Tx, row: Row) -> str | None:
    """What answers tell of a version: nothing in a bucket that was never versioned."""
    version: str | None = row["version"]
    if version is None and rows.bucket(tx, row["bucket"])["versioning"] is not None:
        return NULL_ID
    return version
