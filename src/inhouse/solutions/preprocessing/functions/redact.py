"""Texts, CSV and JSON without the people in them."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from .answer import Made
from .failures import Refusal
from .findings import redacted
from .options import Redact
from .serving import serve
from .texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .source import Source

FIELD = "[REDACTED]"
LEAST_OUT = 64 * 1024
_TYPES = {
    "text/csv": "csv",
    "application/json": "json",
    "application/x-ndjson": "lines",
    "application/jsonl": "lines",
}
_ENDINGS = {".csv": "csv", ".json": "json", ".ndjson": "lines", ".jsonl": "lines"}
_SURROGATE = re.compile("[\ud800-\udfff]")
csv.field_size_limit(1 << 20)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return serve(event, transform)


def transform(source: Source, payload: Mapping[str, Any]) -> Made:
    options = Redact.of(payload)
    form = _TYPES.get(source.content_type) or next(
        (form for ending, form in _ENDINGS.items() if source.key.lower().endswith(ending)), "text"
    )
    text = Text(source.body)
    flow = {"csv": _rows, "json": _document, "lines": _documents, "text": _lines}[form]
    kind = source.content_type if source.content_type not in {"", "binary/octet-stream"} else ""
    kind = kind or {"csv": "text/csv", "text": "text/plain"}.get(form, "application/json")
    return Made(_gathered(flow(text, options), text), f"{kind}; charset={text.charset}")


def _gathered(parts: Iterator[str], text: Text) -> Iterator[bytes]:
    """Few large chunks instead of many small ones."""
    held: list[str] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= LEAST_OUT:
            yield text.encode("".join(held))
            held, length = [], 0
    yield text.encode("".join(held))


def _lines(text: Text, options: Redact) -> Iterator[str]:
    for line in text.lines():
        yield redacted(line, options.kinds)


def _rows(text: Text, options: Redact) -> Iterator[str]:
    """The first row names the columns; it stays a row of as many cells, as all others do."""
    whole = {one.casefold() for one in options.fields}
    rows = csv.reader(text.lines(), delimiter=options.delimiter)
    held = io.StringIO()
    out = csv.writer(held, delimiter=options.delimiter, lineterminator="\n")
    hidden: frozenset[int] | None = None
    try:
        for row in rows:
            out.writerow(
                FIELD if hidden and at in hidden else redacted(cell, options.kinds)
                for at, cell in enumerate(row)
            )
            if hidden is None:
                hidden = frozenset(at for at, name in enumerate(row) if name.casefold() in whole)
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    except csv.Error as error:
        raise Refusal("InvalidCSV", f"line {rows.line_num}: {error}") from None


def _document(text: Text, options: Redact) -> Iterator[str]:
    parts, length = [], 0
    for piece in text.pieces():
        parts.append(piece)
        length += len(piece)
        if length > options.max_bytes:
            raise Refusal(
                "ObjectTooLarge",
                f"the JSON document is larger than the {options.max_bytes:,} bytes this reads whole",
            )
    yield _json("".join(parts), options)


def _documents(text: Text, options: Redact) -> Iterator[str]:
    for line in text.lines():
        yield _json(line, options) if line.strip() else line


def _json(text: str, options: Redact) -> str:
    """The document with what was found replaced by strings, in names of members too."""
    whole = {one.casefold() for one in options.fields}

    def seen(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                redacted(name, options.kinds): FIELD if name.casefold() in whole else seen(one)
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [seen(one) for one in value]
        if isinstance(value, str):
            return redacted(value, options.kinds)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            said = redacted(str(value), options.kinds)
            return value if said == str(value) else said
        return value

    end = "\n" if text.endswith("\n") else ""
    try:
        found = seen(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise Refusal("InvalidJSON", f"the object is no JSON: {error}") from None
    said = json.dumps(found, ensure_ascii=False)
    return (json.dumps(found) if _SURROGATE.search(said) else said) + end
