"""Text and SSML to speech with true marks.

The services see this surface and nothing below it. Importing it is cheap and needs no extra:
the voices, codecs and their libraries load in worker processes, on first use.
"""

from inhouse.engines.speech.checks import SYNCHRONOUS, TASK, Lengths, check, count
from inhouse.engines.speech.errors import (
    InvalidLexicon,
    InvalidRequest,
    InvalidSsml,
    SpeechError,
    SpeechFailed,
    SpeechUnavailable,
    UnknownVoice,
)
from inhouse.engines.speech.formats import CONTENT_TYPES, EXTENSIONS, SAMPLE_RATES
from inhouse.engines.speech.identity import identity
from inhouse.engines.speech.lexicon import Lexeme, Lexicon, parse_lexicon
from inhouse.engines.speech.marks import lines
from inhouse.engines.speech.pool import SpeechPool
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
from inhouse.engines.speech.ssml import parse as parse_ssml
from inhouse.engines.speech.voices import Casting, Voice, VoiceTable

__all__ = [
    "CONTENT_TYPES",
    "EXTENSIONS",
    "SAMPLE_RATES",
    "SYNCHRONOUS",
    "TASK",
    "Casting",
    "Engine",
    "Format",
    "Gender",
    "InvalidLexicon",
    "InvalidRequest",
    "InvalidSsml",
    "Lengths",
    "Lexeme",
    "Lexicon",
    "Mark",
    "MarkType",
    "Speaker",
    "Speech",
    "SpeechError",
    "SpeechFailed",
    "SpeechPart",
    "SpeechPool",
    "SpeechRequest",
    "SpeechResult",
    "SpeechUnavailable",
    "Synthesizer",
    "TextType",
    "UnknownVoice",
    "Voice",
    "VoiceTable",
    "check",
    "count",
    "identity",
    "lines",
    "parse_lexicon",
    "parse_ssml",
]
