"""The voice Tone: no speech, but as long as speech, at once and with true marks.

It is for load tests and for machines without the speech extra, and needs nothing but Python.
"""

from collections.abc import Sequence

from inhouse.engines.speech.script import Word
from inhouse.engines.speech.sound import STEP_MS, Sound, silence, sine
from inhouse.engines.speech.visemes import SILENCE

HERTZ = 400.0
_MS_A_WORD = 120
_MS_A_CHARACTER = 48
_GAP_MS = 40
_STOP_MS = 200


class ToneVoice:
    """A tone a word, its length that of the word: about 15 characters a second."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def raw(self) -> bool:
        return False

    def speak(self, words: Sequence[Word], ends_sentence: bool) -> Sound:
        pieces: list[bytes] = []
        onsets = []
        shapes = []
        length = 0
        for word in words:
            rate = word.style.rate
            steps = max(1, round((_MS_A_WORD + _MS_A_CHARACTER * len(word.said)) / rate / STEP_MS))
            rest = _STOP_MS if word.after else _GAP_MS
            sound = sine(steps, self._sample_rate, HERTZ * word.style.pitch, word.style.volume)
            onsets.append(length // 2)
            shapes += [(length // 2, "a"), ((length + len(sound)) // 2, SILENCE)]
            sound += silence(round(rest / rate), self._sample_rate)
            length += len(sound)
            pieces.append(sound)
        return Sound(b"".join(pieces), tuple(onsets), tuple(shapes))
