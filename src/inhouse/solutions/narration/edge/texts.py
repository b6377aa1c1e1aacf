"""What an article says, from the parts of its audio."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_DESCRIPTION = 400
_READ = ("teaser", "paragraph", "note")


def paragraphs(parts: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """Each text a reader reads, with its first part; sentences of one paragraph are joined."""
    read = [part for part in parts if part["kind"] in _READ and part["text"]]
    return [
        (together[0], " ".join(part["text"] for part in together))
        for together in (
            list(group)
            for _, group in groupby(read, key=lambda part: (part["kind"], part["paragraph"]))
        )
    ]


def description(manifest: dict[str, Any]) -> str:
    """The teaser, or the beginning of the first paragraph."""
    found = paragraphs(manifest["parts"])
    return shortened(found[0][1], LONGEST_DESCRIPTION) if found else ""


def shortened(text: str, longest: int) -> str:
    """The text, cut between two words if it is too long."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
