"""The sound between a teaser and its note, made once for each sample rate."""

from __future__ import annotations

from typing import Any

from inhouse.solutions.narration.functions import fragments, mp3
from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.functions.claims import found

CHIME = ((659.26, 0.22), (987.77, 0.55))
"""Hertz and seconds: e, then the b above it."""


def ensure(s3: Any, bucket: str, sample_rate: int) -> tuple[str, str | None]:
    """The fragment's name and what was done. Needs PyAV the first time."""
    name = fragments.named(["separator", [list(note) for note in CHIME], sample_rate], 0)
    held = Bucket(s3, bucket)
    if found(held, name) is not None:
        return name, None
    try:
        sound = mp3.tone(sample_rate, CHIME)
    except ImportError:
        raise RuntimeError("deploy needs PyAV for the separator sound: pip install av") from None
    key = f"{fragments.key_prefix(name)}.separator.mp3"
    held.put(key, sound, ContentType="audio/mpeg")
    return name, "made the separator sound"
