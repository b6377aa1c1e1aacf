"""Real speech: Joe, and espeak-ng for the other languages."""

import hashlib
from itertools import pairwise
from typing import Any

import pytest

from inhouse.engines.speech import Mark, Speech, SpeechRequest
from inhouse.engines.speech.requests import TextType
from inhouse.engines.speech.synthesis import VoiceSynthesizer

from .conftest import needs_speech

pytestmark = needs_speech

ENGLISH = "One of the committee's 25 members paid $5.30 in 1990. Isn't that well-known?"
GERMAN = "Grüße aus München, liebe Hörer. Es ist halb drei."


def samples(pieces: list[Speech]) -> Any:
    """Absolute values of all samples, as an array."""
    numpy = pytest.importorskip("numpy")
    return numpy.abs(numpy.frombuffer(b"".join(p.pcm for p in pieces), "<i2").astype(int))


def say(
    voices: VoiceSynthesizer, text: str, voice: str, kind: TextType = "text", **more: object
) -> list[Speech]:
    return list(voices.synthesize(SpeechRequest(text, voice, kind, **more)))  # type: ignore[arg-type]


def marks(pieces: list[Speech], kind: str) -> list[Mark]:
    return [mark for piece in pieces for mark in piece.marks if mark.type == kind]


def seconds(pieces: list[Speech]) -> float:
    return sum(len(piece.pcm) // 2 / piece.sample_rate for piece in pieces)


@pytest.mark.parametrize(
    ("text", "voice"), [(ENGLISH, "Matthew"), (ENGLISH, "Joanna"), (GERMAN, "Vicki")]
)
def test_marks_lie_in_the_audio_and_grow(voices: VoiceSynthesizer, text: str, voice: str) -> None:
    pieces = say(voices, text, voice)
    words = marks(pieces, "word")
    times = [word.time for word in words]
    assert times == sorted(set(times))
    assert times[-1] < seconds(pieces) * 1000
    encoded = text.encode()
    assert [encoded[w.start : w.end].decode() for w in words] == [w.value for w in words]
    first, second = marks(pieces, "sentence")
    assert first.time == times[0]
    assert second.time in times
    assert 8 < len(text) / seconds(pieces) < 25


def test_sound_begins_with_the_first_word(voices: VoiceSynthesizer) -> None:
    document = "<speak>Stop <break time='2s'/> go.</speak>"
    pieces = say(voices, document, "Matthew", "ssml")
    sound = samples(pieces)
    stop, go = (round(mark.time * 22.05) for mark in marks(pieces, "word"))
    assert sound[stop : stop + 8000].max() > 3000
    assert sound[go : go + 8000].max() > 3000
    assert sound[go - 30_000 : go - 4000].max() == 0


def test_a_long_vowel_is_where_the_alignment_says(voices: VoiceSynthesizer) -> None:
    """Silencing one word by volume must silence the sound between its mark and the next."""
    document = (
        "<speak>We saw <prosody volume='silent'>seventeen</prosody> bridges yesterday.</speak>"
    )
    pieces = say(voices, document, "Matthew", "ssml")
    sound = samples(pieces)
    starts = [round(mark.time * 22.05) for mark in marks(pieces, "word")]
    assert sound[starts[2] + 50 : starts[3] - 50].max() < 5
    assert sound[starts[1] : starts[2]].max() > 3000
    assert sound[starts[3] : starts[4]].max() > 3000


@pytest.mark.parametrize(("text", "voice"), [(ENGLISH, "Kimberly"), (GERMAN, "Hans")])
def test_the_same_request_is_the_same_sound(
    voices: VoiceSynthesizer, text: str, voice: str
) -> None:
    def digest() -> str:
        return hashlib.sha256(b"".join(p.pcm for p in say(voices, text, voice))).hexdigest()

    first = digest()
    say(voices, "Something else is said in between.", "Joey")
    say(voices, "Und noch etwas anderes.", "Daniel")
    assert digest() == first


def test_rate_changes_one_word_only(voices: VoiceSynthesizer) -> None:
    def times(body: str) -> list[int]:
        pieces = say(voices, f"<speak>{body}</speak>", "Matthew", "ssml")
        return [mark.time for mark in marks(pieces, "word")]

    plain = times("The seventeen bridges fell.")
    slow = times("The <prosody rate='50%'>seventeen</prosody> bridges fell.")
    lengths = [[b - a for a, b in pairwise(t)] for t in (plain, slow)]
    assert 1.7 < lengths[1][1] / lengths[0][1] < 2.3
    assert lengths[1][0] == pytest.approx(lengths[0][0], abs=40)
    assert lengths[1][2] == pytest.approx(lengths[0][2], abs=40)


def test_pitch_leaves_the_length(voices: VoiceSynthesizer) -> None:
    def length(pitch: str) -> float:
        document = f"<speak><prosody pitch='{pitch}'>{ENGLISH}</prosody></speak>"
        return seconds(say(voices, document, "Matthew", "ssml"))

    assert length("+30%") == pytest.approx(length("+0%"), rel=0.05)
    assert length("-20%") == pytest.approx(length("+0%"), rel=0.05)


def test_languages_switch_inside_a_sentence(voices: VoiceSynthesizer) -> None:
    document = "<speak>She said <lang xml:lang='de-DE'>Guten Morgen</lang> and left.</speak>"
    pieces = say(voices, document, "Joanna", "ssml")
    words = marks(pieces, "word")
    assert [w.value for w in words] == ["She", "said", "Guten", "Morgen", "and", "left"]
    assert [w.time for w in words] == sorted({w.time for w in words})


def test_phonemes_and_lexicons_change_the_sound(voices: VoiceSynthesizer) -> None:
    def sound(body: str, *lexicons: str) -> bytes:
        document = f"<speak>{body}</speak>"
        return b"".join(p.pcm for p in say(voices, document, "Joe", "ssml", lexicons=lexicons))

    spelled = sound("A <phoneme ph='ˈpiːkæn'>pecan</phoneme> pie.")
    assert spelled != sound("A pecan pie.")
    lexicon = (
        '<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" '
        'alphabet="ipa" xml:lang="en-US"><lexeme><grapheme>pecan</grapheme>'
        "<phoneme>ˈpiːkæn</phoneme></lexeme></lexicon>"
    )
    assert sound("A pecan pie.", lexicon) == spelled


def test_visemes_come_from_the_alignment(voices: VoiceSynthesizer) -> None:
    for voice in ("Matthew", "Vicki"):
        pieces = say(voices, "Papa.", voice)
        shapes = [mark.value for mark in marks(pieces, "viseme")]
        assert shapes.count("p") == 2
        times = [mark.time for mark in marks(pieces, "viseme")]
        assert times == sorted(times)


@pytest.mark.parametrize("voice", ["Zhiyu", "Seoyeon", "Tatyana", "Zeina", "Filiz", "Camila"])
def test_other_scripts_are_spoken(voices: VoiceSynthesizer, voice: str) -> None:
    text = {
        "Zhiyu": "你好，世界。",
        "Seoyeon": "안녕하세요 세계.",
        "Tatyana": "Привет, мир.",
        "Zeina": "مرحبا بالعالم.",
        "Filiz": "Merhaba dünya.",
        "Camila": "Olá, mundo.",
    }[voice]
    pieces = say(voices, text, voice)
    assert seconds(pieces) > 0.7
    assert samples(pieces).max() > 3000


def test_strange_text_is_spoken_somehow(voices: VoiceSynthesizer) -> None:
    for text in ("☃ 𝕏 …", "[[h@]] \x00 _", "a" * 300, "1" * 60, "((((", "<<>>", "\u200b \ufeff"):
        for voice in ("Joe", "Vicki"):
            for mark in marks(say(voices, text, voice), "word"):
                assert text.encode()[mark.start : mark.end].decode() == mark.value


@pytest.mark.slow
def test_hostile_lengths_are_spoken_in_pieces(voices: VoiceSynthesizer) -> None:
    for text in ("x" * 500, "a b " * 150, "12 " * 60, "antidisestablishmentarianism" * 20):
        pieces = say(voices, text, "Joe")
        words = marks(pieces, "word")
        assert [w.time for w in words] == sorted(w.time for w in words)
        assert "".join(w.value for w in words) == text.replace(" ", "")
