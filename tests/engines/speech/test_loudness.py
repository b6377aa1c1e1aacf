"""All voices are equally loud, by FFmpeg's meter, and no peak is clipped."""

from dataclasses import replace
from typing import Any

import pytest

from inhouse.engines.speech import Speech, SpeechRequest, VoiceTable
from inhouse.engines.speech.limiter import CEILING, limited
from inhouse.engines.speech.loudness import TARGET, Fader, Loudness, loudness
from inhouse.engines.speech.mastering import master
from inhouse.engines.speech.requests import TextType
from inhouse.engines.speech.script import Style, Word
from inhouse.engines.speech.sound import Sound
from inhouse.engines.speech.synthesis import ToneSynthesizer, VoiceSynthesizer

from .conftest import needs_speech
from .loudness_meter import measured

numpy = pytest.importorskip("numpy")
pytestmark = needs_speech

LONG = {
    "en": "The council approved the new library on Tuesday, after a debate that lasted for most "
    "of the night. Nobody expected it. The mayor said that it was a good day for the town.",
    "de": "Der Gemeinderat hat am Dienstag nach langer Debatte die neue Bibliothek beschlossen. "
    "Damit hatte niemand gerechnet. Es war ein guter Tag für die Stadt.",
    "fr": "Le conseil a approuvé la nouvelle bibliothèque mardi soir, après un long débat. "
    "Personne ne s'y attendait.",
    "ru": "Городской совет одобрил строительство новой библиотеки. Этого никто не ожидал.",
    "zh": "市议会星期二批准了新的图书馆。没有人想到会这样。",
}
RATE = 22_050


def say(voices: VoiceSynthesizer, text: str, voice: str, kind: TextType = "text") -> list[Speech]:
    return list(voices.synthesize(SpeechRequest(text, voice, kind)))


@pytest.mark.parametrize(
    ("voice", "text", "tolerance"),
    [
        ("Matthew", LONG["en"], 0.5),
        ("Joanna", LONG["en"], 0.5),
        ("Ivy", LONG["en"], 0.5),
        ("Espeak-de", LONG["de"], 0.5),
        ("Vicki", LONG["de"], 0.5),
        ("Hans", LONG["de"], 0.5),
        ("Celine", LONG["fr"], 0.5),
        ("Maxim", LONG["ru"], 0.5),
        ("Zhiyu", LONG["zh"], 0.5),
        ("Matthew", "Yes.", 1.0),
        ("Joanna", "Never!", 1.0),
        ("Matthew", "Yes. No. Maybe. Never. Why? Go.", 1.0),
        ("Hans", "Jawohl.", 1.0),
    ],
)
def test_all_voices_are_equally_loud(
    voices: VoiceSynthesizer, voice: str, text: str, tolerance: float
) -> None:
    lufs, peak = measured(say(voices, text, voice))
    assert lufs == pytest.approx(TARGET, abs=tolerance)
    assert peak <= CEILING + 0.1


def test_tone_is_as_loud_as_speech(table: VoiceTable) -> None:
    pieces = list(ToneSynthesizer(table).synthesize(SpeechRequest(LONG["en"], "Tone")))
    lufs, peak = measured(pieces)
    assert lufs == pytest.approx(TARGET, abs=0.5)
    assert peak < CEILING


@pytest.mark.parametrize(("voice", "text"), [("Matthew", LONG["en"]), ("Hans", LONG["de"])])
def test_volume_counts_from_the_common_level(
    voices: VoiceSynthesizer, voice: str, text: str
) -> None:
    soft = f"<speak><prosody volume='-9dB'>{text}</prosody></speak>"
    lufs, _ = measured(say(voices, soft, voice, "ssml"))
    assert lufs == pytest.approx(TARGET - 9, abs=0.7)


def test_as_loud_as_can_be_is_not_clipped(voices: VoiceSynthesizer) -> None:
    loud = f"<speak><prosody volume='+20dB'>{LONG['en']}</prosody></speak>"
    pieces = say(voices, loud, "Matthew", "ssml")
    lufs, peak = measured(pieces)
    assert peak <= CEILING + 0.1
    assert lufs > TARGET + 5
    samples = numpy.frombuffer(b"".join(piece.pcm for piece in pieces), "<i2")
    assert numpy.abs(samples.astype(int)).max() < 32767


def noise(seconds: float, level: float, seed: int = 1) -> Any:
    random = numpy.random.RandomState(seed)
    return (random.standard_normal(int(seconds * RATE)) * level).astype(numpy.float32)


@pytest.mark.parametrize("level", [0.3, 0.02, 0.001])
@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000])
def test_the_meter_agrees_with_ffmpeg(level: float, rate: int) -> None:
    talk = numpy.concatenate([noise(2.0, level), noise(1.0, level / 30), noise(1.5, level / 2)])
    pcm = numpy.rint(numpy.clip(talk, -1, 1) * 32767).astype("<i2")
    theirs, _ = measured([Speech(pcm.tobytes(), rate)])
    # Near half the sample rate, where speech has nothing, their filter bends with the rate.
    assert loudness(pcm / 32768, rate).lufs == pytest.approx(theirs, abs=0.15)


def test_the_reference_tone_of_bs_1770() -> None:
    """A sine of 997 Hz at 0 dBFS in one channel is −3.01 LUFS."""
    sine = numpy.sin(2 * numpy.pi * 997 * numpy.arange(3 * RATE) / RATE)
    assert loudness(sine, RATE).lufs == pytest.approx(-3.01, abs=0.05)


def test_silence_has_no_loudness_and_gets_no_gain() -> None:
    assert loudness(numpy.zeros(RATE), RATE).lufs == float("-inf")
    assert loudness(numpy.zeros(0), RATE).seconds == 0
    fader = Fader()
    fader.decibels(Loudness(-30.0, 3.0))
    assert fader.decibels(Loudness(float("-inf"), 0.0)) == TARGET + 30


def test_a_quiet_aside_stays_an_aside() -> None:
    fader = Fader()
    first = fader.decibels(Loudness(-25.0, 4.0))
    assert first == TARGET + 25
    assert fader.decibels(Loudness(-50.0, 0.3)) <= first + 3
    assert fader.decibels(Loudness(-50.0, 9.0)) <= first + 6


def test_the_limiter_leaves_alone_what_is_low_and_bends_no_more_than_it_must() -> None:
    quiet = noise(1.0, 0.05)
    assert limited(quiet) is quiet
    peak = quiet.copy()
    peak[RATE // 2] = 2.0
    bent = limited(peak)
    assert numpy.abs(bent).max() <= 10 ** (CEILING / 20)
    far = numpy.abs(numpy.arange(len(peak)) - RATE // 2) > RATE // 30
    assert numpy.array_equal(bent[far], quiet[far])
    gain = bent[~far] / peak[~far]
    assert numpy.abs(numpy.diff(gain)).max() < 0.02


def test_peaks_between_samples_are_seen() -> None:
    """A sine of a quarter of the rate, sampled off its peaks, is 3 dB higher than its samples."""
    at = numpy.arange(RATE)
    fade = numpy.minimum(1, numpy.minimum(at, at[::-1]) / 2000)
    sine = 1.2 * fade * numpy.sin(numpy.pi / 2 * at + numpy.pi / 4)
    bent = limited(sine.astype(numpy.float32))
    _, peak = measured([Speech(numpy.rint(bent * 32767).astype("<i2").tobytes(), RATE)])
    assert peak <= CEILING + 0.1


def test_the_first_sentence_does_not_wait_for_the_others(voices: VoiceSynthesizer) -> None:
    pieces = voices.synthesize(SpeechRequest(LONG["en"] + " More." * 200, "Matthew"))
    assert next(iter(pieces)).milliseconds < 10_000


def test_sound_of_no_length_and_onsets_beyond_the_end_are_mastered() -> None:
    style = Style("de-DE", volume=-6.0)
    two = [Word("a", 0, 1, "a", style), Word("b", 2, 3, "b", replace(style, volume=3.0))]
    empty = Sound(b"", (0, 0))
    assert master(empty, two, Fader(), RATE) == empty
    pcm = numpy.rint(noise(0.5, 0.1) * 32767).astype("<i2").tobytes()
    assert master(Sound(pcm, (0, 99_999)), two, Fader(), RATE).samples == len(pcm) // 2
