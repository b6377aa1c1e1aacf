"""Somebody sets the machine's clock in the midst of it: nothing is lost, nothing waits for it."""

from __future__ import annotations

import io
import json
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore.auth
import pytest

from inhouse.solutions.narration import deploy
from tests.solutions.narration.fire import jumping
from tests.solutions.narration.fire.audio import audio, check_account, check_audio
from tests.solutions.narration.fire.desk import Desk
from tests.solutions.narration.fire.house import House
from tests.solutions.narration.fire.round import NAME, SETTINGS, await_all, reference, settle
from tests.solutions.narration.fire.saves import made_up

HOUR, DAY = 3600.0, 86_400.0
JUMPS = ((4, HOUR), (10, -HOUR), (16, DAY), (22, -DAY), (28, 0.0))
"""Seconds from the first save on, and by how much the clock is wrong from then on."""
KILLS = (13, 19, 25)
SAVES = 18


def layer(jumps: list[tuple[float, float]]) -> bytes:
    """What makes a function's clock jump with the server's."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(jumping.__file__, "python/sitecustomize.py")
        archive.writestr("python/jumps.json", json.dumps(jumps))
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_clock_that_jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saves = made_up(SAVES)
    wanted = reference(tmp_path / "reference", saves, "Tone")
    house = House(tmp_path / "house", program=("-P", jumping.__file__), FIRE_JUMPS="[]", **SETTINGS)
    try:
        deploy(house.session(), NAME, voice="Tone")
        began = time.time()
        jumps = [(began + at, by) for at, by in JUMPS]
        published = (
            house.session()
            .client("lambda")
            .publish_layer_version(LayerName="jumps", Content={"ZipFile": layer(jumps)})
        )
        deployment = deploy(
            house.session(), NAME, voice="Tone", layers=[published["LayerVersionArn"]]
        )
        house.kill_server()
        house.environment["FIRE_JUMPS"] = json.dumps(jumps)
        house.restart()
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: wrong_now(jumps))
        desk = Desk(house.session(), deployment, saves)
        desk.start()
        for at in KILLS:
            time.sleep(max(0.0, began + at - time.time()))
            house.kill_server()
            house.restart()
        time.sleep(max(0.0, jumps[-1][0] - time.time()))
        await_all(desk)
        desk.end()
        assert desk.fault is None, repr(desk.fault)
        settle(house)
        check_account(house.session(), deployment, saves, desk.acknowledged)
        check_audio(audio(house.session(), deployment, saves), wanted)
    finally:
        house.stop()


def wrong_now(jumps: list[tuple[float, float]]) -> datetime:
    """Naive, as botocore signs with it."""
    now = datetime.now(UTC)
    by = next((by for at, by in reversed(jumps) if at <= now.timestamp()), 0.0)
    return (now + timedelta(seconds=by)).replace(tzinfo=None)
