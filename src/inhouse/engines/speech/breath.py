"""The sound of taking breath, made of noise; needs nothing but Python.

Air drawn in through an open mouth is noise behind a vocal tract at rest: broad resonances, no
pitch, swelling and then cut short by the first sound.
"""

import math
from array import array
from functools import lru_cache
from random import Random

_SEED = 1_863
_RESONANCES = (
    (650.0, 500.0, 1.0),
    (1500.0, 600.0, 0.8),
    (2600.0, 900.0, 0.6),
    (4300.0, 1500.0, 0.3),
)
"""Frequency and bandwidth in Hz, and weight."""

_SPEECH_LEVEL = 2600.0
"""Root mean square of speech at the common loudness, in 16-bit steps."""


@lru_cache(maxsize=32)
def inhalation(ms: int, decibels: float, sample_rate: int) -> bytes:
    """Mono 16-bit sound of one breath, `decibels` louder than speech."""
    count = max(1, ms * sample_rate // 1000)
    random = Random(_SEED)  # noqa: S311 - noise, no secret
    noise = [random.random() - 0.5 for _ in range(count)]
    air = [0.0] * count
    for hertz, width, weight in _RESONANCES:
        if hertz < sample_rate * 0.45:
            for index, value in enumerate(_resonance(noise, hertz, width, sample_rate)):
                air[index] += weight * value
    rise = 0.7 * count
    for index in range(count):
        share = index / rise if index < rise else (count - index) / (count - rise)
        air[index] *= math.sin(math.pi / 2 * share) ** 2
    power = math.sqrt(sum(value * value for value in air) / count) or 1.0
    scale = _SPEECH_LEVEL * 10 ** (decibels / 20) / power
    return array("h", (max(-32768, min(32767, round(scale * value))) for value in air)).tobytes()


def _resonance(noise: list[float], hertz: float, width: float, sample_rate: int) -> list[float]:
    """Noise through one band-pass of second order."""
    radius = math.exp(-math.pi * width / sample_rate)
    turn = 2 * radius * math.cos(2 * math.pi * hertz / sample_rate)
    square = radius * radius
    out = []
    last = older = 0.0
    past = ancient = 0.0
    for value in noise:
        last, older = value - ancient + turn * last - square * older, last
        past, ancient = value, past
        out.append(last * (1 - radius))
    return out
