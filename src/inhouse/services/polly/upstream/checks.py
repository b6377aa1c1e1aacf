"""What is told of a text before it goes upstream later, when nobody waits to hear of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from inhouse.core.errors import ServiceError
from inhouse.engines.speech import CONTENT_TYPES, SYNCHRONOUS

if TYPE_CHECKING:
    from collections.abc import Mapping


def check(req: Mapping[str, Any]) -> int:
    """The characters that will be billed.

    Raises ServiceError for a task that upstream cannot do. Voices, engines and the meaning of tags
    are left to upstream, which may know more of them than we do. Its own tasks would write to a
    bucket at AWS, so a task is spoken by SynthesizeSpeech and has its limits:
    https://docs.aws.amazon.com/polly/latest/dg/limits.html
    """
    text, text_type = req["Text"], req.get("TextType", "text")
    if text_type not in ("text", "ssml"):
        raise ServiceError("ValidationException", f"TextType {text_type!r}: use text or ssml.")
    if req["OutputFormat"] not in CONTENT_TYPES:
        raise ServiceError(
            "ValidationException",
            f"OutputFormat {req['OutputFormat'][:20]!r}: use {', '.join(CONTENT_TYPES)}.",
        )
    billed = len(_spoken(text)) if text_type == "ssml" else len(text)
    if billed > SYNCHRONOUS.billed or len(text) > SYNCHRONOUS.total:
        raise ServiceError(
            "TextLengthExceededException",
            f"Text has {billed} billed characters of {len(text)}; voice {req['VoiceId']} is spoken "
            f"upstream, which takes {SYNCHRONOUS.billed} of {SYNCHRONOUS.total} at once. Send it "
            "in parts.",
        )
    return billed


def _spoken(document: str) -> str:
    """The characters outside of tags. Raises ServiceError for what is not well-formed."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.CharacterDataHandler = found.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(document.encode(), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise ServiceError("InvalidSsmlException", f"Invalid SSML request: {error}.") from None
    return "".join(found)


def _refuse_doctype(*_: object) -> None:
    raise ServiceError("InvalidSsmlException", "Invalid SSML request: it has a document type.")
