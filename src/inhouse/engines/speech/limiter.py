"""Peaks kept below a ceiling, between the samples too.

True peaks are those of ITU-R BS.1770-4, annex 2: of the wave at four times the sample rate. EBU
R 128 allows −1 dBTP, which leaves room for what lossy encoders add.
"""

from functools import cache
from typing import Any

CEILING = -1.0
"""dBTP that no speech exceeds."""

_MARGIN = 0.2
"""dB that oversampling four times may read too little."""
_BLOCK = 32
_TAPS = 16
_PHASES = 4
_SUSPECT = 0.7
"""Waves between samples are at most about 3 dB higher than the samples of speech."""
_REACH = 8
"""Blocks that the gain takes to fall and to rise again, about 12 ms each at 22,050 Hz."""


def limited(wave: Any) -> Any:
    """Float samples, 1 being full scale, with no true peak above CEILING.

    The gain falls ahead of a peak and rises after it along a raised cosine, so that nothing is
    clipped and nothing clicks. What has no such peak comes back as it is.
    """
    import numpy

    ceiling = 10 ** ((CEILING - _MARGIN) / 20)
    if not len(wave) or max(wave.max(), -wave.min()) <= _SUSPECT * ceiling:
        return wave
    needed = numpy.minimum(1.0, ceiling / _true_peaks(wave, _SUSPECT * ceiling))
    if needed.min() >= 1.0:
        return wave
    held = needed.copy()
    for shift in range(1, _REACH + 2):
        held[shift:] = numpy.minimum(held[shift:], needed[:-shift])
        held[:-shift] = numpy.minimum(held[:-shift], needed[shift:])
    around = numpy.pad(held, _REACH, mode="edge")
    window = numpy.hanning(2 * _REACH + 3)[1:-1]
    smooth = numpy.convolve(around, window / window.sum(), "valid")
    edges = numpy.pad(smooth, 1, mode="edge")
    edges = (edges[1:] + edges[:-1]) / 2
    along = (numpy.arange(_BLOCK) + 0.5) / _BLOCK
    low = numpy.flatnonzero(numpy.minimum(edges[1:], edges[:-1]) < 1.0)
    ramps = edges[low, None] + (edges[low + 1] - edges[low])[:, None] * along
    padded = numpy.pad(wave, (0, len(smooth) * _BLOCK - len(wave)))
    padded.reshape(-1, _BLOCK)[low] *= ramps.astype(numpy.float32)
    return padded[: len(wave)]


def _true_peaks(wave: Any, suspect: float) -> Any:
    """The true peak of each block; of blocks below `suspect` the peak of their samples."""
    import numpy

    blocks = -(-len(wave) // _BLOCK)
    padded = numpy.zeros(blocks * _BLOCK + 2 * _TAPS, numpy.float32)
    padded[_TAPS : _TAPS + len(wave)] = wave
    body = padded[_TAPS:-_TAPS].reshape(blocks, _BLOCK)
    peaks = numpy.maximum(numpy.abs(body).max(axis=1), 1e-9)
    loud = numpy.flatnonzero(peaks > suspect)
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, _BLOCK + _TAPS)
    near = windows[loud * _BLOCK + _TAPS // 2]
    between = numpy.lib.stride_tricks.sliding_window_view(near, _TAPS, axis=1) @ _interpolators()
    peaks[loud] = numpy.maximum(peaks[loud], numpy.abs(between).max(axis=(1, 2)))
    return peaks


@cache
def _interpolators() -> Any:
    """Windowed sincs that give the wave a quarter, half and three quarters after a sample."""
    import numpy

    at = numpy.arange(_TAPS)[:, None] - (_TAPS // 2 - 1 + numpy.arange(1, _PHASES) / _PHASES)
    window = 0.5 + 0.5 * numpy.cos(numpy.pi * at / (_TAPS / 2))
    sinc = numpy.sinc(at) * window
    return (sinc / sinc.sum(axis=0)).astype(numpy.float32)
