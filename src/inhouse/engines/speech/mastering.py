"""From what a voice recorded to what is heard: one loudness, then the document's wishes.

The order matters: loudness first, on neutral speech, so that effects and volume stay relative to
the same level for all voices; peaks last, so that nothing clips whatever was asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from inhouse.engines.speech.effects import affected
from inhouse.engines.speech.limiter import limited
from inhouse.engines.speech.loudness import Fader, loudness
from inhouse.engines.speech.script import PLAIN, Word
from inhouse.engines.speech.sound import Sound

_FULL_SCALE = 32768.0
_MOST_REGAINED = 2.0
_RAMP_MS = 2
"""Volume changes along a ramp, since a step would click."""


def master(sound: Sound, words: Sequence[Word], fader: Fader, sample_rate: int) -> Sound:
    """`sound`, in which each word begins at its onset, as it leaves the house."""
    import numpy

    if not sound.samples:
        return sound
    wave = numpy.frombuffer(sound.pcm, "<i2").astype(numpy.float32)
    wave *= 1 / _FULL_SCALE
    heard = loudness(wave, sample_rate)
    decibels = fader.decibels(heard)
    wave *= 10 ** (decibels / 20)
    wave *= 10 ** (_lost(wave, heard.lufs + decibels, sample_rate) / 20)
    begins = numpy.maximum.accumulate([0, *sound.onsets[1:], len(wave)])
    bounds = numpy.minimum(begins, len(wave)).tolist()
    for first, last in _stretches(words):
        effect = words[first].style.effect
        if effect != PLAIN:
            begin, end = bounds[first], bounds[last]
            wave[begin:end] = affected(wave[begin:end], effect, sample_rate)
    volumes = [word.style.volume for word in words]
    if any(volumes):
        wave *= _envelope(volumes, bounds, sample_rate * _RAMP_MS // 1000)
    wave = limited(wave) * _FULL_SCALE
    pcm = numpy.clip(numpy.rint(wave), -32768, 32767).astype("<i2").tobytes()
    return replace(sound, pcm=pcm)


def _lost(wave: Any, lufs: float, sample_rate: int) -> float:
    """LU that the limiter takes from a wave of `lufs` with high peaks, to be given in advance."""
    rest = limited(wave)
    if rest is wave:
        return 0.0
    return min(_MOST_REGAINED, lufs - loudness(rest, sample_rate).lufs)


def _stretches(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Words in a row with the same effect: the first, and the one after the last."""
    for _, group in groupby(range(len(words)), key=lambda index: words[index].style.effect):
        members = list(group)
        yield members[0], members[-1] + 1


def _envelope(volumes: Sequence[float], bounds: Sequence[int], ramp: int) -> Any:
    """The factor on each sample: that of its word, with ramps from word to word."""
    import numpy

    factors = numpy.repeat([10 ** (decibels / 20) for decibels in volumes], numpy.diff(bounds))
    around = numpy.pad(factors, (ramp // 2, ramp - 1 - ramp // 2), mode="edge")
    sums = numpy.cumsum(numpy.concatenate(([0.0], around)))
    return ((sums[ramp:] - sums[:-ramp]) / ramp).astype(numpy.float32)
