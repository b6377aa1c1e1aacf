"""Slots on rows: merging, rolling up, and what percentiles lose."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.services.cloudwatch import distribution, rows, upkeep
from inhouse.services.cloudwatch.data import Slot
from inhouse.services.cloudwatch.upkeep import DAY, HOUR
from inhouse.store import Store

NOW = datetime(2026, 1, 31, 12, 34, 56, tzinfo=UTC).timestamp()


class Calls:
    """Runs the job's writes on a store, at a time of the test's choosing."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.deferred: list[str] = []
        self.now = NOW
        self.house = SimpleNamespace(clock=SimpleNamespace(time=lambda: self.now))

    async def write(self, function: Any, *args: Any) -> Any:
        return self.store.write_now(lambda tx: function(self._on(tx), *args))

    def _on(self, tx: Any) -> Any:
        return SimpleNamespace(
            tx=tx, house=self.house, defer=lambda kind, *_, **__: self.deferred.append(kind)
        )


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    store = Store(tmp_path, durable=False)
    yield Calls(store)
    store.close()


def put(calls: Calls, moment: float, value: float, period: int = 60) -> None:
    slot = Slot(1.0, value, value, value, [(value, 1)])
    start = int(moment // period) * period
    calls.store.write_now(lambda tx: rows.add(tx, 1, period, start, "None", slot))


def kept(calls: Calls) -> dict[int, int]:
    """Slots by their length."""
    reader = calls.store.reader()
    found = {period: len(rows.older(reader, period, NOW * 2, 100_000)) for period in rows.PERIODS}
    return {period: number for period, number in found.items() if number}


async def test_slots_grow_longer_with_age_and_lose_nothing(calls: Calls) -> None:
    moments = {1: [], 60: [], 300: [], 3600: []}
    for second in range(10):
        put(calls, NOW - 2 * HOUR + second, 1.0, 1)
        put(calls, NOW - 4 * HOUR + second, 2.0, 1)
        put(calls, NOW - 16 * DAY + second * 60, 3.0)
        put(calls, NOW - 64 * DAY + second * 60, 4.0)
        put(calls, NOW - 456 * DAY + second * 60, 5.0)
    await upkeep.Upkeep().roll_up(calls, {})
    assert calls.deferred == ["cloudwatch.RollUp"]
    found = kept(calls)
    assert set(found) == set(moments)
    assert found[1] == 10
    assert found[60] in (1, 2)
    assert found[300] in (2, 3)
    assert found[3600] in (1, 2)
    start = int(NOW - 100 * DAY) // 3600 * 3600
    (whole,) = rows.series(calls.store.reader(), 1, start, int(NOW), 200 * DAY, None, valued=True)
    assert (whole["count"], whole["sum"], whole["min"], whole["max"]) == (40, 100, 1, 4)
    assert distribution.percentile(whole["distribution"], 50) == 2.0
    await upkeep.Upkeep().roll_up(calls, {})
    assert kept(calls) == found
    assert len(calls.deferred) == 1, "one chain of roll-ups is enough"
    calls.now += HOUR
    await upkeep.Upkeep().roll_up(calls, {})
    assert len(calls.deferred) == 2


async def test_late_data_join_their_rolled_up_slot(calls: Calls) -> None:
    put(calls, NOW - 4 * HOUR, 1.0, 1)
    await upkeep.Upkeep().roll_up(calls, {})
    put(calls, NOW - 4 * HOUR, 2.0, 1)
    await upkeep.Upkeep().roll_up(calls, {})
    assert kept(calls) == {60: 1}
    (row,) = rows.older(calls.store.reader(), 60, NOW, 10)
    assert distribution.parse(row["distribution"]) == {1.0: 1, 2.0: 1}


def test_a_busy_slot_stays_small_and_near_the_truth(calls: Calls) -> None:
    chance = random.Random(7)
    values = [chance.lognormvariate(3, 2) for _ in range(20_000)]
    for first in range(0, len(values), 1000):
        part = values[first : first + 1000]
        slot = Slot(1000.0, sum(part), min(part), max(part), [(v, 1) for v in part])
        calls.store.write_now(lambda tx, s=slot: rows.add(tx, 1, 60, 0, "None", s))
    (row,) = rows.older(calls.store.reader(), 60, NOW, 10)
    assert len(row["distribution"]) <= 2 * distribution.LONGEST
    assert sum(distribution.parse(row["distribution"]).values()) == 20_000
    values.sort()
    for percent in (1, 50, 90, 99, 99.9):
        truth = values[int(20_000 * percent / 100) - 1]
        assert distribution.percentile(row["distribution"], percent) == pytest.approx(truth, 0.06)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300), st.floats(0.01, 100))
def test_percentiles_of_few_values_are_exact(values: list[float], percent: float) -> None:
    found = distribution.percentile(distribution.text((v, 1) for v in values), percent)
    assert found in values
    assert sum(v <= found for v in values) >= len(values) * percent / 100 - 1e-6
    assert sum(v < found for v in values) < len(values) * percent / 100 + 1e-6


@given(st.dictionaries(st.floats(-1e300, 1e300), st.integers(1, 1000), max_size=50))
def test_distributions_are_read_as_written(counts: dict[float, int]) -> None:
    assert distribution.parse(distribution.text(counts.items())) == counts
