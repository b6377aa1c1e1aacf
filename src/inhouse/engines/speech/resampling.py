"""A voice at another sample rate than its model's.

Windowed-sinc interpolation (J. O. Smith, "Digital Audio Resampling Home Page", CCRMA): a Kaiser
window of beta 8, 24 zero crossings to each side of the lower of the two rates.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, gcd
from typing import Any

from inhouse.engines.speech.script import Word
from inhouse.engines.speech.sound import Sound, VoiceModel

_CROSSINGS = 24
_BETA = 8.0
_ROLLOFF = 0.95
_BLOCK = 1 << 15


class Resampled:
    """`voice`, heard at `sample_rate`. Onsets and visemes move with it."""

    def __init__(self, voice: VoiceModel, sample_rate: int) -> None:
        self._voice = voice
        self._sample_rate = sample_rate

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def raw(self) -> bool:
        return self._voice.raw

    def speak(self, words: Sequence[Word], ends_sentence: bool) -> Sound:
        import numpy

        sound = self._voice.speak(words, ends_sentence)
        here, there = self._voice.sample_rate, self._sample_rate
        wave = numpy.frombuffer(sound.pcm, "<i2").astype(numpy.float32)
        moved = resample(wave, here, there)
        return Sound(
            numpy.clip(numpy.rint(moved), -32768, 32767).astype("<i2").tobytes(),
            tuple(onset * there // here for onset in sound.onsets),
            tuple((at * there // here, name) for at, name in sound.visemes),
        )


def resample(wave: Any, here: int, there: int) -> Any:
    """Samples at `here` Hz as samples at `there` Hz, of the same length in time."""
    import numpy

    shared = gcd(here, there)
    up, down = there // shared, here // shared
    filters, half = _filters(up, down)
    length = len(wave) * up // down
    padded = numpy.concatenate((numpy.zeros(half), wave, numpy.zeros(half + 1)))
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, 2 * half)
    out = numpy.empty(length, dtype=numpy.float64)
    for begin in range(0, length, _BLOCK):
        at = numpy.arange(begin, min(begin + _BLOCK, length), dtype=numpy.int64) * down
        whole, phase = at // up, at % up
        # The sample at `whole` is the last of the first half of its window.
        out[begin : begin + len(at)] = (windows[whole + 1] * filters[phase]).sum(axis=1)
    return out


@lru_cache(maxsize=8)
def _filters(up: int, down: int) -> tuple[Any, int]:
    """One filter for each of `up` places between two samples, and half its length."""
    import numpy

    cutoff = min(1.0, up / down) * _ROLLOFF
    half = ceil(_CROSSINGS / min(1.0, up / down))
    taps = numpy.arange(-half + 1, half + 1)[None, :] - numpy.arange(up)[:, None] / up
    window = numpy.i0(_BETA * numpy.sqrt(numpy.clip(1 - (taps / half) ** 2, 0, 1)))
    filters = numpy.sinc(taps * cutoff) * window
    # Each passes a constant unchanged.
    return filters / filters.sum(axis=1, keepdims=True), half
