"""Speech marks as Polly writes them: one JSON object a line."""

import json
from collections.abc import Iterable

from inhouse.engines.speech.requests import Mark


def lines(marks: Iterable[Mark]) -> bytes:
    """The body of a result of format json; offsets are bytes of the input."""
    return b"".join(_line(mark) for mark in marks)


def _line(mark: Mark) -> bytes:
    fields: dict[str, object] = {"time": mark.time, "type": mark.type}
    if mark.start is not None:
        fields |= {"start": mark.start, "end": mark.end}
    fields["value"] = mark.value
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
