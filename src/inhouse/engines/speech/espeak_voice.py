"""Every language that espeak-ng speaks, with the onset of each word from its own events."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from inhouse.engines.speech import phonemes
from inhouse.engines.speech.espeak import Espeak
from inhouse.engines.speech.script import Style, Word
from inhouse.engines.speech.sound import Sound, joined

_WORDS_A_MINUTE = 165
_LOUDNESS = 0.8


class EspeakVoice:
    """One language and variant of espeak-ng, such as `de+f2`."""

    def __init__(self, espeak: Espeak, voice: str) -> None:
        self._espeak = espeak
        self._voice = voice

    @property
    def sample_rate(self) -> int:
        return self._espeak.sample_rate

    def speak(self, words: Sequence[Word], ends_sentence: bool) -> Sound:
        groups = [list(group) for _, group in groupby(words, key=lambda word: word.style)]
        return joined(
            self._group(group, group[0].style, ends_sentence and group is groups[-1])
            for group in groups
        )

    def _group(self, words: Sequence[Word], style: Style, ends_sentence: bool) -> Sound:
        text, begins = _text(words, ends_sentence)
        spoken = self._espeak.synthesize(
            text, self._voice, round(_WORDS_A_MINUTE * style.rate), round(50 * style.pitch)
        )
        per_ms = self.sample_rate / 1000
        return Sound(
            _louder(bytes(spoken.pcm), _LOUDNESS * 10 ** (style.volume / 20)),
            tuple(_onsets(begins, spoken.words, len(spoken.pcm) // 2, per_ms)),
            tuple(_visemes(spoken.phonemes, per_ms)),
        )


def _text(words: Sequence[Word], ends_sentence: bool) -> tuple[str, list[int]]:
    """The text to speak and the character at which each word begins."""
    text = ""
    begins = []
    for index, word in enumerate(words):
        if text and not word.glued:
            text += " "
        begins.append(len(text))
        if word.ipa:
            text += f"[[{phonemes.espeak(word.ipa)}]]"
        else:
            text += word.said.replace("[", " ").replace("]", " ").replace("\0", " ")
        text += word.after
        if index == len(words) - 1 and ends_sentence and not word.after:
            text += "."
    return text, begins


def _onsets(
    begins: list[int], events: list[tuple[int, int]], samples: int, per_ms: float
) -> list[int]:
    """Sample of each word.

    espeak-ng runs some words together ("es ist") and reports only the first; the others get
    their share of its time by the number of characters before them.
    """
    known: list[tuple[int, int]] = []
    index = 0
    for number, begin in enumerate(begins):
        limit = begins[number + 1] if number + 1 < len(begins) else None
        found = None
        while index < len(events) and (limit is None or events[index][0] < limit):
            if found is None and events[index][0] >= begin:
                found = round(events[index][1] * per_ms)
            index += 1
        if found is not None and (not known or found > known[-1][1]):
            known.append((begin, found))
    if not known or known[0][0] > begins[0]:
        known.insert(0, (begins[0], 0))
    known.append((begins[-1] + 8, max(samples, known[-1][1])))
    onsets = []
    at = 0
    for begin in begins:
        while known[at + 1][0] <= begin:
            at += 1
        (here, onset), (there, following) = known[at], known[at + 1]
        onsets.append(onset + (following - onset) * (begin - here) // (there - here))
    return onsets


def _visemes(spoken: list[tuple[str, int]], per_ms: float) -> Iterator[tuple[int, str]]:
    for ipa, ms in spoken:
        name = phonemes.viseme(ipa) if ipa else "sil"
        if name:
            yield round(ms * per_ms), name


def _louder(pcm: bytes, factor: float) -> bytes:
    import numpy

    samples = numpy.frombuffer(pcm, "<i2").astype(numpy.float32) * factor
    louder: bytes = numpy.clip(numpy.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return louder
