"""Shapes of the mouth: Polly's classes, at the times of the sounds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import Mark, Speech, SpeechRequest, VoiceTable
from inhouse.engines.speech.synthesis import ToneSynthesizer, VoiceSynthesizer
from inhouse.engines.speech.visemes import visemes

from .conftest import needs_speech

CLASSES = {
    "en-US": "b=p d=t dʒ=S ð=T f=f ɡ=k h=k j=i k=k l=t m=p n=t ŋ=k p=p ɹ=r s=s ʃ=S t=t tʃ=S θ=T v=f "
    "w=u z=s ʒ=S ə=@ ɚ=@ æ=a aɪ=a aʊ=a ɑ=a eɪ=e ɝ=E ɛ=E iː=i ɪ=i oʊ=o ɔ=O ɔɪ=O u=u ʊ=u ʌ=E",
    "en-GB": "əʊ=@ ɜː=E ɛə=E ɪə=i ɒ=O ʊə=u",
    "de-DE": "ç=k x=k ts=s øː=o œ=O ɐ=a a=a ɛ=E ɔʏ=O yː=u ʏ=u ɔø=O",
    "fr-FR": "ɥ=u ɲ=J ʀ=k ʁ=k ø=o œ=O ɑ̃=a ɛ̃=E ɔ̃=O y=u",
    "es-ES": "ɾ=t β=B ʝ=J ʎ=J r=r x=k",
    "pl-PL": "dʑ=J ɕ=J tɕ=J tʂ=S ʐ=S ɨ=i",
    "nl-NL": "ʋ=f ɦ=k œy=O ɛi=E",
    "sv-SE": "ɧ=k ɖ=t ʉː=u ɵ=o",
    "tr-TR": "ɯ=i",
    "ja-JP": "ɸ=f ɺ=r e=@ ɯ=i ɴ=k",
    "cmn-CN": "ʂ=S ʈʂ=S ɤ=e",
}
"""From the phoneme tables of Polly's developer guide; ɔø is how espeak-ng writes German eu."""


@pytest.mark.parametrize("language", CLASSES)
def test_phonemes_have_the_classes_of_pollys_tables(language: str) -> None:
    for pair in CLASSES[language].split():
        phoneme, _, shape = pair.partition("=")
        assert list(visemes([(5, phoneme)], language)) == [(5, shape)], phoneme


def test_pollys_own_example() -> None:
    """Mary had a little lamb, as the developer guide has it."""
    spelled = "mˈɛɹi hæd ə lˈɪtl lˈæm"
    sounds = [(index * 10, symbol) for index, symbol in enumerate(spelled)]
    shapes = [shape for _, shape in visemes(sounds, "en-US")]
    assert shapes == "p E r i k a t @ t i t t t a p".split()  # noqa: SIM905


def test_a_sound_begins_with_its_stress_and_a_glide_is_no_sound_of_its_own() -> None:
    sounds = [(0, "t"), (10, "ʃ"), (20, "ˈ"), (25, "a"), (40, "ɪ"), (50, "."), (60, ","), (70, "n")]
    assert list(visemes(sounds, "en-US")) == [(0, "S"), (20, "a"), (50, "sil"), (70, "t")]


def test_sounds_of_one_event_share_its_time() -> None:
    assert list(visemes([(0, "ɔːɹ"), (100, "")], "en-US")) == [(0, "O"), (50, "r"), (100, "sil")]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.text("tʃdaɪeəlˈːn ̃.,☃ɹ", max_size=4)), max_size=20)
)
def test_times_rise_whatever_is_said(sounds: list[tuple[int, str]]) -> None:
    at = 0
    timed = [(at := at + step, symbol) for step, symbol in sounds]
    for language in ("en-US", "de-DE", "ja-JP"):
        found = list(visemes(timed, language))
        assert all(a[0] < b[0] for a, b in pairwise(found))
        assert all(a[1] != "sil" or b[1] != "sil" for a, b in pairwise(found))


def marks(pieces: list[Speech], kind: str) -> list[Mark]:
    return [mark for piece in pieces for mark in piece.marks if mark.type == kind]


@needs_speech
@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("Matthew", "Mary had a little lamb, and more. Its fleece was white."),
        ("Joanna", "Mary had a little lamb, and more. Its fleece was white."),
        ("Vicki", "Zehn deutsche Bücher, sagt er. Und Äpfel."),
        ("Celine", "Bonjour, mes amis. Une fleur bleue."),
        ("Lucia", "Hola, buenos días. Un perro."),
        ("Ewa", "Dźwięk i czas, tak. Dobrze."),
    ],
)
def test_shapes_follow_the_words(voices: VoiceSynthesizer, voice: str, text: str) -> None:
    pieces = list(voices.synthesize(SpeechRequest(text, voice)))
    shapes = marks(pieces, "viseme")
    times = [shape.time for shape in shapes]
    assert times == sorted(times)
    begins = {shape.time for shape in shapes if shape.value != "sil"}
    words = marks(pieces, "word")
    with_shape = [word for word in words if word.time in begins]
    assert len(with_shape) >= len(words) - 1
    assert shapes[0].time == words[0].time
    assert shapes[-1].value == "sil"
    assert shapes[-1].time <= sum(piece.milliseconds for piece in pieces)
    silences = [shape.time for shape in shapes if shape.value == "sil"]
    comma = next(
        index for index, word in enumerate(words) if text.encode()[word.end or 0 :][:1] == b","
    )
    assert any(words[comma].time < time <= words[comma + 1].time for time in silences)


@needs_speech
def test_joe_says_pollys_example(voices: VoiceSynthesizer) -> None:
    pieces = list(voices.synthesize(SpeechRequest("Mary had a little lamb.", "Matthew")))
    shapes = "".join(mark.value for mark in marks(pieces, "viseme") if mark.value != "sil")
    assert shapes.startswith("pEri")
    assert shapes.endswith("tap")


def test_a_pause_closes_the_mouth(table: VoiceTable) -> None:
    document = (
        "<speak>One <break time='1s'/> two <say-as interpret-as='expletive'>darn</say-as></speak>"
    )
    pieces = list(ToneSynthesizer(table).synthesize(SpeechRequest(document, "Tone", "ssml", "pcm")))
    shapes = [mark.value for mark in marks(pieces, "viseme")]
    assert shapes == ["a", "sil", "a", "sil", "sil"]
    words = marks(pieces, "word")
    opened = [mark.time for mark in marks(pieces, "viseme") if mark.value == "a"]
    assert opened == [word.time for word in words[:2]]
