"""What is asked of the speech engine and what comes back: plain, immutable values."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

TextType = Literal["text", "ssml"]
Format = Literal["mp3", "ogg_vorbis", "ogg_opus", "pcm", "mulaw", "alaw", "json"]
MarkType = Literal["sentence", "word", "ssml", "viseme"]
Gender = Literal["Female", "Male"]
Engine = Literal["standard", "neural", "long-form", "generative"]


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One text to be spoken.

    `voice` is the id of an installed voice or of one of Polly's. `language` overrides the
    voice's own language (a BCP 47 code such as `de-DE`). `format="json"` asks for marks only.
    `sample_rate` in Hz; None takes the format's default for the engine. `lexicons` holds the
    PLS documents themselves, first wins. `engine` only picks the default sample rate.
    """

    text: str
    voice: str
    text_type: TextType = "text"
    format: Format = "mp3"
    sample_rate: int | None = None
    language: str | None = None
    engine: Engine | None = None
    mark_types: tuple[MarkType, ...] = ()
    lexicons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One speech mark.

    `time` is milliseconds from the start of the audio. `start` and `end` are byte offsets into
    the UTF-8 input, tags included (None for visemes and ssml marks without a place).
    """

    time: int
    type: MarkType
    value: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound before encoding: `pcm` is mono, signed 16-bit little-endian at `sample_rate` Hz."""

    pcm: bytes
    sample_rate: int
    marks: tuple[Mark, ...] = ()

    @property
    def milliseconds(self) -> int:
        return len(self.pcm) // 2 * 1000 // self.sample_rate


@dataclass(frozen=True, slots=True)
class SpeechPart:
    """A piece of a result as soon as it exists; pieces simply join.

    `done` runs from 0 to 1, and only the last piece has 1; `milliseconds` is the length of the
    sound up to and with this piece.
    """

    audio: bytes
    marks: tuple[Mark, ...]
    done: float
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """A whole result.

    `audio` is encoded as asked (JSON lines of marks for `format="json"`); `milliseconds` is the
    length of the sound; `billed` is the number of characters as Polly bills them.
    """

    audio: bytes
    content_type: str
    sample_rate: int
    milliseconds: int
    billed: int
    marks: tuple[Mark, ...] = ()


class Synthesizer(Protocol):
    """Turns a request into sound, one sentence at a time, so that memory stays bounded.

    `repeats`: the sound is made of few different pieces over and over.
    """

    repeats: bool

    def synthesize(self, request: SpeechRequest) -> Iterator[Speech]:
        """Pieces of speech in order; the marks of each count from the start of the whole."""
        ...


class Speaker(Protocol):
    """What a service needs of the engine; `SpeechPool` is the one we ship."""

    async def speak(self, request: SpeechRequest) -> SpeechResult: ...

    def stream(self, request: SpeechRequest) -> AsyncIterator[SpeechPart]: ...

    async def close(self) -> None: ...
