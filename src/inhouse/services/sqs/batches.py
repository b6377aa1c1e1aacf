"""Batches: their shape, and results entry by entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Entry = Mapping[str, Any]

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
MAX_ENTRIES = 10


def each(entries: Sequence[Entry], act: Callable[[Entry], Entry | None]) -> dict[str, Any]:
    """Does `act` to each entry; an entry that is refused does not keep the others from it."""
    check(entries)
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **(act(entry) or {})})
        except ServiceError as error:
            failed.append(
                {
                    "Id": entry["Id"],
                    "SenderFault": True,
                    "Code": error.code,
                    "Message": error.message,
                }
            )
    return {"Successful": successful, "Failed": failed} if failed else {"Successful": successful}


def check(entries: Sequence[Entry]) -> None:
    """Raises unless there are 1 to 10 entries with ids of their own."""
    if not entries:
        raise ServiceError("EmptyBatchRequest", "The batch has no entries; 1 to 10 are allowed.")
    if len(entries) > MAX_ENTRIES:
        raise ServiceError(
            "TooManyEntriesInBatchRequest",
            f"The batch has {len(entries)} entries; {MAX_ENTRIES} is the most.",
        )
    ids = [entry["Id"] for entry in entries]
    for one in ids:
        if not _ID.fullmatch(one):
            raise ServiceError(
                "InvalidBatchEntryId", f"The Id {one[:80]!r} must be 1 to 80 of A-Z a-z 0-9 _ -"
            )
    if len(set(ids)) != len(ids):
        raise ServiceError("BatchEntryIdsNotDistinct", "Two entries of the batch have the same Id.")
