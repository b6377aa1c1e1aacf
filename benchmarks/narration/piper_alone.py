"""Piper's own Python API, one process a core: what synthesis costs when nothing else is done.

    python -m benchmarks.narration.piper_alone TEXTS.json

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

from inhouse.engines.speech.voices import joe

_voice: Any = None


def main() -> None:
    texts = json.loads(Path(sys.argv[1]).read_text())
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(cores + 1)
    with context.Pool(cores, _prepare, (ready,)) as pool:
        ready.wait()
        began = time.perf_counter()
        sound = sum(pool.imap_unordered(_speak, texts))
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


if __name__ == "__main__":
    main()
