"""The job runner: at least once, retried, buried with a reason, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from inhouse.core.clock import SystemClock
from inhouse.core.operations import JobSpec
from inhouse.core.principal import Principal
from inhouse.store import Store, StoreUnavailable
from inhouse.work import Bury, DurableQueue, Retry, Runner
from inhouse.work.tables import jobs
from tests.waiting import PATIENCE, eventually

CALLER = Principal("user", "123456789012", "arn:aws:iam::123456789012:user/someone")


class Bench:
    """A store, a runner, and jobs put on it directly."""

    def __init__(self, folder: Path, clock: SystemClock | None = None) -> None:
        self.store = Store(folder)
        self.clock = clock or SystemClock()
        self.runner = Runner(self.store, self.clock, DurableQueue, self.call)

    def call(self, principal: Principal, spec: JobSpec, row: Any) -> Any:
        return SimpleNamespace(principal=principal, account=row["account"])

    async def add(self, kind: str, *, delay: float = 0, lane: str = "", **payload: Any) -> None:
        house = SimpleNamespace(clock=self.clock)

        def write(tx: Any) -> None:
            call = SimpleNamespace(house=house, tx=tx, account="123456789012", region="r")
            self.runner.queue.add(call, kind, payload, delay=delay, as_=CALLER, lane=lane)  # type: ignore[arg-type]

        await self.store.write(write)

    def rows(self) -> list[Any]:
        return self.store.reader().all(select(jobs))

    async def close(self) -> None:
        await self.runner.stop(grace=0.1)
        self.store.close()


def spec(kind: str = "t", attempts: int = 3, concurrency: int = 4) -> JobSpec:
    return JobSpec(kind, attempts, lambda attempt: 0.0, concurrency, 900)


@pytest.fixture
async def bench(tmp_path: Path) -> Any:
    made = Bench(tmp_path)
    yield made
    await made.close()


async def test_jobs_run_as_who_queued_them_and_end(bench: Bench) -> None:
    seen: list[Any] = []

    async def handle(call: Any, payload: Any) -> None:
        seen.append((call.principal.arn, payload["n"]))

    bench.runner.register(spec(), handle)
    await bench.runner.start()
    for n in range(3):
        await bench.add("t", n=n)
    await eventually(lambda: len(seen) == 3 and not bench.rows())
    assert sorted(seen) == [(CALLER.arn, n) for n in range(3)]


async def test_failures_are_tried_again_then_buried_with_the_reason(bench: Bench) -> None:
    tries: list[int] = []
    told: list[str] = []

    async def handle(call: Any, payload: Any) -> None:
        tries.append(1)
        raise ValueError("broken")

    async def dead(call: Any, payload: Any, reason: str) -> None:
        told.append(reason)

    bench.runner.register(spec(attempts=3), handle, dead)
    await bench.runner.start()
    await bench.add("t")
    await eventually(lambda: bool(bench.rows()) and bench.rows()[0]["state"] == "dead")
    assert len(tries) == 3
    assert told == ["ValueError: broken"]
    assert bench.rows()[0]["error"] == "ValueError: broken"


async def test_bury_ends_at_once_and_retry_costs_no_attempt(bench: Bench) -> None:
    tries = {"a": 0, "b": 0}

    async def handle(call: Any, payload: Any) -> None:
        tries[payload["name"]] += 1
        if payload["name"] == "a":
            raise Bury("no use")
        if tries["b"] < 10:
            raise Retry(0)

    bench.runner.register(spec(attempts=2), handle)
    await bench.runner.start()
    await bench.add("t", name="a")
    await bench.add("t", name="b")
    await eventually(lambda: tries == {"a": 1, "b": 10} and len(bench.rows()) == 1)
    assert bench.rows()[0]["error"] == "no use"


async def test_no_more_at_once_than_allowed(bench: Bench) -> None:
    active, most, done = 0, 0, 0

    async def handle(call: Any, payload: Any) -> None:
        nonlocal active, most, done
        active += 1
        most = max(most, active)
        await asyncio.sleep(0.01)
        active -= 1
        done += 1

    bench.runner.register(spec(concurrency=3), handle)
    await bench.runner.start()
    for n in range(20):
        await bench.add("t", n=n)
    await eventually(lambda: done == 20)
    assert most == 3


async def test_delayed_jobs_wait(bench: Bench) -> None:
    order: list[str] = []

    async def handle(call: Any, payload: Any) -> None:
        order.append(payload["name"])

    bench.runner.register(spec(), handle)
    await bench.runner.start()
    await bench.add("t", delay=0.3, name="late")
    await bench.add("t", name="now")
    await eventually(lambda: len(order) == 2)
    assert order == ["now", "late"]


async def test_a_job_cut_short_runs_again_after_a_restart(tmp_path: Path) -> None:
    first = Bench(tmp_path)
    started = asyncio.Event()

    async def hangs(call: Any, payload: Any) -> None:
        started.set()
        await asyncio.sleep(3600)

    first.runner.register(spec(), hangs)
    await first.runner.start()
    await first.add("t", n=1)
    await asyncio.wait_for(started.wait(), PATIENCE)
    await first.close()

    second = Bench(tmp_path)
    done: list[Any] = []

    async def works(call: Any, payload: Any) -> None:
        done.append(payload)

    second.runner.register(spec(), works)
    await second.runner.start()
    await eventually(lambda: bool(done) and not second.rows())
    assert done == [{"n": 1}]
    await second.close()


async def test_a_job_is_not_dead_before_somebody_was_told(bench: Bench) -> None:
    tries, told = [0], [0]

    async def handle(call: Any, payload: Any) -> None:
        tries[0] += 1
        raise ValueError("broken")

    async def dead(call: Any, payload: Any, reason: str) -> None:
        told[0] += 1
        if told[0] == 1:
            raise Retry(0)
        if told[0] == 2:
            raise RuntimeError("nobody listens")

    bench.runner.register(spec(attempts=2), handle, dead)
    await bench.runner.start()
    await bench.add("t")
    await eventually(lambda: bool(bench.rows()) and bench.rows()[0]["state"] == "dead")
    assert (tries, told) == ([4], [3])


async def test_a_job_whose_end_was_not_written_runs_again(bench: Bench) -> None:
    bench.runner._pause = 0.01
    runs = [0]
    finish = bench.runner.queue.finish

    def broken(tx: Any, job: int) -> None:
        if runs[0] == 1:
            raise StoreUnavailable("disk full")
        finish(tx, job)

    async def handle(call: Any, payload: Any) -> None:
        runs[0] += 1

    bench.runner.queue.finish = broken  # type: ignore[method-assign]
    bench.runner.register(spec(), handle)
    await bench.runner.start()
    await bench.add("t")
    await eventually(lambda: runs[0] == 2 and not bench.rows())


async def test_servers_that_are_killed_use_up_no_attempts(bench: Bench) -> None:
    await bench.add("t")
    for _ in range(5):
        await bench.store.write(lambda tx: bench.runner.queue.release_all(tx))
        await bench.store.write(
            lambda tx: bench.runner.queue.claim(tx, "t", 1, bench.clock.steady(), 900)
        )
    runs = []

    async def handle(call: Any, payload: Any) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("once")

    bench.runner.register(spec(attempts=2), handle)
    await bench.runner.start()
    await eventually(lambda: not bench.rows())
    assert len(runs) == 2


async def test_no_job_begins_on_a_full_disk(bench: Bench) -> None:
    room, ran = [False], []

    async def handle(call: Any, payload: Any) -> None:
        ran.append(1)

    bench.runner._pause = 0.01
    bench.runner._has_room = lambda: room[0]
    bench.runner.register(spec(), handle)
    await bench.runner.start()
    await bench.add("t")
    await asyncio.sleep(0.1)
    assert ran == []
    room[0] = True
    await eventually(lambda: ran == [1] and not bench.rows())


async def test_a_job_that_outlives_its_lease_runs_once_at_a_time(bench: Bench) -> None:
    """As after a machine has slept: the lease is over, and the job still runs."""
    runs, free = [0], asyncio.Event()

    async def handle(call: Any, payload: Any) -> None:
        runs[0] += 1
        await free.wait()

    bench.runner.register(JobSpec("t", 3, lambda _: 0.0, 4, -1.0), handle)
    await bench.runner.start()
    await bench.add("t")
    await eventually(lambda: runs[0] == 1)
    await bench.store.write(bench.runner.queue.release_all)
    await bench.add("t")
    await eventually(lambda: runs[0] == 2)
    free.set()
    await eventually(lambda: not bench.rows())
    assert runs[0] == 2


async def test_kinds_nobody_runs_wait_for_who_will(bench: Bench) -> None:
    await bench.runner.start()
    await bench.add("unknown")
    await asyncio.sleep(0.05)
    assert [row["state"] for row in bench.rows()] == ["ready"]


def test_two_runners_of_one_kind_are_a_mistake(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    async def handle(call: Any, payload: Any) -> None: ...

    handler: Callable[..., Awaitable[None]] = handle
    bench.runner.register(spec(), handler)
    with pytest.raises(ValueError, match="two handlers"):
        bench.runner.register(spec(), handler)
    bench.store.close()


async def test_no_lane_keeps_the_others_waiting(bench: Bench) -> None:
    """Slow lanes come first with all they have; whoever comes later still finds a place."""
    running: list[str] = []
    held = asyncio.Event()

    async def handle(call: Any, payload: Any) -> None:
        running.append(payload["who"])
        await held.wait()

    bench.runner.register(JobSpec("t", 3, lambda attempt: 0.0, 8, 900, lanes=True), handle)
    await bench.runner.start()
    for who, places in (("a", 4), ("b", 2), ("c", 1), ("d", 1)):
        for _ in range(9):
            await bench.add("t", lane=who, who=who)
        await eventually(lambda w=who, p=places: running.count(w) == p)
        await asyncio.sleep(0.02)
        assert running.count(who) == places
    held.set()
    await eventually(lambda: len(running) == 36)


async def test_a_lane_s_place_is_free_again_after_a_failure(bench: Bench) -> None:
    runs: list[int] = []

    async def handle(call: Any, payload: Any) -> None:
        runs.append(payload["n"])
        if runs.count(payload["n"]) == 1:
            raise ValueError("once")

    bench.runner.register(JobSpec("t", 3, lambda attempt: 0.0, 1, 900, lanes=True), handle)
    for n in range(4):
        await bench.add("t", lane="only", n=n)
    await bench.runner.start()
    await eventually(lambda: len(runs) == 8 and not bench.rows())
