"""Sounds that are not speech: between a teaser and its note, and the pause that ends a paragraph of
sentences. Each is made once for each sample rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.solutions.narration.functions import fragments, mp3, sentences
from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.functions.claims import found

if TYPE_CHECKING:
    from collections.abc import Callable

CHIME = ((659.26, 0.22), (987.77, 0.55))
"""Hertz and seconds: e, then the b above it."""


def ensure(s3: Any, bucket: str, sample_rate: int) -> tuple[str, str | None]:
    """The separator's fragment name and what was done. Needs PyAV the first time."""
    name = fragments.named(["separator", [list(note) for note in CHIME], sample_rate], 0)
    return name, _made(s3, bucket, name, "separator", lambda: mp3.tone(sample_rate, CHIME))


def ensure_pause(s3: Any, bucket: str, sample_rate: int) -> tuple[str, str | None]:
    """The same of the silence by which a paragraph's pause is longer than a sentence's."""
    ms = sentences.PARAGRAPH_PAUSE_MS - sentences.PAUSE_MS
    name = fragments.named(["pause", ms, sample_rate], 0)
    return name, _made(s3, bucket, name, "pause", lambda: mp3.silence(sample_rate, ms / 1000))


def _made(s3: Any, bucket: str, name: str, what: str, make: Callable[[], bytes]) -> str | None:
    held = Bucket(s3, bucket)
    if found(held, name) is not None:
        return None
    try:
        sound = make()
    except ImportError:
        raise RuntimeError(f"deploy needs PyAV for the {what} sound: pip install av") from None
    held.put(f"{fragments.key_prefix(name)}.{what}.mp3", sound, ContentType="audio/mpeg")
    return f"made the {what} sound"
