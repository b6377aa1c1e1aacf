"""Voices that are put on the shelf of a pool that is already speaking."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inhouse.engines.speech import SpeechPool, SpeechRequest, UnknownVoice, VoiceTable
from inhouse.engines.speech.shelf import FACTS, contents

from .added import GERMAN, configuration, shelve, take_down, with_speakers
from .conftest import needs_speech

TEXT = "Guten Morgen, liebe Hörer."


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[SpeechPool]:
    speaking = SpeechPool(1, shelf=tmp_path / "voices")
    yield speaking
    await speaking.close()


def test_a_table_sees_voices_come_and_go(tmp_path: Path) -> None:
    shelf = tmp_path / "voices"
    table = VoiceTable.load(None, shelf)
    assert table.find("Vicki").speaks_with("de-DE") == "espeak"
    before = table.edition
    shelve(shelf, "Thorsten", configuration(**GERMAN))
    assert table.edition != before
    assert table.find("Thorsten").voice.language_code == "de-DE"
    assert table.find("Thorsten").voice.engines == ("neural",)
    assert table.find("Vicki").speaks_with("de-DE") == "piper"
    assert table.find("Vicki").voice.language_code == "de-DE"
    assert table.find("Vicki").pitch > 1 == table.find("Hans").pitch
    assert table.find("Hannah").speaks_with("de-AT") == "piper"
    assert table.find("Lea").speaker == "espeak"
    assert table.find("Joanna").speaker == "joe"
    assert "Thorsten" in {voice.id for voice in table.installed()}
    assert "Thorsten" not in {voice.id for voice in table.polly()}
    take_down(shelf, "Thorsten")
    assert table.find("Vicki").speaker == "espeak"
    with pytest.raises(UnknownVoice):
        table.find("Thorsten")


def test_the_nearest_voice_of_several_speaks(tmp_path: Path) -> None:
    shelve(tmp_path, "Thorsten", configuration(**GERMAN), added="1")
    shelve(tmp_path, "Kerstin", configuration(**GERMAN), gender="Female", added="2")
    austrian = configuration(espeak={"voice": "de"}, language={"code": "de_AT"})
    shelve(tmp_path, "Franz", austrian, added="3")
    table = VoiceTable.load(None, tmp_path)
    speakers = {id: table.find(id).voice.source for id in ("Vicki", "Hans", "Hannah")}
    assert speakers == {
        "Vicki": "de_DE-kerstin-medium",
        "Hans": "de_DE-thorsten-medium",
        "Hannah": "de_AT-franz-medium",
    }


def test_a_voice_speaks_for_whom_it_is_told_to(tmp_path: Path) -> None:
    shelve(tmp_path, "Ryan", configuration(), speaks_for=["Matthew"])
    table = VoiceTable.load(None, tmp_path)
    assert table.find("Matthew").speaker == "piper"
    assert table.find("Matthew").speaks_with("de-DE") == "piper"
    assert table.find("Joey").speaker == "joe"


def test_damaged_folders_are_told_apart(tmp_path: Path) -> None:
    folder = shelve(tmp_path, "Thorsten", configuration(**GERMAN))
    (folder / FACTS).write_text("{")
    (tmp_path / "Empty").mkdir()
    assert {f.name: voice for f, voice in contents(tmp_path)} == {"Thorsten": None, "Empty": None}
    assert VoiceTable.load(None, tmp_path).find("Vicki").speaker == "espeak"
    (folder / FACTS).write_text(json.dumps({"id": "../Thorsten"}))
    assert dict(contents(tmp_path))[folder] is None


@needs_speech
async def test_a_warm_worker_speaks_with_a_voice_that_was_added(
    pool: SpeechPool, tmp_path: Path
) -> None:
    def asked(voice: str) -> SpeechRequest:
        return SpeechRequest(TEXT, voice, format="pcm", sample_rate=16000)

    robotic = await pool.speak(asked("Vicki"))
    workers = pool.pids
    shelve(tmp_path / "voices", "Thorsten", configuration(**GERMAN))
    neural = await pool.speak(asked("Vicki"))
    own = await pool.speak(asked("Thorsten"))
    assert pool.pids == workers
    assert len({hashlib.sha256(r.audio).digest() for r in (robotic, neural, own)}) == 3
    again = await pool.speak(asked("Thorsten"))
    assert again.audio == own.audio
    take_down(tmp_path / "voices", "Thorsten")
    assert (await pool.speak(asked("Vicki"))).audio == robotic.audio


@needs_speech
async def test_other_sample_rates_are_as_long_and_marks_move_along(
    pool: SpeechPool, tmp_path: Path
) -> None:
    """The same network at 16000 Hz speaks slower by 22050/16000, and all its marks with it."""
    shelve(tmp_path / "voices", "Usual", configuration())
    shelve(tmp_path / "voices", "Low", configuration(audio={"sample_rate": 16000}))
    results = [
        await pool.speak(SpeechRequest("Nine bridges fell.", voice, format="json", mark_types=("word",)))
        for voice in ("Usual", "Low")
    ]  # fmt: skip
    usual, low = results
    ratio = 22050 / 16000
    assert low.milliseconds == pytest.approx(usual.milliseconds * ratio, rel=0.02)
    assert [m.value for m in low.marks] == ["Nine", "bridges", "fell"]
    for mark, slower in zip(usual.marks, low.marks, strict=True):
        assert slower.time == pytest.approx(mark.time * ratio, abs=15)


@needs_speech
async def test_one_speaker_of_several(pool: SpeechPool, tmp_path: Path) -> None:
    model = with_speakers(tmp_path / "two.onnx")
    told = configuration(num_speakers=2, speaker_id_map={"quick": 0, "slow": 1})
    for name, number in (("Quick", 0), ("Slow", 1)):
        shelve(tmp_path / "voices", name, told, model=model, speaker=number)
    lengths = [
        (await pool.speak(SpeechRequest("Nine bridges fell.", voice, format="pcm"))).milliseconds
        for voice in ("Quick", "Slow")
    ]
    assert lengths[1] > 1.6 * lengths[0]
