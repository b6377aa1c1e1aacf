"""Every language that espeak-ng speaks, with the onset of each word from its own events."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from inhouse.engines.speech import phonemes
from inhouse.engines.speech.espeak import Espeak, Spoken
from inhouse.engines.speech.script import Style, Word
from inhouse.engines.speech.sound import Sound, joined
from inhouse.engines.speech.visemes import visemes

_WORDS_A_MINUTE = 165


class EspeakVoice:
    """One language and variant of espeak-ng, such as `de+f1`."""

    def __init__(self, espeak: Espeak, voice: str) -> None:
        self._espeak = espeak
        self._voice = voice

    @property
    def sample_rate(self) -> int:
        return self._espeak.sample_rate

    @property
    def raw(self) -> bool:
        return True

    def speak(self, words: Sequence[Word], ends_sentence: bool) -> Sound:
        # Volume and effects come later and cut no sentence.
        melody = attrgetter("style.rate", "style.pitch")
        groups = [list(group) for _, group in groupby(words, key=melody)]
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
            bytes(spoken.pcm),
            tuple(_onsets(begins, spoken.words, len(spoken.pcm) // 2, per_ms)),
            tuple(visemes(_sounds(spoken, per_ms), style.language)),
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


def _sounds(spoken: Spoken, per_ms: float) -> Iterator[tuple[int, str]]:
    """Phonemes by sample. The first of a word is reported a little late; it begins with its word."""
    words = [ms for _, ms in spoken.words]
    for ipa, ms in spoken.phonemes:
        begun = [word for word in words if word <= ms]
        if begun and ipa:
            words = words[len(begun) :]
        yield round((begun[-1] if begun and ipa else ms) * per_ms), ipa
