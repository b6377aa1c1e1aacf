"""Rows and columns of CSV, read and written as they come."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from . import where
from .answer import Made
from .failures import Refusal
from .options import CsvFilter
from .serving import serve
from .texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .source import Source

csv.field_size_limit(1 << 20)
LEAST_OUT = 64 * 1024
"""Bytes that are given at a time."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    return serve(event, transform)


def transform(source: Source, payload: Mapping[str, Any]) -> Made:
    options = CsvFilter.of(payload)
    text = Text(source.body)
    return Made(_filtered(text, options), f"text/csv; charset={text.charset}")


def _filtered(text: Text, options: CsvFilter) -> Iterator[bytes]:
    rows = csv.reader(text.lines(), delimiter=options.delimiter)
    held = io.StringIO()
    out = csv.writer(held, delimiter=options.delimiter, lineterminator="\n")
    try:
        header = next(rows, None)
        if header is None:
            return
        places: dict[str, int] = {}
        for at, name in enumerate(header):
            places.setdefault(name, at)
        chosen = [_place(name, places) for name in options.columns or header]
        fits = _condition(options.where, places)
        out.writerow([header[at] for at in chosen])
        for row in rows:
            if row and fits(row):
                out.writerow([row[at] if at < len(row) else "" for at in chosen])
            if held.tell() >= LEAST_OUT:
                yield text.encode(held.getvalue())
                held.seek(0)
                held.truncate()
        yield text.encode(held.getvalue())
    except csv.Error as error:
        raise Refusal("InvalidCSV", f"line {rows.line_num}: {error}") from None


def _condition(text: str | None, places: Mapping[str, int]) -> where.Test:
    if text is None:
        return lambda _: True
    found = where.parse(text)
    for column in sorted(found.columns):
        _place(column, places)
    return found.test(places)


def _place(name: str, places: Mapping[str, int]) -> int:
    if name not in places:
        raise Refusal(
            "NoSuchColumn", f"there is no column {name!r}; there are {_some(list(places))}"
        )
    return places[name]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + (" and more" if len(names) > 20 else "")
