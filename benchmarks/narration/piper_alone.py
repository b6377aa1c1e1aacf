"""Piper's own Python API, one process a core: what synthesis costs when nothing else is done.

    python -m benchmarks.narration.piper_alone wav|mp3 TEXTS.json

prints as JSON: seconds for all texts with the voices loaded, and seconds of sound.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import sys
import time
import wave
from pathlib import Path
from typing import Any

import onnxruntime
from piper import PiperVoice

from inhouse.engines.speech.encode import encoder
from inhouse.engines.speech.voices import joe

RATE = 24_000
"""Hz of the MP3."""

_voice: Any = None


def main() -> None:
    form, texts = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    speak = _speak_mp3 if form == "mp3" else _speak
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(cores + 1)
    with context.Pool(cores, _prepare, (ready,)) as pool:
        ready.wait()
        began = time.perf_counter()
        sound = sum(pool.imap_unordered(speak, texts))
        print(json.dumps({"seconds": time.perf_counter() - began, "sound": sound}))


def _prepare(ready: Any) -> None:
    """Loads the voice.

    Piper leaves the number of threads to onnxruntime, which takes all cores in every process and
    is several times slower for it; so it is told to take one.
    """
    global _voice
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    onnxruntime.SessionOptions = lambda: options
    _voice = PiperVoice.load(joe())
    _speak("Good morning.")
    ready.wait()


def _speak(text: str) -> float:
    """Seconds of sound of a text, made and put away as WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        _voice.synthesize_wav(text, file)
        seconds: float = file.getnframes() / file.getframerate()
    return seconds


def _speak_mp3(text: str) -> float:
    """The same as MP3, at the rate and with the settings of our tasks."""
    sink, samples = None, 0
    for chunk in _voice.synthesize(text):
        sink = sink or encoder("mp3", chunk.sample_rate, RATE)
        sink.add(chunk.audio_int16_bytes)
        samples += len(chunk.audio_int16_bytes) // 2
    if sink is None:
        return 0.0
    sink.finish()
    return samples / int(_voice.config.sample_rate)


if __name__ == "__main__":
    main()
