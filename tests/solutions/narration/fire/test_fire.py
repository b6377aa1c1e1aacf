"""kill -9 of the server and its workers at random moments: nobody who listens can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import DATA
from tests.solutions.narration.fire.round import fight, reference
from tests.solutions.narration.fire.saves import Save, made_up, recorded

SAVES, KILLS = 20, 6
"""A part of what `make fire` does fifty times."""
SPOKEN_SAVES, SPOKEN_KILLS = 4, 4


def saves() -> list[Save]:
    file = DATA / "newsroom" / "edits.jsonl.gz"
    return recorded(file, SAVES) if file.exists() else made_up(SAVES)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_newsroom_under_fire(tmp_path: Path) -> None:
    every = saves()
    wanted = reference(tmp_path / "reference", every, "Tone")
    outcome = fight(tmp_path / "round", every, wanted, seed=7, kills=KILLS)
    assert outcome.kills.total() == KILLS
    assert outcome.kills["server"]
    assert outcome.kills["worker"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_real_voice_under_fire(tmp_path: Path) -> None:
    """Processes that speak are killed in the middle of a sentence."""
    pytest.importorskip("piper")
    every = made_up(SPOKEN_SAVES, seed=2)
    wanted = reference(tmp_path / "reference", every, "Joanna")
    fight(tmp_path / "round", every, wanted, seed=3, kills=SPOKEN_KILLS, voice="Joanna")
