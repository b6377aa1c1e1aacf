"""What a voice performs: sentences of words, pauses and marks, each with its place in the input."""

from dataclasses import dataclass, replace
from typing import Literal

FASTEST = 5.0
"""Times the usual rate; nobody follows faster speech."""

Phonation = Literal["modal", "soft", "whispered"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What is done to the sound of a voice.

    `tract` is the length of the vocal tract as a factor; `compressed` narrows the dynamic range.
    """

    phonation: Phonation = "modal"
    tract: float = 1.0
    compressed: bool = False


PLAIN = Effect()


@dataclass(frozen=True, slots=True)
class Breathing:
    """Where a voice takes breath by itself: at the next stop after so many words."""

    words: int
    ms: int
    decibels: float


@dataclass(frozen=True, slots=True)
class Deadline:
    """The most time that the words of one tag may take; `place` is where it stands, to tell tags apart."""

    place: int
    ms: int


@dataclass(frozen=True, slots=True)
class Style:
    """How words are said. `rate` and `pitch` are factors, `volume` is decibels."""

    language: str
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 0.0
    effect: Effect = PLAIN
    breathing: Breathing | None = None
    deadline: Deadline | None = None

    def scaled(self, rate: float = 1.0, pitch: float = 1.0, volume: float = 0.0) -> "Style":
        return replace(
            self,
            rate=max(0.1, min(FASTEST, self.rate * rate)),
            pitch=max(0.4, min(2.5, self.pitch * pitch)),
            volume=max(-200.0, min(20.0, self.volume + volume)),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """One word mark. `start` and `end` are bytes of the input, `written` what stands there.

    `said` is what a voice reads and may be several words; `ipa`, when set, wins over it.
    `after` is the punctuation that follows. A `glued` word follows the one before without a
    space. A `bleep` is covered by a tone.
    """

    written: str
    start: int
    end: int
    said: str
    style: Style
    ipa: str | None = None
    after: str = ""
    glued: bool = False
    bleep: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    ms: int


@dataclass(frozen=True, slots=True)
class Breath:
    """Air drawn in, `decibels` louder than speech."""

    ms: int
    decibels: float


@dataclass(frozen=True, slots=True)
class Point:
    """A mark tag: its name and the bytes of the tag."""

    name: str
    start: int
    end: int


Item = Word | Pause | Breath | Point


@dataclass(frozen=True, slots=True)
class Sentence:
    """`gap` is the silence in ms that follows when more is said."""

    written: str
    start: int
    end: int
    items: tuple[Item, ...]
    gap: int

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(item for item in self.items if isinstance(item, Word))


SENTENCE_GAP_MS = 350
PARAGRAPH_GAP_MS = 700
COMMA_GAP_MS = 250

BREAKS_MS = {
    "none": 0,
    "x-weak": 0,
    "weak": COMMA_GAP_MS,
    "medium": COMMA_GAP_MS,
    "strong": SENTENCE_GAP_MS,
    "x-strong": PARAGRAPH_GAP_MS,
}
