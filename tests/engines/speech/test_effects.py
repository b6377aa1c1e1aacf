"""What amazon:effect, breaths and max-duration do to the sound."""

from typing import Any

import pytest

from inhouse.engines.speech import Mark, Speech, SpeechRequest, VoiceTable
from inhouse.engines.speech.effects import affected
from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.loudness import loudness
from inhouse.engines.speech.reading import read
from inhouse.engines.speech.script import Breath, Effect, Style
from inhouse.engines.speech.synthesis import ToneSynthesizer, VoiceSynthesizer

from .conftest import needs_speech

numpy = pytest.importorskip("numpy")
pytestmark = needs_speech

RATE = 22_050
TEXT = "We are all on our own now, among many more."


def say(voices: VoiceSynthesizer, body: str, voice: str = "Matthew") -> list[Speech]:
    return list(voices.synthesize(SpeechRequest(f"<speak>{body}</speak>", voice, "ssml")))


def wave(pieces: list[Speech]) -> Any:
    pcm = b"".join(piece.pcm for piece in pieces)
    return (numpy.frombuffer(pcm, "<i2") / 32768).astype(numpy.float32)


def words(pieces: list[Speech]) -> list[Mark]:
    return [mark for piece in pieces for mark in piece.marks if mark.type == "word"]


def voicing(samples: Any) -> tuple[float, float]:
    """How periodic the loud frames are (0 to 1), and their median pitch in Hz."""
    found = []
    for at in range(0, len(samples) - 1024, 512):
        frame = samples[at : at + 1024] * numpy.hanning(1024)
        if (frame**2).mean() < (samples**2).mean() / 4:
            continue
        spectrum = numpy.abs(numpy.fft.rfft(frame, 2048)) ** 2
        lags = numpy.fft.irfft(spectrum)[: RATE // 60]
        best = RATE // 300 + int(numpy.argmax(lags[RATE // 300 :]))
        found.append((lags[best] / lags[0], RATE / best))
    strength, pitch = numpy.median(numpy.array(found), axis=0)
    return float(strength), float(pitch)


def vowel(first: float, second: float, pitch: float = 110.0) -> Any:
    """A second of a buzz behind two formants."""
    at = numpy.arange(RATE)
    source = (at % round(RATE / pitch) == 0).astype(float)
    hertz = numpy.fft.rfftfreq(RATE, 1 / RATE)
    response = sum(1 / (1 + ((hertz - f) / 60) ** 2) for f in (first, second)) + 0.002
    return (numpy.fft.irfft(numpy.fft.rfft(source) * response) * 3).astype(numpy.float32)


def loudest_band(samples: Any, low: float, high: float) -> float:
    """Centre in Hz of the strongest part of the smoothed spectrum between two frequencies."""
    power = numpy.abs(numpy.fft.rfft(samples[: RATE // 110 * 100])) ** 2
    smooth = numpy.convolve(power, numpy.hanning(221), "same")
    hertz = numpy.fft.rfftfreq(RATE // 110 * 100, 1 / RATE)
    inside = (hertz > low) & (hertz < high)
    return float(hertz[inside][numpy.argmax(smooth[inside])])


def test_a_whisper_has_no_pitch_and_keeps_its_time(voices: VoiceSynthesizer) -> None:
    plain = say(voices, TEXT)
    whisper = say(voices, f"<amazon:effect name='whispered'>{TEXT}</amazon:effect>")
    assert [w.time for w in words(whisper)] == [w.time for w in words(plain)]
    assert len(wave(whisper)) == len(wave(plain))
    assert voicing(wave(plain))[0] > 0.55
    assert voicing(wave(whisper))[0] < 0.35
    quieter = loudness(wave(plain), RATE).lufs - loudness(wave(whisper), RATE).lufs
    assert 6 < quieter < 10


def test_a_whisper_is_the_same_each_time_and_only_where_it_is_asked_for(
    voices: VoiceSynthesizer,
) -> None:
    body = "You know, <amazon:effect name='whispered'>he said so,</amazon:effect> and left."
    pieces = say(voices, body)
    assert wave(pieces).tobytes() == wave(say(voices, body)).tobytes()
    begin = round(words(pieces)[2].time * RATE / 1000)
    plain = wave(say(voices, "You know, he said so, and left."))
    assert numpy.allclose(wave(pieces)[: begin - 200], plain[: begin - 200], atol=0.02)
    assert not numpy.allclose(wave(pieces)[begin : begin + 4000], plain[begin : begin + 4000], 0.02)


def test_a_soft_voice_is_quieter_and_darker_and_still_a_voice(voices: VoiceSynthesizer) -> None:
    plain = wave(say(voices, TEXT))
    soft = wave(say(voices, f"<amazon:effect phonation='soft'>{TEXT}</amazon:effect>"))
    assert 3 < loudness(plain, RATE).lufs - loudness(soft, RATE).lufs < 5
    assert voicing(soft)[0] > 0.45


@pytest.mark.parametrize("tract", [0.8, 1.25])
def test_another_vocal_tract_moves_formants_and_leaves_pitch(tract: float) -> None:
    plain = vowel(600, 1700)
    moved = affected(plain, Effect(tract=tract), RATE)
    assert loudest_band(plain, 1100, 2600) == pytest.approx(1700, rel=0.05)
    assert loudest_band(moved, 1100, 2600) == pytest.approx(1700 / tract, rel=0.08)
    assert voicing(moved)[1] == pytest.approx(voicing(plain)[1], rel=0.03)
    assert loudness(moved, RATE).lufs == pytest.approx(loudness(plain, RATE).lufs, abs=0.1)


def test_a_vocal_tract_of_the_same_length_changes_nothing(voices: VoiceSynthesizer) -> None:
    same = say(voices, f"<amazon:effect vocal-tract-length='100%'>{TEXT}</amazon:effect>")
    assert wave(same).tobytes() == wave(say(voices, TEXT)).tobytes()


def test_compression_raises_the_middle_most() -> None:
    random = numpy.random.RandomState(3)
    levels = [-60.0, -33.0, -15.0]
    steps = [random.standard_normal(RATE) * 10 ** (level / 20) for level in levels]
    before = numpy.concatenate(steps).astype(numpy.float32)
    after = affected(before, Effect(compressed=True), RATE)
    gains = []
    for index in range(len(levels)):
        part = slice(index * RATE + 4000, (index + 1) * RATE - 4000)
        gains.append(10 * numpy.log10((after[part] ** 2).mean() / (before[part] ** 2).mean()))
    assert gains[1] > 8
    assert gains[0] < 1
    assert gains[2] < 3


@pytest.mark.parametrize(
    "effect", [Effect("whispered"), Effect("soft", 1.3, True), Effect(tract=2)]
)
def test_effects_keep_the_length_of_any_sound(effect: Effect) -> None:
    for length in (0, 1, 50, 511, 512, 5000):
        for samples in (numpy.zeros(length), numpy.random.RandomState(5).standard_normal(length)):
            changed = affected((samples * 0.1).astype(numpy.float32), effect, RATE)
            assert len(changed) == length
            assert numpy.isfinite(changed).all()


def test_speech_ends_in_time(voices: VoiceSynthesizer, table: VoiceTable) -> None:
    for synthesizer, voice in (
        (voices, "Matthew"),
        (voices, "Hans"),
        (ToneSynthesizer(table), "Tone"),
    ):
        request = f"<speak><prosody amazon:max-duration='1500ms'>{TEXT}</prosody> Yes.</speak>"
        pieces = list(synthesizer.synthesize(SpeechRequest(request, voice, "ssml")))  # type: ignore[attr-defined]
        times = [word.time for word in words(pieces)]
        assert times[-2] - times[0] < 1500
        assert times[-1] - times[0] < 1500 + 700
        plain = words(list(synthesizer.synthesize(SpeechRequest(TEXT, voice))))  # type: ignore[attr-defined]
        assert plain[-1].time - plain[0].time > 1500


def test_time_that_is_enough_changes_nothing(voices: VoiceSynthesizer) -> None:
    timed = say(voices, f"<prosody amazon:max-duration='30s'>{TEXT}</prosody>")
    assert wave(timed).tobytes() == wave(say(voices, TEXT)).tobytes()


def test_pauses_count_and_keep_their_length(table: VoiceTable) -> None:
    body = (
        "<speak><prosody amazon:max-duration='3s'>Here it is. <break time='2s'/>"
        "There it goes, all of it, at last.</prosody></speak>"
    )
    pieces = list(ToneSynthesizer(table).synthesize(SpeechRequest(body, "Tone", "ssml")))
    times = [word.time for word in words(pieces)]
    assert 2000 < times[3] - times[2] < 2400
    assert times[-1] - times[0] < 3000


def test_time_that_can_not_be_kept_ends_at_five_times_the_rate(table: VoiceTable) -> None:
    body = f"<speak><prosody amazon:max-duration='1ms'>{TEXT}</prosody></speak>"
    pieces = list(ToneSynthesizer(table).synthesize(SpeechRequest(body, "Tone", "ssml")))
    plain = list(ToneSynthesizer(table).synthesize(SpeechRequest(TEXT, "Tone")))
    faster = sum(p.milliseconds for p in plain) / sum(p.milliseconds for p in pieces)
    assert 4 < faster < 6


def test_a_breath_is_heard_where_it_stands(voices: VoiceSynthesizer) -> None:
    pieces = say(voices, "Wait <amazon:breath duration='long' volume='loud'/> here.", "Matthew")
    first, second = words(pieces)
    between = wave(pieces)[
        round((first.time + 350) * RATE / 1000) : round(second.time * RATE / 1000)
    ]
    breath = between[numpy.flatnonzero(between)[0] :][: RATE // 2]
    assert second.time - first.time > 900
    assert -42 < loudness(breath, RATE).lufs < -25
    assert voicing(breath)[0] < 0.6


def test_breaths_come_by_themselves_as_often_as_asked() -> None:
    text = "This is so, and that is not, and we know why. " * 9

    def breaths(attributes: str) -> list[Breath]:
        document = f"<speak><amazon:auto-breaths {attributes}>{text}</amazon:auto-breaths></speak>"
        found = read(document, "ssml", Style("en-US"), Lexicons())
        return [item for one in found for item in one.items if isinstance(item, Breath)]

    numbers = [len(breaths(f"frequency='{name}'")) for name in ("x-low", "low", "medium", "high")]
    assert numbers == [2, 2, 4, 6]
    assert set(breaths("duration='short' volume='soft'")) == {Breath(300, -28.0)}


def test_breaths_come_only_at_stops() -> None:
    document = f"<speak><amazon:auto-breaths>{'word ' * 50}, end.</amazon:auto-breaths></speak>"
    (sentence,) = read(document, "ssml", Style("en-US"), Lexicons())
    places = [index for index, item in enumerate(sentence.items) if isinstance(item, Breath)]
    assert places == [50]
