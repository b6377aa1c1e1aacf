"""Warm workers: reuse, limits and the end of the idle."""

from __future__ import annotations

import asyncio

import pytest

from inhouse.compute import Full, Pool


class Fake:
    def __init__(self, name: str) -> None:
        self.name = name
        self.usable = True
        self.stopped = False

    async def stop(self) -> None:
        self.stopped = True


def maker(name: str) -> object:
    async def make() -> Fake:
        return Fake(name)

    return make


async def test_a_warm_worker_is_used_again_by_its_own_key_only() -> None:
    pool: Pool[Fake] = Pool(limit=4, idle=60)
    first, cold = await pool.take("a", maker("1"))
    assert cold
    await pool.give("a", first)
    other, cold = await pool.take("b", maker("2"))
    assert cold
    assert other is not first
    again, cold = await pool.take("a", maker("3"))
    assert (again, cold) == (first, False)
    await pool.close()


async def test_the_worker_that_ran_last_runs_next() -> None:
    pool: Pool[Fake] = Pool(limit=4, idle=60)
    one, _ = await pool.take("a", maker("1"))
    two, _ = await pool.take("a", maker("2"))
    await pool.give("a", one)
    await pool.give("a", two)
    assert (await pool.take("a", maker("3")))[0] is two
    await pool.close()


async def test_a_worker_that_comes_back_at_once_is_not_doubled() -> None:
    pool: Pool[Fake] = Pool(limit=4, idle=60)
    one, _ = await pool.take("a", maker("1"))
    next_one = asyncio.create_task(pool.take("a", maker("2")))
    await asyncio.sleep(0)
    other, cold = await pool.take("b", maker("3"))
    assert (other.name, cold) == ("3", True), "another key has nobody to wait for"
    await pool.give("a", one)
    assert await next_one == (one, False)
    await pool.give("a", one)
    assert pool.alive == 2
    await pool.close()


async def test_an_idle_worker_of_another_key_makes_room() -> None:
    pool: Pool[Fake] = Pool(limit=2, idle=60)
    one, _ = await pool.take("a", maker("1"))
    two, _ = await pool.take("b", maker("2"))
    await pool.give("a", one)
    await pool.take("c", maker("3"))
    assert (one.stopped, two.stopped, pool.alive) == (True, False, 2)
    with pytest.raises(Full):
        await pool.take("d", maker("4"))
    assert pool.alive == 2
    await pool.close()


async def test_what_cannot_be_used_again_is_ended() -> None:
    pool: Pool[Fake] = Pool(limit=1, idle=60)
    one, _ = await pool.take("a", maker("1"))
    one.usable = False
    await pool.give("a", one)
    assert (one.stopped, pool.alive) == (True, 0)
    two, _ = await pool.take("a", maker("2"))
    await pool.give("a", two)
    two.usable = False
    three, cold = await pool.take("a", maker("3"))
    assert (cold, two.stopped, three.name, pool.alive) == (True, True, "3", 1)


async def test_idle_workers_end() -> None:
    pool: Pool[Fake] = Pool(limit=4, idle=0.05)
    one, _ = await pool.take("a", maker("1"))
    await pool.give("a", one)
    while not one.stopped:
        await asyncio.sleep(0.01)
    assert pool.alive == 0
    await pool.close()


async def test_a_worker_that_cannot_be_made_takes_no_room() -> None:
    pool: Pool[Fake] = Pool(limit=1, idle=60)

    async def fail() -> Fake:
        raise OSError("no more processes")

    for _ in range(3):
        with pytest.raises(OSError, match="no more processes"):
            await pool.take("a", fail)
    assert pool.alive == 0


async def test_a_burst_starts_few_and_shares_them() -> None:
    pool: Pool[Fake] = Pool(limit=50, idle=60, starts=2)
    made: list[Fake] = []
    go = asyncio.Event()

    async def make() -> Fake:
        made.append(Fake(str(len(made))))
        worker = made[-1]
        await go.wait()
        return worker

    async def use() -> bool:
        worker, cold = await pool.take("a", make)
        await asyncio.sleep(0)
        await pool.give("a", worker)
        return cold

    uses = [asyncio.create_task(use()) for _ in range(50)]
    while len(made) < 2:
        await asyncio.sleep(0)
    assert pool.alive == 50
    with pytest.raises(Full):
        await pool.take("a", make)
    go.set()
    colds = await asyncio.gather(*uses)
    assert len(made) == sum(colds) < 30
    assert pool.alive == len(made)
    await pool.close()
    assert (pool.alive, all(worker.stopped for worker in made)) == (0, True)


async def test_who_waits_for_another_key_starts_when_there_is_a_place() -> None:
    pool: Pool[Fake] = Pool(limit=4, idle=60, starts=1)
    go = asyncio.Event()

    async def slow() -> Fake:
        await go.wait()
        return Fake("a")

    first = asyncio.create_task(pool.take("a", slow))
    await asyncio.sleep(0)
    second = asyncio.create_task(pool.take("b", maker("b")))
    await asyncio.sleep(0)
    assert not second.done()
    go.set()
    assert (await first)[0].name == "a"
    assert (await second)[0].name == "b"
    await pool.close()


async def test_who_gives_up_leaves_no_trace() -> None:
    pool: Pool[Fake] = Pool(limit=4, idle=60, starts=1)
    first, _ = await pool.take("a", maker("1"))
    go = asyncio.Event()

    async def slow() -> Fake:
        await go.wait()
        return Fake("b")

    other = asyncio.create_task(pool.take("b", slow))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(pool.take("a", maker("2")))
    late = asyncio.create_task(pool.take("a", maker("3")))
    await asyncio.sleep(0)
    await pool.give("a", first)
    waiting.cancel()  # it was handed the worker, but has not taken it yet
    assert (await late)[0] is first
    assert waiting.cancelled()
    other.cancel()
    with pytest.raises(asyncio.CancelledError):
        await other
    assert pool.alive == 1
    await pool.close()


async def test_a_slow_start_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inhouse.compute.pool.PATIENCE", 0.01)
    pool: Pool[Fake] = Pool(limit=4, idle=60, starts=1)
    never = asyncio.create_task(pool.take("a", asyncio.Event().wait))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    worker, cold = await pool.take("b", maker("b"))
    assert (worker.name, cold) == ("b", True)
    never.cancel()
    with pytest.raises(asyncio.CancelledError):
        await never
    await pool.close()
