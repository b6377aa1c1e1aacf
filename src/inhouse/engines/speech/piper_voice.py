"""Neural voices of Piper (VITS, Kim et al. 2021, arXiv:2106.06103) on onnxruntime.

One inference a sentence. Word times are the model's own: the frames it gave to each phoneme.
Noise comes from a fixed table, so the same words always make the same sound on one machine.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from inhouse.engines.speech.errors import SpeechUnavailable
from inhouse.engines.speech.espeak import Espeak
from inhouse.engines.speech.onnx_patch import PERIOD, STRETCH, patch
from inhouse.engines.speech.pronunciation import Pronunciation
from inhouse.engines.speech.script import Word
from inhouse.engines.speech.sound import Sound, joined
from inhouse.engines.speech.visemes import visemes

_BEGIN, _END, _PAD = "^", "$", "_"
_HOP = 256
_SEED = 20_210_611
_WIDTHS = (2, 192)
_MOST_CHANNELS = 256
"""Channels of noise that models take: of the durations and of the sound; `x_low` ones take 96."""
_MOST_SYMBOLS = 700
"""Phonemes of one inference, about 40 s: its memory grows with them."""


@dataclass(frozen=True, slots=True)
class _Symbol:
    """One phoneme of the model and the word that it belongs to."""

    value: str
    word: int


class PiperVoice:
    """A voice from a Piper model file and the JSON file beside it.

    `speaker` is the number of the one who speaks in a model of several.
    """

    def __init__(
        self, model: Path, espeak: Espeak, pitch: float = 1.0, speaker: int | None = None
    ) -> None:
        self._pitch = pitch
        config = json.loads(Path(f"{model}.json").read_text(encoding="utf-8"))
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        self._pronunciation = Pronunciation(
            espeak, str(config["espeak"]["voice"]), tuple(self._ids)
        )
        self._sample_rate = int(config["audio"]["sample_rate"])
        scales = config.get("inference", {})
        self._scales = (
            float(scales.get("noise_scale", 0.667)),
            float(scales.get("length_scale", 1.0)),
            float(scales.get("noise_w", 0.8)),
        )
        self._hop = int(config["audio"].get("hop_length", _HOP))
        self._speaker = speaker
        self._model = _Model.load(model)

    def at_pitch(self, pitch: float) -> "PiperVoice":
        """The same model speaking higher or lower; nothing is loaded again."""
        other = object.__new__(PiperVoice)
        other.__dict__.update(self.__dict__, _pitch=pitch)
        return other

    @property
    def sample_rate(self) -> int:
        return self._sample_rate

    @property
    def raw(self) -> bool:
        return True

    def speak(self, words: Sequence[Word], ends_sentence: bool) -> Sound:
        import numpy

        symbols = list(self._symbols(words, ends_sentence))
        if len(symbols) > _MOST_SYMBOLS and len(words) > 1:
            middle = len(words) // 2
            return joined(
                (self.speak(words[:middle], False), self.speak(words[middle:], ends_sentence))
            )
        ids, belongs, sounds = self._encode(symbols)
        styles = [word.style for word in words]
        pitches = [style.pitch * self._pitch for style in styles]
        stretch = [pitches[w] / styles[w].rate for w in belongs]
        wave, frames = self._model.run(ids, stretch, self._scales, self._speaker)
        starts = numpy.concatenate(([0], numpy.cumsum(frames))) * self._hop
        # Everything below moves from the model's time to the time after the pitch was changed.
        pieces: list[Any] = []
        moved = numpy.zeros(len(ids) + 1, dtype=numpy.int64)
        length = 0
        for pitch, group in groupby(range(len(ids)), key=lambda index: pitches[belongs[index]]):
            members = list(group)
            first, last = members[0], members[-1] + 1
            scaled = _resampled(wave[starts[first] : starts[last]], pitch)
            moved[first:last] = length + (starts[first:last] - starts[first]) / pitch
            length += len(scaled)
            pieces.append(scaled)
        spoken = len(self._ids[_BEGIN]) + len(self._ids[_PAD])
        onsets = [int(moved[belongs.index(word, spoken)]) for word in range(len(words))]
        heard = [
            (int(moved[index]), sound)
            for index, sound in enumerate(sounds)
            if sound and sound != _BEGIN
        ]
        shapes = visemes(heard, self._pronunciation.language)
        return Sound(_pcm(numpy.concatenate(pieces)), tuple(onsets), tuple(shapes))

    def _symbols(self, words: Sequence[Word], ends_sentence: bool) -> Iterator[_Symbol]:
        """The phonemes of each word, the spaces between words and the stops behind them."""
        for index, spelled in enumerate(self._pronunciation.spelled(words)):
            word = words[index]
            if index and not words[index - 1].after:
                yield _Symbol(" ", index - 1)
            known = [c for c in spelled if c in self._ids]
            # A word that makes no sound still needs a place in time.
            yield from (_Symbol(c, index) for c in known or [" "])
            stop = word.after
            if index == len(words) - 1:
                stop = stop or ("." if ends_sentence else "")
            if stop:
                yield _Symbol(stop, index)
                if index < len(words) - 1:
                    yield _Symbol(" ", index)

    def _encode(self, symbols: list[_Symbol]) -> tuple[list[int], list[int], list[str]]:
        """Ids for the model, the word of each and, where a phoneme begins, its IPA."""
        ids: list[int] = []
        belongs: list[int] = []
        sounds: list[str] = []

        def add(symbol: str, word: int) -> None:
            for number, value in enumerate([*self._ids[symbol], *self._ids[_PAD]]):
                ids.append(value)
                belongs.append(word)
                sounds.append("" if number else symbol)

        add(_BEGIN, 0)
        for symbol in symbols:
            add(symbol.value, symbol.word)
        last = symbols[-1].word
        ids.extend(self._ids[_END])
        belongs.extend(last for _ in self._ids[_END])
        sounds.extend("" for _ in self._ids[_END])
        return ids, belongs, sounds


@dataclass(frozen=True, slots=True)
class _Model:
    """The patched network in an onnxruntime session with one thread."""

    session: Any
    durations: str
    noises: dict[str, Any]
    several: bool

    @classmethod
    def load(cls, path: Path) -> "_Model":
        try:
            import onnxruntime
        except ImportError:
            raise SpeechUnavailable("The neural voice") from None
        patched = patch(path.read_bytes())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            patched.model, options, providers=["CPUExecutionProvider"]
        )
        several = any(given.name == "sid" for given in session.get_inputs())
        return cls(session, patched.durations, _noises(patched.noises), several)

    def run(
        self,
        ids: list[int],
        stretch: list[float],
        scales: tuple[float, float, float],
        speaker: int | None,
    ) -> tuple[Any, Any]:
        """Samples in -1..1 and the frames of each id."""
        import numpy

        feeds = {
            "input": numpy.array([ids], dtype=numpy.int64),
            "input_lengths": numpy.array([len(ids)], dtype=numpy.int64),
            "scales": numpy.array(scales, dtype=numpy.float32),
            STRETCH: numpy.array([[stretch]], dtype=numpy.float32),
            **self.noises,
        }
        if self.several:
            feeds["sid"] = numpy.array([speaker or 0], dtype=numpy.int64)
        wave, frames = self.session.run(["output", self.durations], feeds)
        return wave.reshape(-1), frames.reshape(-1).astype(numpy.int64)


def _noises(names: Sequence[str]) -> dict[str, Any]:
    """A table for each name, [1, _MOST_CHANNELS, PERIOD]; a model takes the channels that it has."""
    import numpy

    # RandomState's stream is frozen (NEP 19), unlike that of newer generators.
    random = numpy.random.RandomState(_SEED)

    def draw(width: int) -> Any:
        return random.standard_normal((1, width, PERIOD)).astype(numpy.float32)

    first = [draw(width) for width in _WIDTHS]
    tables = [numpy.concatenate((t, draw(_MOST_CHANNELS - t.shape[1])), axis=1) for t in first]
    return {name: tables[min(number, 1)] for number, name in enumerate(names)}


def _resampled(part: Any, pitch: float) -> Any:
    """`part` played `pitch` times as fast."""
    import numpy

    if abs(pitch - 1) < 1e-3 or len(part) < 2:
        return part
    places = numpy.arange(int(len(part) / pitch), dtype=numpy.float64) * pitch
    return numpy.interp(places, numpy.arange(len(part)), part)


def _pcm(wave: Any) -> bytes:
    """16-bit samples; a wave beyond full scale is turned down as a whole."""
    import numpy

    scale = 32767 / max(1.0, float(numpy.abs(wave).max(initial=0.0)))
    pcm: bytes = numpy.rint(wave * scale).astype("<i2").tobytes()
    return pcm
