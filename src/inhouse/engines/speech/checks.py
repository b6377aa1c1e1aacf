"""Everything about a request that can be told before a voice is started."""

from dataclasses import dataclass
from typing import get_args

from inhouse.engines.speech.errors import InvalidRequest
from inhouse.engines.speech.formats import rate_for
from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.requests import MarkType, SpeechRequest, TextType
from inhouse.engines.speech.ssml import parse
from inhouse.engines.speech.voices import VoiceTable, espeak_code, same_language


@dataclass(frozen=True, slots=True)
class Lengths:
    """Characters of a text: all of them, and those that Polly bills (SSML tags are free)."""

    total: int
    billed: int


SYNCHRONOUS = Lengths(6_000, 3_000)
"""The most that one synchronous synthesis takes."""

TASK = Lengths(200_000, 100_000)
"""The most that one synthesis task takes."""


def count(text: str, text_type: TextType) -> Lengths:
    """Characters as Polly counts them. Raises InvalidSsml."""
    billed = len(parse(text).text) if text_type == "ssml" else len(text)
    return Lengths(len(text), billed)


def check(request: SpeechRequest, table: VoiceTable, limit: Lengths) -> Lengths:
    """The lengths of a request that can be spoken.

    Raises InvalidRequest (its `kind` says which part), InvalidSsml, InvalidLexicon or
    UnknownVoice for any other.
    """
    casting = table.find(request.voice)
    rate_for(request, casting.engine)
    _check_marks(request)
    if len(request.text) > limit.total:
        raise InvalidRequest(
            f"The text has {len(request.text)} characters; the most is {limit.total}.",
            "text-length",
        )
    if any("\ud800" <= character <= "\udfff" for character in request.text):
        raise InvalidRequest("The text holds half a surrogate pair.", "text")
    lengths = count(request.text, request.text_type)
    if lengths.billed > limit.billed:
        raise InvalidRequest(
            f"The text has {lengths.billed} billed characters; the most is {limit.billed}.",
            "text-length",
        )
    language = request.language or casting.voice.language_code
    own = same_language(language, casting.tongue) and casting.speaker != "espeak"
    if casting.speaker != "tone" and not own and espeak_code(language) is None:
        raise InvalidRequest(f"No installed voice speaks {language!r}.", "language")
    Lexicons.parse(request.lexicons)
    return lengths


def _check_marks(request: SpeechRequest) -> None:
    known = get_args(MarkType)
    strange = next((kind for kind in request.mark_types if kind not in known), None)
    if strange is not None:
        raise InvalidRequest(f"The mark {strange!r} isn't one of {', '.join(known)}.", "marks")
    if request.format == "json" and not request.mark_types:
        raise InvalidRequest("Format json needs the types of the marks that are wanted.", "marks")
    if request.mark_types and request.format != "json":
        raise InvalidRequest(
            f"Marks come with format json, not with {request.format}.", "marks-for-format"
        )
    if "ssml" in request.mark_types and request.text_type != "ssml":
        raise InvalidRequest("Marks of type ssml need a text of type ssml.", "ssml-marks-for-text")
