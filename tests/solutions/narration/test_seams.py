"""Sentences spoken one by one and joined are heard as the paragraph spoken at once: the real voice."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest

from inhouse.solutions.narration.functions import mp3, sentences
from inhouse.solutions.narration.functions.document import document

RATE = 24_000
FLOOR_DECIBELS = -50.0
PARAGRAPHS = [
    "We built a small prototype in three hours. It showed the team what mattered most! Would anybody"
    " have guessed that? Nobody did, and the rest is history.",
    "“I came here for two reasons. Neither was something that I had planned for. It quickly became"
    " what I wanted to do.” - Greg Boone",
]


class Voice:
    """The voice of Inhouse through Polly."""

    def __init__(self, polly: Any) -> None:
        self._polly = polly

    def say(self, ssml: str) -> bytes:
        answer = self._polly.synthesize_speech(
            Engine="neural", VoiceId="Matthew", Text=ssml, TextType="ssml", OutputFormat="mp3",
            SampleRate=str(RATE),
        )  # fmt: skip
        return answer["AudioStream"].read()


@pytest.fixture
def voice(client: Callable[..., Any]) -> Voice:
    return Voice(client("polly"))


def decoded(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(float)


def decibels(wave: np.ndarray) -> float:
    return 20 * np.log10(max(1e-9, np.sqrt(np.mean(wave**2))))


def stretches(wave: np.ndarray) -> list[tuple[float, float]]:
    """Where speech is, in seconds, apart by silences of 300 ms or more."""
    hop = RATE // 100
    levels = np.sqrt((wave[: len(wave) // hop * hop].reshape(-1, hop) ** 2).mean(1))
    loud = np.flatnonzero(levels > 10 ** (FLOOR_DECIBELS / 20))
    breaks = np.flatnonzero(np.diff(loud) > 30)
    starts = [loud[0], *loud[breaks + 1]]
    ends = [*loud[breaks], loud[-1]]
    return [(a / 100, (b + 1) / 100) for a, b in zip(starts, ends, strict=True)]


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The greatest correlation of two sounds over shifts of up to 50 ms."""
    length = min(len(one), len(other)) - RATE // 20
    reference = one[RATE // 40 : RATE // 40 + length]
    windows = np.correlate(other, reference, "valid")[: RATE // 20]
    energy = np.convolve(other**2, np.ones(length), "valid")[: RATE // 20]
    return float((windows / np.sqrt(energy * (reference**2).sum())).max())


@pytest.mark.slow
@pytest.mark.parametrize("paragraph", PARAGRAPHS)
def test_joined_sentences_are_the_paragraph(voice: Voice, paragraph: str) -> None:
    whole = decoded(voice.say(document(paragraph, "en").ssml))
    made = sentences.documents(paragraph, "en")
    pieces = [mp3.frames(voice.say(one.ssml)) for one in made]
    rest = (sentences.PARAGRAPH_PAUSE_MS - sentences.PAUSE_MS) / 1000
    pause = mp3.frames(mp3.silence(RATE, rest))
    joined = decoded(mp3.join([*pieces, pause], {}))
    assert len(made) >= 3
    assert len(joined) == pytest.approx(len(whole), rel=0.02)

    at = 0
    for piece in pieces:
        at += piece.samples
        assert decibels(joined[at - RATE // 50 : at + RATE // 50]) < FLOOR_DECIBELS - 20
        assert np.abs(np.diff(joined[at - RATE // 50 : at + RATE // 50])).max() < 1e-3

    spoken, parts = stretches(whole), stretches(joined)
    assert len(parts) == len(spoken)
    assert len(parts) >= len(made)
    ends = [*(start for start, _ in spoken[1:]), len(whole) / RATE]
    joined_ends = [*(start for start, _ in parts[1:]), len(joined) / RATE]
    for one, other, end, joined_end in zip(spoken, parts, ends, joined_ends, strict=True):
        assert joined_end - other[1] == pytest.approx(end - one[1], abs=0.06)
        alone = whole[int(one[0] * RATE) : int(one[1] * RATE)]
        apart = joined[int(other[0] * RATE) : int(other[1] * RATE)]
        assert decibels(apart) == pytest.approx(decibels(alone), abs=2.0)
        assert alike(alone, apart) > 0.95


@pytest.mark.slow
def test_the_same_spelling_is_the_same_sound(voice: Voice) -> None:
    """What is tidied away before a sentence is named cannot be heard."""
    for typed in (
        "“We don’t know what he’ll say.",
        "It made a great difference.” -",
        "— Open data – the ‘key’ – is here.",
        "• The users’ needs are many.",
    ):
        (made,) = sentences.documents(typed, "en")
        (exact,) = sentences.documents(typed, "en", verbatim=lambda _: True)
        assert made.ssml != exact.ssml
        assert voice.say(made.ssml) == voice.say(exact.ssml)
