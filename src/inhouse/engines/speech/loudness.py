"""How loud speech is, and the gain that makes all of it equally loud.

Loudness is that of ITU-R BS.1770-4: K-weighted power of blocks of 400 ms, gated, in LUFS.

Speech is brought to TARGET. EBU R 128 asks −23 LUFS of broadcasts, too little for telephones and
cars; AES TD1008 asks about −18 LUFS of speech that is streamed. Ours is one channel, and −20 LUFS
of one channel come out of two loudspeakers as loud as −17 LUFS in stereo. Its peaks, up to 20 dB
above, just fit below full scale.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

TARGET = -20.0
"""LUFS of all speech before the document changes its volume."""

_HOPS_A_SECOND = 10
_HOPS_A_BLOCK = 4
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0

# The two biquads that BS.1770-4 gives for 48 kHz, numerator and denominator of each.
_DESIGN_RATE = 48_000
_K_WEIGHTING = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285),
     (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loudness:
    """`lufs` of what passed the gate and for how many `seconds`; −inf for silence."""

    lufs: float
    seconds: float


def loudness(wave: Any, sample_rate: int) -> Loudness:
    """Integrated loudness of one channel of float samples, 1 being full scale.

    Power is weighted in the spectrum of each hop of 100 ms, which agrees with filtering within
    0.1 LU and needs no loop over samples. Sound too short for a block of 400 ms is measured, with
    the same gates, in blocks of 100 ms, and shorter still as a whole.
    """
    import numpy

    hop = min(sample_rate // _HOPS_A_SECOND, len(wave))
    if not hop:
        return Loudness(-math.inf, 0.0)
    hops = numpy.asarray(wave[: len(wave) // hop * hop], numpy.float32).reshape(-1, hop)
    spectrum = numpy.fft.rfft(hops)
    power = (spectrum.real**2 + spectrum.imag**2) @ _weights(hop, sample_rate)
    if len(power) >= _HOPS_A_BLOCK:
        sums = numpy.cumsum(numpy.concatenate(([0.0], power)))
        power = (sums[_HOPS_A_BLOCK:] - sums[:-_HOPS_A_BLOCK]) / _HOPS_A_BLOCK
    for above in (_ABSOLUTE_GATE, None):
        if len(power):
            gate = _RELATIVE_GATE + _lufs(float(power.mean())) if above is None else above
            power = power[power > 10 ** ((gate + 0.691) / 10)]
    if not len(power):
        return Loudness(-math.inf, 0.0)
    return Loudness(_lufs(float(power.mean())), len(power) * hop / sample_rate)


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(max(power, 1e-20))


@lru_cache(maxsize=8)
def _weights(hop: int, sample_rate: int) -> Any:
    """What each bin of a hop's spectrum adds to its K-weighted mean square (Parseval)."""
    import numpy

    z = numpy.exp(-2j * numpy.pi * numpy.fft.rfftfreq(hop, 1 / sample_rate) / _DESIGN_RATE)
    gain = numpy.ones(len(z))
    for above, below in _K_WEIGHTING:
        gain *= numpy.abs(numpy.polyval(above[::-1], z) / numpy.polyval(below[::-1], z)) ** 2
    sides = numpy.full(len(z), 2.0)
    sides[0] = 1.0
    if hop % 2 == 0:
        sides[-1] = 1.0
    return (gain * sides / hop**2).astype(numpy.float32)


_MOST_GAIN = 20.0
_MOST_STEP = 3.0
_LONG_ENOUGH = 1.5
"""Seconds after which a run is judged by itself alone."""
_FAINTEST = -60.0


@dataclass(slots=True)
class Fader:
    """The gain of one voice through one request, run by run.

    A long run is brought to TARGET by its own loudness. A short one after others moves the gain
    only as far as its length warrants and 3 dB at most, so that a quiet aside stays an aside and
    noise is never pumped up.
    """

    _decibels: float | None = field(default=None)

    def decibels(self, heard: Loudness) -> float:
        """The gain in dB for the next run of this voice, which was recorded this loud."""
        former = self._decibels
        if heard.lufs < _FAINTEST:
            return former or 0.0
        own = max(-_MOST_GAIN, min(_MOST_GAIN, TARGET - heard.lufs))
        if former is not None:
            step = (own - former) * min(1.0, heard.seconds / _LONG_ENOUGH)
            own = former + max(-_MOST_STEP, min(_MOST_STEP, step))
        self._decibels = own
        return own
