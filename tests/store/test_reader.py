"""Readers answer repeated questions from memory, and never with what is no longer so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, insert, select, update

from inhouse.services.s3.tables import uploads
from inhouse.store import Store
from inhouse.store.tx import KEPT, SqliteTx
from inhouse.work.tables import jobs
from tests.store.test_writer import ROW

BY_KIND = select(jobs).where(jobs.c.kind == bindparam("of_kind"))
ADD = insert(jobs)
CHANGE = update(jobs).where(jobs.c.kind == bindparam("of_kind"))


async def test_a_write_is_seen_as_soon_as_it_is_answered(tmp_path: Path) -> None:
    store = Store(tmp_path)
    reader = store.reader()
    assert reader.one(BY_KIND, of_kind="a") is None
    await store.write(lambda tx: tx.run(ADD, kind="a", **ROW))
    for due in range(1, 200):
        await store.write(lambda tx, due=due: tx.run(CHANGE, of_kind="a", due=float(due)))
        assert reader.one(BY_KIND, of_kind="a")["due"] == due
        assert reader.one(BY_KIND, of_kind="a")["due"] == due
    store.close()


async def test_a_write_that_failed_changes_no_answer(tmp_path: Path) -> None:
    store = Store(tmp_path)
    reader = store.reader()

    def fails(tx: object) -> None:
        tx.run(ADD, kind="a", **ROW)  # type: ignore[attr-defined]
        raise ValueError

    assert reader.one(BY_KIND, of_kind="a") is None
    with pytest.raises(ValueError):
        await store.write(fails)
    assert reader.one(BY_KIND, of_kind="a") is None
    store.close()


def test_answers_are_kept_apart_and_are_few(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write_now(lambda tx: [tx.run(ADD, kind=str(n), **ROW) for n in range(3 * KEPT)])
    reader = store.reader()
    for _ in range(2):
        for n in range(3 * KEPT):
            assert reader.one(BY_KIND, of_kind=str(n))["kind"] == str(n)
            assert len(reader._kept) <= KEPT  # type: ignore[attr-defined]
    store.close()


@settings(deadline=None)  # a busy machine is no bug
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=40))
def test_reads_agree_with_a_model(steps: list[tuple[bool, str]]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        store, model = Store(Path(folder), durable=False), dict[str, float]()
        for number, (writes, kind) in enumerate(steps):
            if writes:
                statement = CHANGE if kind in model else ADD
                named = {"of_kind": kind} if kind in model else {**ROW, "kind": kind}
                values = {**named, "due": float(number)}
                store.write_now(lambda tx, s=statement, v=values: tx.run(s, **v))
                model[kind] = float(number)
            row = store.reader().one(BY_KIND, of_kind=kind)
            assert (row["due"] if row else None) == model.get(kind)
        store.close()


RETURNING = insert(jobs).returning(jobs.c.id)


async def test_a_write_sees_its_own_changes_and_none_that_were_undone(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def changes(tx: SqliteTx) -> float:
        tx.run(CHANGE, of_kind="a", due=2.0)
        return float(tx.one(BY_KIND, of_kind="a")["due"])

    def fails(tx: SqliteTx) -> None:
        changes(tx)
        raise ValueError

    def looks(tx: SqliteTx) -> float:
        return float(tx.one(BY_KIND, of_kind="a")["due"])

    assert await store.write(lambda tx: tx.one(RETURNING, kind="a", **ROW)["id"]) == 1
    assert await store.write(lambda tx: tx.one(RETURNING, kind="b", **ROW)["id"]) == 2
    assert await store.write(looks) == 0.0
    outcome = await asyncio.gather(store.write(fails), store.write(looks), return_exceptions=True)
    assert outcome[1] == 0.0
    assert await store.write(changes) == 2.0
    assert await store.write(looks) == 2.0
    store.close()


async def test_writes_of_other_tables_leave_what_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    reader = store.reader()
    await store.write(lambda tx: tx.run(ADD, kind="a", **ROW))
    first = reader.one(BY_KIND, of_kind="a")
    await store.write(lambda tx: tx.run(delete(uploads)))
    assert reader.one(BY_KIND, of_kind="a") is first
    await store.write(lambda tx: tx.run(delete(jobs)))
    assert reader.one(BY_KIND, of_kind="a") is None
    store.close()
