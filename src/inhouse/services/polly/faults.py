"""The speech engine's errors as Polly's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.engines.speech import (
    InvalidLexicon,
    InvalidRequest,
    InvalidSsml,
    SpeechError,
    SpeechUnavailable,
    UnknownVoice,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUEST = {
    "text-length": "TextLengthExceededException",
    "sample-rate": "InvalidSampleRateException",
    "marks": "MarksNotSupportedForFormatException",
    "marks-for-format": "MarksNotSupportedForFormatException",
    "ssml-marks-for-text": "SsmlMarksNotSupportedForTextTypeException",
    "language": "LanguageNotSupportedException",
    "lexicons": "ValidationException",
    "format": "ValidationException",
    "text": "ValidationException",
}
_LEXICON = {
    "invalid": "InvalidLexiconException",
    "alphabet": "UnsupportedPlsAlphabetException",
    "language": "UnsupportedPlsLanguageException",
    "size": "LexiconSizeExceededException",
    "lexeme-too-long": "MaxLexemeLengthExceededException",
    "too-many": "ValidationException",
}


@contextmanager
def as_polly() -> Iterator[None]:
    """Inside, errors of the engine become ServiceErrors with Polly's codes."""
    try:
        yield
    except SpeechError as error:
        raise translate(error) from error


def translate(error: SpeechError) -> ServiceError:
    match error:
        case InvalidSsml():
            return ServiceError("InvalidSsmlException", f"Invalid SSML request. {error}")
        case InvalidRequest():
            return ServiceError(_REQUEST[error.kind], str(error))
        case InvalidLexicon():
            return ServiceError(_LEXICON[error.kind], str(error))
        case UnknownVoice():
            return ServiceError(
                "ValidationException", f"{error} DescribeVoices lists those there are."
            )
        case SpeechUnavailable():
            return ServiceError("ServiceFailureException", str(error), status=500)
    return ServiceError("ServiceFailureException", f"The synthesis failed: {error}", status=500)
