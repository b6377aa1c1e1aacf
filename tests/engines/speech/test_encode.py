import io
import math
import statistics
from array import array

import pytest

from inhouse.engines.speech.encode import encoder
from inhouse.engines.speech.formats import SAMPLE_RATES
from inhouse.engines.speech.requests import Format
from inhouse.engines.speech.sound import silence, sine

from .conftest import needs_speech

pytestmark = needs_speech

RATE = 22050
CASES = [(form, rate) for form in SAMPLE_RATES if form != "json" for rate in SAMPLE_RATES[form]]


def tone(seconds: float, silent: float = 0.0) -> bytes:
    quiet = array("h", bytes(2 * int(silent * RATE)))
    loud = (
        round(9000 * math.sin(n * 2 * math.pi * 440 / RATE)) for n in range(int(seconds * RATE))
    )
    return (quiet + array("h", loud)).tobytes()


def encode(pcm: bytes, form: Format, rate: int, step: int = 5000) -> bytes:
    sink = encoder(form, RATE, rate)
    pieces = [sink.add(pcm[at : at + step]) for at in range(0, len(pcm), step)]
    return b"".join(pieces) + sink.finish()


def decode(audio: bytes, form: Format, rate: int) -> tuple[int, "array[float]"]:
    import av

    if form in ("pcm", "mulaw", "alaw"):
        container = av.open(
            io.BytesIO(audio),
            format={"pcm": "s16le"}.get(form, form),
            options={"sample_rate": str(rate), "ch_layout": "mono"},
        )
    else:
        container = av.open(io.BytesIO(audio))
    resampler = av.AudioResampler(format="flt", layout="mono")
    samples = array("f")
    found = 0
    for frame in container.decode(audio=0):
        found = frame.sample_rate
        for plain in resampler.resample(frame):
            samples.frombytes(bytes(plain.planes[0])[: plain.samples * 4])
    return found, samples


@pytest.mark.parametrize(("form", "rate"), CASES)
def test_every_format_decodes_to_the_length_that_went_in(form: Format, rate: int) -> None:
    found, samples = decode(encode(tone(2.0), form, rate), form, rate)
    assert found == (48000 if form == "ogg_opus" else rate)
    assert len(samples) / found == pytest.approx(2.0, abs=0.05)
    assert max(samples) == pytest.approx(9000 / 32768, rel=0.35)


@pytest.mark.parametrize(("form", "rate"), CASES)
def test_sound_stays_where_it_was(form: Format, rate: int) -> None:
    found, samples = decode(encode(tone(1.0, silent=1.0), form, rate), form, rate)
    onset = next(index for index, value in enumerate(samples) if abs(value) > 0.1)
    assert onset / found == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("form", ["mp3", "ogg_vorbis", "ogg_opus", "pcm"])
def test_the_same_samples_are_the_same_bytes(form: Format) -> None:
    rate = SAMPLE_RATES[form][1]
    whole = tone(1.5)
    assert encode(whole, form, rate) == encode(whole, form, rate)
    if form != "pcm":
        return
    assert encode(whole, form, RATE, 5000) == encode(whole, form, RATE, 12_346)


@pytest.mark.parametrize("rate", [16000, 22050, 24000])
def test_mp3_has_whole_frames_of_one_size_and_no_header(rate: int) -> None:
    audio = encode(tone(1.0), "mp3", rate)
    assert audio[0] == 0xFF
    assert b"Xing" not in audio
    assert b"Info" not in audio
    frames = math.ceil(rate / 576)
    bits = {16000: 48_000, 22050: 64_000, 24000: 64_000}[rate]
    assert len(audio) == pytest.approx(frames * 72 * bits / rate, abs=frames)


def test_mp3s_join_by_copying() -> None:
    first, second = encode(tone(1.0), "mp3", 24000), encode(tone(0.5), "mp3", 24000)
    lengths = [len(decode(audio, "mp3", 24000)[1]) for audio in (first, second, first + second)]
    assert lengths[2] == lengths[0] + lengths[1]


@pytest.mark.parametrize("form", [form for form in SAMPLE_RATES if form != "json"])
def test_nothing_encodes(form: Format) -> None:
    rate = SAMPLE_RATES[form][0]
    sink = encoder(form, RATE, rate)
    audio = sink.add(b"") + sink.finish()
    if form.startswith("ogg"):
        assert len(decode(audio, form, rate)[1]) < rate
    else:
        assert audio == b""


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 44100])
def test_remembered_frames_sound_like_encoded_ones(rate: int) -> None:
    """An mp3 of a tone is put together from frames encoded before; it must decode to the same."""
    pcm = (sine(9, rate, 400) + silence(130, rate)) * 8
    plain, remembered = (
        decode(made.add(pcm[:999]) + made.add(pcm[999:]) + made.finish(), "mp3", rate)
        for made in (encoder("mp3", rate, rate, repeats=repeats) for repeats in (False, True))
    )
    assert plain[0] == remembered[0]
    assert statistics.correlation(plain[1], remembered[1]) > 0.95
