"""docs/benchmarks.md: sections that are measured one by one and kept until they are measured anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
IMAGES = DOCS / "images"


def write(head: Sequence[str], sections: dict[str, Sequence[str]], order: Iterable[str]) -> str:
    """Writes the page: the head, then sections in order; those not given stay as they were."""
    kept = dict(_sections(PAGE.read_text())) if PAGE.exists() else {}
    said = kept | {name: "\n".join(lines).strip() for name, lines in sections.items()}
    body = [f"<!-- {name} -->\n\n{said[name]}" for name in order if name in said]
    text = "\n\n".join(["\n".join(head).strip(), *body]) + "\n"
    PAGE.write_text(text)
    return text


def _sections(text: str) -> Iterable[tuple[str, str]]:
    found = re.split(r"<!-- (\w+) -->\n", text)[1:]
    return ((name, body.strip()) for name, body in zip(found[::2], found[1::2], strict=True))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in Markdown; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    return [*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]


def picture(name: str, svg: str, words: str) -> str:
    """Stores a drawing; answers the line that shows it, with what it shows in words."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / f"{name}.svg").write_text(svg)
    return f"![{words}](images/{name}.svg)"
