"""What can go wrong when text is turned into speech."""

from typing import Literal

Refusal = Literal[
    "text-length",
    "sample-rate",
    "format",
    "marks",
    "marks-for-format",
    "ssml-marks-for-text",
    "language",
    "lexicons",
    "text",
]
"""Which part of a request was refused; Polly has one error code for most of them."""

LexiconFault = Literal["invalid", "alphabet", "language", "size", "lexeme-too-long", "too-many"]


class SpeechError(Exception):
    """Base of every error of the speech engine; the message is one clear sentence."""


class SpeechUnavailable(SpeechError):
    """A part that comes with an extra isn't installed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} needs the speech extra: pip install 'inhouse[speech]'.")
        self.what = what

    def __reduce__(self) -> tuple[type["SpeechUnavailable"], tuple[str]]:
        return type(self), (self.what,)


class InvalidSsml(SpeechError):
    """The document is not SSML that can be spoken. `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"Line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


class InvalidLexicon(SpeechError):
    """The document is not a pronunciation lexicon that can be used; `kind` says which rule it broke."""

    def __init__(self, reason: str, kind: LexiconFault = "invalid") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


class UnknownVoice(SpeechError):
    """No voice has this id."""

    def __init__(self, voice_id: str) -> None:
        super().__init__(f"There is no voice {voice_id!r}.")
        self.voice_id = voice_id


class InvalidRequest(SpeechError):
    """The request asks for something that no voice can do; `kind` says which part."""

    def __init__(self, reason: str, kind: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


class SpeechFailed(SpeechError):
    """The synthesis was accepted and then broke: a worker died, hung or raised."""
