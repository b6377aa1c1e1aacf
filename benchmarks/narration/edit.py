"""How much sooner an edit is heard than the whole article was."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.narration.house import article, newsroom, paragraphs
from benchmarks.page import table

PARAGRAPHS, EDITS = 40, 7


def run(count: int = PARAGRAPHS, edits: int = EDITS) -> dict[str, Any]:
    """Seconds from save to audio: a new article, then edits of one paragraph each."""
    texts, fresh = paragraphs(count), paragraphs(edits + 1, skip=count)
    with newsroom() as room:
        room.narrate(article("warm", fresh[-1:]))  # functions and voice are there
        whole = room.narrate(article("long", texts))
        seconds = []
        for version, text in enumerate(fresh[:edits], 2):
            texts[version * 5 % count] = text
            seconds.append(room.narrate(article("long", texts, version)))
    return {"whole": whole, "edit": statistics.median(seconds), "edits": seconds, "count": count}


def lines(found: dict[str, Any]) -> list[str]:
    return [
        f"### An edit of an article of {found['count']} paragraphs",
        "",
        "Seconds from the save to the audio, functions and voice being warm.",
        "",
        *table(
            ("", "seconds", "sooner"),
            [
                ("the whole article, for the first time", f"{found['whole']:.2f}", ""),
                (
                    f"one paragraph changed, median of {len(found['edits'])}",
                    f"{found['edit']:.2f}",
                    f"{found['whole'] / found['edit']:.1f}×",
                ),
            ],
        ),
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
