"""One round: a replay of saves while server and workers are killed, then everything is checked."""

from __future__ import annotations

import json
import random
import re
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from inhouse.solutions.narration import deploy, destroy, replay
from tests.serving import start
from tests.solutions.narration.fire.audio import Audio, audio, check_account, check_audio
from tests.solutions.narration.fire.desk import Desk
from tests.solutions.narration.fire.house import House
from tests.solutions.narration.fire.saves import Save, newest

NAME = "fire"
SETTINGS = {"INHOUSE_LAMBDA_RETRY_DELAY": "1"}
"""Seconds: a function that died is tried again soon, as the round shall end some time."""
SHARES = {"server": 6, "worker": 12, "start": 1}
"""How often the server is killed, a process under it, and the server while it starts."""
STARTING = 1.2
"""Seconds within which a starting server is killed."""
PATIENCE = 300.0
UPKEEP = {"cloudwatch.RollUp"}
"""Kinds of jobs that wait for a later hour and have nothing to do with saves."""
_JOBS = re.compile(r'inhouse_jobs\{kind="([^"]+)",state="([^"]+)"\} ([\d.e+]+)')


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round that passed had seen."""

    seconds: float
    kills: Counter[str]
    repeats: int
    counts: Counter[str]

    def __str__(self) -> str:
        kills = ", ".join(f"{count} × {kind}" for kind, count in sorted(self.kills.items()))
        counts = ", ".join(f"{count} {kind}" for kind, count in self.counts.items())
        return f"{self.seconds:.0f} s; killed {kills}; {self.repeats} saves repeated; {counts}"


def reference(folder: Path, saves: list[Save], voice: str) -> Audio:
    """What the newest versions sound like where nobody disturbs."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "newest.jsonl"
    file.write_text("\n".join(json.dumps(save) for save in newest(saves)))
    with start(folder, "--ephemeral") as server:
        deployment = deploy(server.session(), NAME, voice=voice)
        replay(server.session(), NAME, file)
        return audio(server.session(), deployment, saves)


def fight(
    folder: Path,
    saves: list[Save],
    wanted: Audio,
    *,
    seed: int,
    kills: int,
    pause: float = 2.0,
    voice: str = "Tone",
) -> Outcome:
    """Kills every `pause` seconds or so, `kills` times, and fails on any trace of it."""
    began = time.monotonic()
    house = House(folder, **SETTINGS)
    try:
        deployment = deploy(house.session(), NAME, voice=voice)
        desk = Desk(house.session(), deployment, saves)
        desk.start()
        try:
            done = rage(house, random.Random(seed), pause, kills)
            await_all(desk)
        finally:
            desk.end()
        assert desk.fault is None, repr(desk.fault)
        settle(house)
        counts = check_account(house.session(), deployment, saves, desk.acknowledged)
        check_audio(audio(house.session(), deployment, saves), wanted)
        assert house.orphans() == set()
        destroy(house.session(), NAME)
        return Outcome(time.monotonic() - began, done, desk.repeats, counts)
    finally:
        house.stop()


def rage(house: House, rng: random.Random, pause: float, most: int) -> Counter[str]:
    """Kills at random moments, `most` times; leaves a running server."""
    kills: Counter[str] = Counter()
    while kills.total() < most:
        time.sleep(rng.expovariate(1 / pause))
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        if kind == "worker":
            kills[kind] += house.kill_worker(rng)
            continue
        house.kill_server()
        if kind == "start":
            house.stillborn(rng.uniform(0, STARTING))
        house.restart()
        kills[kind] += 1
    return kills


def await_all(desk: Desk) -> None:
    """Waits until every save was acknowledged, or none was for long."""
    before = -1
    while desk.is_alive() and len(desk.acknowledged) > before:
        before = len(desk.acknowledged)
        desk.join(PATIENCE)


def settle(house: House) -> None:
    """Waits until no job is left. Fails when one is dead, or nothing goes on for long."""
    deadline, before = time.monotonic() + PATIENCE, None
    while left := jobs(house.server.endpoint):
        assert all(state == "ready" for _, state in left), f"dead jobs: {left}"
        if left != before:
            before, deadline = left, time.monotonic() + PATIENCE
        assert time.monotonic() < deadline, f"left undone: {left}"
        time.sleep(0.25)


def jobs(endpoint: str) -> dict[tuple[str, str], int]:
    """Jobs by kind and state, from the server's metrics."""
    with urllib.request.urlopen(f"{endpoint}/metrics") as page:
        found = _JOBS.findall(page.read().decode())
    return {
        (kind, state): int(float(count))
        for kind, state, count in found
        if kind not in UPKEEP and float(count)
    }
