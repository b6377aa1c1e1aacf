"""Statements compiled once, whatever their parameters."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import bindparam, insert, select, update

from inhouse.store import Store
from inhouse.store.sql import sql
from inhouse.work.tables import jobs
from tests.store.test_writer import ROW

BASE = select(jobs.c.kind).order_by(jobs.c.id)
AMONG = BASE.where(jobs.c.kind.in_(bindparam("kinds", expanding=True)))
READY = BASE.where(jobs.c.state == "ready", jobs.c.kind == bindparam("of_kind"))
CHANGE = update(jobs).where(jobs.c.kind == bindparam("of_kind"))


async def test_lists_literals_and_changed_columns(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for kind in "abc":
        await store.write(lambda tx, kind=kind: tx.run(insert(jobs), kind=kind, **ROW))
    reader = store.reader()
    for kinds in (["a"], ["a", "c"], []):
        assert [row["kind"] for row in reader.all(AMONG, kinds=kinds)] == kinds
    assert reader.scalar(READY, of_kind="b") == "b"
    assert await store.write(lambda tx: tx.run(CHANGE, of_kind="b", state="dead")) == 1
    assert await store.write(lambda tx: tx.run(CHANGE, of_kind="c", error="e", due=3.0)) == 1
    assert reader.scalar(READY, of_kind="b") is None
    assert reader.one(select(jobs).where(jobs.c.kind == "c"))["due"] == 3.0
    store.close()


def test_a_statement_made_from_another_is_its_own() -> None:
    first, _ = sql(BASE, {})
    second, parameters = sql(BASE.where(jobs.c.kind == "x"), {})
    assert "WHERE" in second
    assert "WHERE" not in first
    assert list(parameters.values()) == ["x"]
    assert sql(BASE, {})[0] == first
