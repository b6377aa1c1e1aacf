"""Whether a model can be a voice: it is loaded and says a sentence, as a worker would.

Started as `python -m inhouse.engines.speech.trial MODEL ESPEAK_VOICE [SPEAKER]`, since the parts that
are GPL-3.0 are loaded in processes of their own. Prints one JSON object: `hertz`, the middle pitch
of the voice, or `error`, a sentence.
"""

import json
import sys
from pathlib import Path
from typing import Any

from inhouse.engines.speech.errors import SpeechError
from inhouse.engines.speech.onnx_patch import NotVits
from inhouse.engines.speech.script import Style, Word
from inhouse.engines.speech.voices import espeak_code

_NUMBERS = tuple(str(number) for number in (12, 47, 96, 350))
"""Digits are read in every language; these have most of its vowels."""
_LEAST_SECONDS, _MOST_SECONDS = 0.5, 60.0


def attempt(model: Path, language: str, speaker: int | None) -> float:
    """The voice's pitch in Hz. Raises ValueError with what is wrong, or SpeechError."""
    import numpy

    from inhouse.engines.speech.espeak import Espeak
    from inhouse.engines.speech.piper_voice import PiperVoice

    library = Espeak()
    if espeak_code(language) is None:
        raise ValueError(f"espeak-ng has no voice {language!r}, which the model was trained with")
    voice = PiperVoice(model, library, 1.0, speaker)
    words = [Word(number, 0, 0, number, Style(language)) for number in _NUMBERS]
    sound = voice.speak(words, ends_sentence=True)
    seconds = sound.samples / voice.sample_rate
    samples = numpy.frombuffer(sound.pcm, "<i2").astype(numpy.float64)
    if not _LEAST_SECONDS < seconds < _MOST_SECONDS:
        raise ValueError(f"it said four numbers in {seconds:.1f} s")
    if numpy.abs(samples).max() < 100 or list(sound.onsets) != sorted(set(sound.onsets)):
        raise ValueError("no words can be made out in what it says")
    return pitch(samples, voice.sample_rate)


def pitch(samples: Any, sample_rate: int) -> float:
    """The median fundamental frequency of the voiced frames, by autocorrelation; 0 for none.

    A frame of 40 ms is voiced where the peak between 60 and 400 Hz has more than half of its
    energy (Rabiner, "On the use of autocorrelation analysis for pitch detection", 1977).
    """
    import numpy

    size = sample_rate // 25
    lowest, highest = sample_rate // 400, sample_rate // 60
    found = []
    for begin in range(0, len(samples) - size, size):
        frame = samples[begin : begin + size] - samples[begin : begin + size].mean()
        spectrum = numpy.fft.rfft(frame, 2 * size)
        alike = numpy.fft.irfft(abs(spectrum) ** 2)[:size] / numpy.arange(size, 0, -1)
        lag = lowest + int(numpy.argmax(alike[lowest:highest]))
        if alike[0] > 1e4 and alike[lag] > alike[0] / 2:
            found.append(sample_rate / lag)
    return float(numpy.median(found)) if found else 0.0


def main(arguments: list[str]) -> int:
    model, language, *rest = arguments
    try:
        answer: dict[str, Any] = {
            "hertz": attempt(Path(model), language, int(rest[0]) if rest else None)
        }
    except NotVits as error:
        answer = {"error": f"it isn't a model of Piper's: {error}"}
    except (SpeechError, ValueError) as error:
        answer = {"error": str(error)}
    except Exception as error:  # whatever onnxruntime finds wrong with a file
        answer = {"error": f"it can't be loaded: {str(error).splitlines()[0][:300]}"}
    print(json.dumps(answer))
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
