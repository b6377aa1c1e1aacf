"""What a speech worker and its pool say to each other over pipes.

A message is two lengths (big-endian, 32 bits), JSON of the first length, bytes of the second.
"""

import json
import struct
from dataclasses import asdict
from typing import Any, BinaryIO

from inhouse.engines.speech import errors
from inhouse.engines.speech.errors import (
    InvalidLexicon,
    InvalidRequest,
    InvalidSsml,
    SpeechError,
    SpeechFailed,
)
from inhouse.engines.speech.requests import Mark, SpeechPart, SpeechRequest

HEAD = struct.Struct("!II")


def pack(fields: dict[str, Any], blob: bytes = b"") -> bytes:
    text = json.dumps(fields, separators=(",", ":")).encode()
    return b"".join((HEAD.pack(len(text), len(blob)), text, blob))


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None at the end of the stream."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text, blob = HEAD.unpack(head)
    return json.loads(stream.read(text)), stream.read(blob)


def request_fields(request: SpeechRequest) -> dict[str, Any]:
    return asdict(request)


def read_request(fields: dict[str, Any]) -> SpeechRequest:
    tuples = {name: tuple(fields[name]) for name in ("mark_types", "lexicons")}
    return SpeechRequest(**{**fields, **tuples})


def pack_part(part: SpeechPart, tired: bool) -> bytes:
    rows = [[mark.time, mark.type, mark.value, mark.start, mark.end] for mark in part.marks]
    fields = {"marks": rows, "done": part.done, "ms": part.milliseconds, "tired": tired}
    return pack(fields, part.audio)


def read_part(fields: dict[str, Any], blob: bytes) -> SpeechPart:
    found = tuple(Mark(*row) for row in fields["marks"])
    return SpeechPart(blob, found, fields["done"], fields["ms"])


def error_fields(error: Exception) -> dict[str, Any]:
    name = type(error).__name__
    match error:
        case InvalidSsml():
            rest: list[object] = [error.reason, error.line, error.column]
        case InvalidLexicon() | InvalidRequest():
            rest = [error.reason, error.kind]
        case errors.SpeechUnavailable():
            rest = [error.what]
        case errors.UnknownVoice():
            rest = [error.voice_id]
        case SpeechError():
            rest = [str(error)]
        case _:
            name, rest = "SpeechFailed", [f"The voice broke: {type(error).__name__}: {error}"]
    return {"error": name, "arguments": rest}


def read_error(fields: dict[str, Any]) -> SpeechError:
    kind = getattr(errors, fields["error"], SpeechFailed)
    error: SpeechError = kind(*fields["arguments"])
    return error
