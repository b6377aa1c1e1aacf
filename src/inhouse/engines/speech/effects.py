"""What amazon:effect asks for: whispering, a soft voice, another vocal tract, compression.

Speech is taken apart into source and filter by linear prediction (Makhoul, "Linear prediction: a
tutorial review", 1975) in overlapping frames, in which either is exchanged: a whisper is the
filter with noise for a source, a longer vocal tract the same source behind a filter whose
formants lie lower. Pitch and time stay as they are. Noise comes from a frozen generator, so the
same words always whisper alike.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from inhouse.engines.speech.loudness import loudness
from inhouse.engines.speech.script import Effect

_LEVELS = {"modal": 0.0, "soft": -4.0, "whispered": -8.0}
"""LU that each phonation is louder than plain speech; people who whisper are quieter."""

_SEED = 19_750_401
_OVERLAP = 4
_PRE_EMPHASIS = 0.95
_BREATHINESS = 0.5


def affected(wave: Any, effect: Effect, sample_rate: int) -> Any:
    """Float samples with the effect on them, as many as came in."""
    if not len(wave):
        return wave
    if effect.phonation != "modal" or effect.tract != 1.0:
        changed = _refiltered(wave, effect, sample_rate)
        wanted = loudness(wave, sample_rate).lufs + _LEVELS[effect.phonation]
        found = loudness(changed, sample_rate).lufs
        # Silence has no level to keep.
        known = min(wanted, found) > -100
        wave = changed * 10 ** ((wanted - found) / 20) if known else changed
    return _compressed(wave, sample_rate) if effect.compressed else wave


def _refiltered(wave: Any, effect: Effect, sample_rate: int) -> Any:
    import numpy

    frames = _Frames.of(sample_rate)
    spectra = frames.taken(wave)
    filters = _envelopes(spectra, sample_rate, frames.size)
    moved = _stretched(filters, effect.tract)
    voiced = spectra * numpy.clip(moved / filters, 0.03, 30)
    if effect.phonation == "modal":
        return frames.joined(voiced, len(wave))
    random = numpy.random.RandomState(_SEED)
    noise = frames.taken(random.standard_normal(len(wave)).astype(numpy.float32))
    noise /= numpy.sqrt((frames.window**2).sum())
    # Without the glottis the source doesn't fall by 12 dB an octave, and the lowest are missing.
    hertz = numpy.fft.rfftfreq(frames.size, 1 / sample_rate)
    breath = moved * noise * (hertz / 1000 / numpy.sqrt(1 + (hertz / 3000) ** 2))
    if effect.phonation == "whispered":
        return frames.joined(breath, len(wave))
    soft = voiced / numpy.sqrt(1 + (hertz / 1200) ** 2) + _BREATHINESS * breath
    return frames.joined(soft, len(wave))


@dataclass(frozen=True, slots=True)
class _Frames:
    """Cuts a wave into spectra of overlapping frames and joins them again."""

    size: int
    window: Any

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, sample_rate: int) -> "_Frames":
        """Frames of 20 ms at least, a power of two."""
        import numpy

        size = 1 << (sample_rate // 50 - 1).bit_length()
        turns = numpy.arange(size) / size
        return cls(size, numpy.sin(numpy.pi * turns).astype(numpy.float32))

    def taken(self, wave: Any) -> Any:
        import numpy

        hop = self.size // _OVERLAP
        count = -(-len(wave) // hop) + _OVERLAP - 1
        padded = numpy.zeros((count - 1) * hop + self.size, numpy.float32)
        padded[self.size - hop :][: len(wave)] = wave
        views = numpy.lib.stride_tricks.sliding_window_view(padded, self.size)[::hop]
        return numpy.fft.rfft(views * self.window)

    def joined(self, spectra: Any, length: int) -> Any:
        import numpy

        hop = self.size // _OVERLAP
        pieces = numpy.fft.irfft(spectra, self.size).astype(numpy.float32) * self.window
        pieces = pieces.reshape(len(pieces), _OVERLAP, hop)
        sums = numpy.zeros((len(pieces) + _OVERLAP - 1, hop), numpy.float32)
        for part in range(_OVERLAP):
            sums[part : part + len(pieces)] += pieces[:, part]
        # Squared sines that overlap four times add up to two.
        return sums.reshape(-1)[self.size - hop :][:length] / 2


def _envelopes(spectra: Any, sample_rate: int, size: int) -> Any:
    """The magnitude of the all-pole filter of each frame, one row a frame."""
    import numpy

    order = sample_rate // 1000 + 2
    turns = numpy.exp(-2j * numpy.pi * numpy.arange(size // 2 + 1) / size)
    emphasis = numpy.abs(1 - _PRE_EMPHASIS * turns)
    power = (numpy.abs(spectra) * emphasis) ** 2
    lags = numpy.fft.irfft(power, size)[:, : order + 1]
    # A little noise and a lag window of 60 Hz keep poles off the unit circle.
    lags *= numpy.exp(-0.5 * (2 * numpy.pi * 60 / sample_rate * numpy.arange(order + 1)) ** 2)
    lags[:, 0] = lags[:, 0] * 1.0001 + 1e-9
    coefficients, error = _predictors(lags)
    response = numpy.abs(numpy.fft.rfft(coefficients, size))
    return numpy.sqrt(error * size / size)[:, None] / response / emphasis


def _predictors(lags: Any) -> tuple[Any, Any]:
    """Levinson's and Durbin's recursion on all frames at once: coefficients and error power."""
    import numpy

    frames, width = lags.shape
    coefficients = numpy.zeros((frames, width))
    coefficients[:, 0] = 1.0
    error = lags[:, 0].copy()
    for order in range(1, width):
        reach = coefficients[:, :order] * lags[:, order:0:-1]
        reflection = -reach.sum(axis=1) / error
        mirrored = coefficients[:, order - 1 :: -1] if order > 1 else coefficients[:, :1]
        coefficients[:, 1 : order + 1] += reflection[:, None] * mirrored[:, :order]
        error *= 1 - reflection**2
    return coefficients, error


def _stretched(filters: Any, tract: float) -> Any:
    """The filters of a vocal tract `tract` times as long: all formants lower by that factor."""
    import numpy

    if tract == 1.0:
        return filters
    bins = filters.shape[1]
    at = numpy.minimum(numpy.arange(bins) * tract, bins - 1)
    below = numpy.minimum(at.astype(int), bins - 2)
    share = at - below
    logs = numpy.log(filters)
    return numpy.exp(logs[:, below] * (1 - share) + logs[:, below + 1] * share)


_THRESHOLD = -33.0
_BOOST = 9.0
_WIDTH = 11.0


def _compressed(wave: Any, sample_rate: int) -> Any:
    """Sounds of middle level raised by up to 9 dB, the less the further they are from it.

    What is loud stays below the limiter and what is nearly silent stays so.
    """
    import numpy

    reach = sample_rate // 50
    around = numpy.pad(wave.astype(numpy.float64) ** 2, (reach, reach - 1), mode="edge")
    sums = numpy.cumsum(numpy.concatenate(([0.0], around)))
    power = (sums[2 * reach :] - sums[: -2 * reach]) / (2 * reach)
    level = 10 * numpy.log10(numpy.maximum(power, 1e-12))
    gain = _BOOST * numpy.exp(-(((level - _THRESHOLD) / _WIDTH) ** 2))
    return wave * (10 ** (gain / 20)).astype(numpy.float32)
