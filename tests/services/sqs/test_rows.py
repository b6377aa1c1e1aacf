"""What the statements promise that no client can see in a short test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inhouse.services.sqs import rows
from inhouse.store import Store


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    store = Store(tmp_path, durable=False)
    yield lambda function: store.write_now(function)
    store.close()


def message(tx: Any, **columns: Any) -> int:
    return rows.add_message(
        tx,
        **{
            "box": "b",
            "message": "m",
            "body": "x",
            "attributes": "{}",
            "sender": "s",
            "sent": 0.0,
            "visible": 0.0,
            "expires": 100.0,
            "received": 0,
            "group": None,
            "receipt": None,
            **columns,
        },
    )


def test_what_is_over_is_neither_received_nor_counted_and_goes(write: Any) -> None:
    write(lambda tx: [message(tx, expires=float(n)) for n in (10, 20, 30)])
    assert len(write(lambda tx: rows.receivable(tx, "b", 20.0, 10, in_order=False))) == 1
    assert write(lambda tx: rows.counts(tx, "b", 20.0))["visible"] == 1
    write(lambda tx: rows.expire(tx, "b", 20.0))
    assert write(lambda tx: rows.counts(tx, "b", 0.0))["visible"] == 1


def test_a_new_retention_counts_from_when_messages_were_sent(write: Any) -> None:
    write(lambda tx: [message(tx, sent=5.0), message(tx, box="other", sent=5.0)])
    write(lambda tx: rows.set_retention(tx, "b", 60.0))
    assert not write(lambda tx: rows.any_visible(tx, "b", 65.0))
    assert write(lambda tx: rows.any_visible(tx, "b", 64.0))
    assert write(lambda tx: rows.any_visible(tx, "other", 99.0))


def test_boxes_are_erased_bit_by_bit(write: Any) -> None:
    write(lambda tx: [message(tx) for _ in range(rows.ERASED_AT_ONCE + 1)])
    write(lambda tx: message(tx, box="other"))
    write(lambda tx: rows.remember_sent(tx, "b", "d", "m", "1", 9.0))
    assert write(lambda tx: rows.erase(tx, "b"))
    assert not write(lambda tx: rows.erase(tx, "b"))
    assert not write(lambda tx: rows.any_visible(tx, "b", 1.0))
    assert write(lambda tx: rows.sent_before(tx, "b", "d", 1.0)) is None
    assert write(lambda tx: rows.any_visible(tx, "other", 1.0))


def test_a_group_waits_for_its_earliest_message(write: Any) -> None:
    first = write(lambda tx: message(tx, group="g", visible=50.0, receipt="r"))
    later = write(lambda tx: message(tx, group="g"))
    other = write(lambda tx: message(tx, group="h"))

    def receivable(now: float) -> list[int]:
        found = write(lambda tx: rows.receivable(tx, "b", now, 10, in_order=True))
        return [row["id"] for row in found]

    assert receivable(10.0) == [other]
    assert receivable(50.0) == [first, later, other]
    write(lambda tx: rows.delete_message(tx, "b", first, "wrong"))
    assert receivable(10.0) == [other]
    write(lambda tx: rows.delete_message(tx, "b", first, "r"))
    assert receivable(10.0) == [later, other]


def test_the_same_may_be_sent_again_after_a_while(write: Any) -> None:
    write(lambda tx: rows.remember_sent(tx, "b", "d", "m", "1", 300.0))
    assert write(lambda tx: rows.sent_before(tx, "b", "d", 299.0))["message"] == "m"
    assert write(lambda tx: rows.sent_before(tx, "b", "d", 300.0)) is None
    write(lambda tx: rows.expire(tx, "b", 300.0))
    write(lambda tx: rows.remember_sent(tx, "b", "d", "n", "2", 600.0))
    assert write(lambda tx: rows.sent_before(tx, "b", "d", 301.0))["message"] == "n"


def test_receiving_and_counting_use_indexes(write: Any) -> None:
    from inhouse.store.sql import sql

    def plan(tx: Any) -> str:
        text, params = sql(rows._NEXT, {"of": "b", "now": 1.0, "most": 10})
        found = tx._connection.execute(f"EXPLAIN QUERY PLAN {text}", params)
        return " ".join(row["detail"] for row in found)

    assert "ix_sqs_messages_visible" in write(plan)
    assert "TEMP B-TREE" not in write(plan), "sorting would read the whole queue for each receive"
