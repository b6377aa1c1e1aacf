"""What every voice yields for a few words, and sound that needs no voice."""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from inhouse.engines.speech.script import Word

STEP_MS = 20
"""Tones last a multiple of this and have a multiple of 50 Hz: whole waves, so no clicks."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono 16-bit `pcm`; `onsets` holds the first sample of each word, `visemes` (sample, name)."""

    pcm: bytes
    onsets: tuple[int, ...]
    visemes: tuple[tuple[int, str], ...] = ()

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2


def joined(sounds: Iterable[Sound]) -> Sound:
    """One sound after the other."""
    pcm = bytearray()
    onsets: list[int] = []
    visemes: list[tuple[int, str]] = []
    for sound in sounds:
        offset = len(pcm) // 2
        onsets += [offset + onset for onset in sound.onsets]
        visemes += [(offset + at, name) for at, name in sound.visemes]
        pcm += sound.pcm
    return Sound(bytes(pcm), tuple(onsets), tuple(visemes))


class VoiceModel(Protocol):
    """A voice that speaks a run of words, each in its own style."""

    @property
    def sample_rate(self) -> int: ...

    @property
    def raw(self) -> bool:
        """Whether loudness, effects and volume are still to come (see `mastering`)."""
        ...

    def speak(self, words: Sequence[Word], ends_sentence: bool) -> Sound:
        """Sound of at least one word, all of one language."""
        ...


def silence(ms: int, sample_rate: int) -> bytes:
    return bytes(2 * (ms * sample_rate // 1000))


_SINE = 5400
"""Brings the voice Tone, with its rests, to the loudness of all speech (`loudness.TARGET`)."""
_LOUDEST_SINE = 29_200.0
"""The ceiling of `limiter`, -1 dB, which a sine between its samples doesn't exceed."""


@lru_cache(maxsize=64)
def _wave(sample_rate: int, hertz: int, decibels: float) -> bytes:
    """One step of a sine: STEP_MS long, whole waves."""
    count = sample_rate * STEP_MS // 1000
    peak = min(_LOUDEST_SINE, _SINE * 10 ** (decibels / 20))
    turn = 2 * math.pi * hertz / sample_rate
    return array("h", (round(peak * math.sin(turn * n)) for n in range(count))).tobytes()


def sine(steps: int, sample_rate: int, hertz: float, decibels: float = 0.0) -> bytes:
    """A tone of `steps` times STEP_MS near `hertz`, at 0 dB as loud as speech."""
    whole_waves = max(1, round(hertz / 50)) * 50
    return _wave(sample_rate, whole_waves, round(decibels, 1)) * steps
