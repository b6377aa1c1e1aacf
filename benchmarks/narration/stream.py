"""The newsroom's saves with the real voice, at a pace: how soon each is heard."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.narration.account import seconds_to_audio, settle
from benchmarks.narration.house import newsroom, saves
from benchmarks.page import picture, table
from benchmarks.plot import Line, chart

SAVES = 40
PACE = 10.0
"""Seconds between saves."""
SHARES = (0.5, 0.95)


def run(count: int = SAVES) -> dict[str, Any]:
    """Seconds from save to audio of those saves that changed what is heard."""
    sample = saves(count)
    with newsroom() as room:
        start = time.monotonic()
        for number, save in enumerate(sample):
            time.sleep(max(0.0, start + number * PACE - time.monotonic()))
            room.save(save)
        settle(room)
        articles = {save["article_id"] for save in sample}
        return {"saves": count, "articles": len(articles), "seconds": seconds_to_audio(room)}


def lines(found: dict[str, Any]) -> list[str]:
    ranked = sorted(found["seconds"])
    median, most = (ranked[round(share * (len(ranked) - 1))] for share in SHARES)
    points = [(0.0, 0.0), *((second, 100 * n / len(ranked)) for n, second in enumerate(ranked, 1))]
    drawing = chart(
        "From save to audio", "seconds", "percent of saves", [Line("heard within", points)]
    )
    return [
        "### From save to audio",
        "",
        f"{found['saves']} saves of {found['articles']} real articles with the neural voice, one every {PACE:g} s; new articles",
        "are spoken whole.",
        "",
        *table(
            ("new audio", "median", "p95", "longest"),
            [(len(ranked), f"{median:.2f} s", f"{most:.2f} s", f"{ranked[-1]:.2f} s")],
        ),
        "",
        picture(
            "save-to-audio", drawing, "The share of saves that are heard within so many seconds"
        ),
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
