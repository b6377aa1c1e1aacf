"""Somebody sets the machine's clock: what was put off is done no later and no sooner for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from inhouse.core import clock
from inhouse.core.clock import SystemClock
from tests.waiting import eventually
from tests.work.test_runner import Bench, spec

DAY = 86_400.0


class Wall:
    """The machine's clock, which can be set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._right = time.time
        self.wrong = 0.0
        monkeypatch.setattr(time, "time", lambda: self._right() + self.wrong)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


@pytest.mark.parametrize("jump", [-DAY, -3600, 3600, DAY])
def test_steady_time_goes_on(wall: Wall, jump: float) -> None:
    tested = SystemClock()
    before = tested.steady()
    wall.wrong = jump
    assert before <= tested.steady() < before + 60
    assert abs(tested.time() - before - jump) < 60


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_steady_time_outlives_the_server(wall: Wall, tmp_path: Path, jump: float) -> None:
    kept = tmp_path / "clock"
    first = SystemClock(kept)
    first.keep()
    wall.wrong = jump
    assert abs(SystemClock(kept).steady() - first.steady()) < 60


@pytest.mark.parametrize(("jump", "passed"), [(-DAY, 0), (DAY, DAY)])
def test_a_machine_that_was_off(
    wall: Wall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float, passed: float
) -> None:
    kept = tmp_path / "clock"
    first = SystemClock(kept)
    first.keep()
    wall.wrong = jump
    (tmp_path / "boot").write_text("another start")
    monkeypatch.setattr(clock, "BOOT", tmp_path / "boot")
    assert abs(SystemClock(kept).steady() - first.steady() - passed) < 60


@pytest.mark.parametrize("left", [b"", b"\xff\x00", b"noon", b"a b c d"])
def test_a_broken_memory_is_none(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "clock").write_bytes(left)
    assert abs(SystemClock(tmp_path / "clock").steady() - time.time()) < 60


@pytest.mark.parametrize("jump", [-DAY, DAY])
async def test_jobs_do_not_wait_for_the_clock(wall: Wall, tmp_path: Path, jump: float) -> None:
    bench, ran = Bench(tmp_path), []

    async def handle(call: Any, payload: Any) -> None:
        ran.append(payload["n"])

    bench.runner.register(spec(), handle)
    await bench.runner.start()
    await bench.add("t", n="soon", delay=0.2)
    await bench.add("t", n="late", delay=3600)
    wall.wrong = jump
    await bench.add("t", n="now")
    await eventually(lambda: len(bench.rows()) == 1)
    assert sorted(ran) == ["now", "soon"]
    await bench.close()


async def test_a_clock_set_back_while_the_server_was_down(wall: Wall, tmp_path: Path) -> None:
    first = Bench(tmp_path / "data", SystemClock(tmp_path / "clock"))
    first.clock.keep()
    await first.add("t", delay=0.2)
    first.store.close()
    wall.wrong = -DAY
    second, ran = Bench(tmp_path / "data", SystemClock(tmp_path / "clock")), []

    async def handle(call: Any, payload: Any) -> None:
        ran.append(1)

    second.runner.register(spec(), handle)
    await second.runner.start()
    await eventually(lambda: bool(ran))
    await second.close()
