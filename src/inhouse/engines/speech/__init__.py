"""Text and SSML to speech with true marks.

The services see this surface and nothing below it. Importing it is cheap and needs no extra:
the voices, codecs and their libraries load in worker processes, on first use.
"""

from inhouse.engines.speech.errors import (
    InvalidLexicon,
    InvalidRequest,
    InvalidSsml,
    SpeechError,
    SpeechFailed,
    SpeechUnavailable,
    UnknownVoice,
)
from inhouse.engines.speech.requests import (
    Engine,
    Format,
    Gender,
    Mark,
    MarkType,
    Speaker,
    Speech,
    SpeechPart,
    SpeechRequest,
    SpeechResult,
    Synthesizer,
    TextType,
)

__all__ = [
    "Engine",
    "Format",
    "Gender",
    "InvalidLexicon",
    "InvalidRequest",
    "InvalidSsml",
    "Mark",
    "MarkType",
    "Speaker",
    "Speech",
    "SpeechError",
    "SpeechFailed",
    "SpeechPart",
    "SpeechRequest",
    "SpeechResult",
    "SpeechUnavailable",
    "Synthesizer",
    "TextType",
    "UnknownVoice",
]
