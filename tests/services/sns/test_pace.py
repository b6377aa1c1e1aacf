"""Throttled web endpoints: slots, not bursts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.services.sns.jobs import Deliveries, Delivery
from inhouse.services.sns.messages import Message
from inhouse.services.sns.retries import http_delivery
from inhouse.work import Retry


async def test_deliveries_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0, steady=lambda: clock.now)
    jobs: Any = Deliveries(SimpleNamespace(clock=clock, data=tmp_path, endpoint=""))  # type: ignore[arg-type]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    policy = http_delivery(None, '{"throttlePolicy": {"maxReceivesPerSecond": 2}}')
    message = Message("m", "t", "x", None, {}, False, "")
    delivery = Delivery(message, "s", "http", "http://x.example", {}, "1", policy)
    for _ in range(3):
        await jobs._pace(delivery)
    assert slept == [0, 0.5, 1.0]
    with pytest.raises(Retry) as later:
        await jobs._pace(delivery)
    assert later.value.delay == 1.5
    clock.now = 110.0
    await jobs._pace(delivery)
    assert slept[-1] == 0
