"""The group-commit writer: durable, isolated, honest about failure."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from inhouse.store import Store, StoreInUse, StoreUnavailable
from inhouse.store.tx import SqliteTx
from inhouse.work.tables import jobs

ADD = insert(jobs)
COUNT = select(func.count()).select_from(jobs)
ROW = {
    "payload": "{}", "principal": "{}", "account": "1", "region": "r", "state": "ready",
    "due": 0.0, "lease": 0.0, "attempts": 0, "created": 0.0,
}  # fmt: skip


def add(kind: str) -> object:
    return lambda tx: tx.run(ADD, kind=kind, **ROW)


async def test_a_write_that_fails_undoes_only_itself(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fails(tx: SqliteTx) -> None:
        tx.run(ADD, kind="lost", **ROW)
        raise ValueError("no")

    results = await asyncio.gather(
        *(store.write(w) for w in (add("a"), fails, add("b"))), return_exceptions=True
    )
    assert isinstance(results[1], ValueError)
    kinds = [row["kind"] for row in store.reader().all(select(jobs.c.kind).order_by(jobs.c.id))]
    assert kinds == ["a", "b"]
    store.close()


async def test_after_commit_runs_only_for_what_was_committed(tmp_path: Path) -> None:
    store, told = Store(tmp_path), []

    def well(tx: SqliteTx) -> None:
        tx.after_commit(lambda: told.append("well"))

    def ill(tx: SqliteTx) -> None:
        tx.after_commit(lambda: told.append("ill"))
        raise ValueError

    await asyncio.gather(store.write(well), store.write(ill), return_exceptions=True)
    assert told == ["well"]
    store.close()


async def test_what_goes_wrong_after_a_commit_does_not_end_the_writer(tmp_path: Path) -> None:
    store, told = Store(tmp_path), []

    def write(tx: SqliteTx) -> None:
        tx.run(ADD, kind="kept", **ROW)
        tx.after_commit(lambda: 1 / 0)  # type: ignore[arg-type]
        tx.after_commit(lambda: told.append("next"))

    async with asyncio.timeout(10):
        await store.write(write)
        await store.write(add("later"))
    assert told == ["next"]
    assert store.reader().scalar(COUNT) == 2
    store.close()


async def test_a_full_disk_fails_the_write_and_not_the_server(tmp_path: Path) -> None:
    store = Store(tmp_path)
    await store.write(lambda tx: tx._connection.execute("PRAGMA max_page_count = 60"))
    big = {**ROW, "payload": "x" * 400_000}
    with pytest.raises(StoreUnavailable):
        await store.write(lambda tx: tx.run(ADD, kind="big", **big))
    await store.write(add("small"))
    assert store.reader().scalar(COUNT) == 1
    store.close()


async def test_writes_after_close_are_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()
    with pytest.raises(StoreUnavailable):
        await store.write(add("late"))


def test_one_server_holds_a_data_directory(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(StoreInUse):
        Store(tmp_path)
    store.close()
    Store(tmp_path).close()


def test_readers_cannot_write(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(Exception, match="readonly"):
        store.reader().run(ADD, kind="a", **ROW)
    store.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import insert
from inhouse.store import Store
from inhouse.work.tables import jobs
from tests.store.test_writer import ROW

async def main():
    store = Store(Path(sys.argv[1]))
    for group in range(10_000):
        numbers = range(group * 20, group * 20 + 20)
        await asyncio.gather(*(
            store.write(lambda tx, n=n: tx.run(insert(jobs), kind=str(n), **ROW)) for n in numbers))
        print(numbers[-1], flush=True)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 7, 40])
def test_kill_9_loses_nothing_acknowledged(tmp_path: Path, lines: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(lines)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    store = Store(tmp_path)
    kinds = {int(row["kind"]) for row in store.reader().all(select(jobs.c.kind))}
    assert kinds >= set(range(acknowledged[-1] + 1))
    store.close()
