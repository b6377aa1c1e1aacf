"""What is saved on the newsroom's real saves: counted for all, and by a replay for the first."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any, Literal

from benchmarks.narration.house import FILE, NAME, newsroom, saves
from benchmarks.page import picture, table
from benchmarks.plot import Line, chart
from inhouse.solutions import narration
from inhouse.solutions.narration.functions import lexicons, save
from inhouse.solutions.narration.functions.config import Config
from inhouse.solutions.narration.functions.parts import Parts

REPLAYED = 300
EVERY = 8
"""Saves from one point of the plot to the next."""
Reuse = Literal["paragraph", "sentence"]
Curve = list[tuple[float, float]]


def run(replayed: int = REPLAYED) -> dict[str, Any]:
    """Curves of characters over saves, and the report of a replay with its seconds."""
    every = saves()
    whole, by_paragraph = spoken(every, "paragraph")
    _, by_sentence = spoken(every, "sentence")
    return {
        "saves": len(every),
        "articles": len({one["article_id"] for one in every}),
        "whole": whole,
        "paragraph": by_paragraph,
        "sentence": by_sentence,
        "replay": _replay(replayed),
        "counted": spoken(every[:replayed], "paragraph")[1][-1][1],
    }


def spoken(every: Iterable[dict[str, Any]], reuse: Reuse) -> tuple[Curve, Curve]:
    """Characters that all saves so far say, and those of fragments never spoken before."""
    config = Config("n", "f", "a", "q", "m", "en", "Joanna", "neural", 24_000, "chime",
                    reuse=reuse, pause="rest")  # fmt: skip
    parts = Parts(config, lexicons.NONE, "Joanna", "neural")
    said, known = 0, {"": 0}
    received: Curve = [(0.0, 0.0)]
    new: Curve = [(0.0, 0.0)]
    for number, one in enumerate(every, 1):
        for _, group in parts.groups(save.parse(json.dumps(one), "en")):
            known |= {part.fragment: part.characters for part in group}
            said += len(" ".join(part.text for part in group if part.ssml))
        if one["premium"]:
            known |= {part.fragment: part.characters for part in parts.note("en")}
        received.append((number, said))
        new.append((number, sum(known.values()) if number % EVERY == 0 else new[-1][1]))
    new[-1] = (new[-1][0], sum(known.values()))
    return received, new


def _replay(limit: int) -> dict[str, Any]:
    with newsroom(voice="Tone") as room:
        started = time.monotonic()
        narration.replay(room.session, NAME, FILE, limit=limit)
        seconds = time.monotonic() - started
        found = json.loads(narration.report(room.session, NAME).to_json())
    return {**found, "seconds": seconds}


def lines(found: dict[str, Any]) -> list[str]:
    whole = found["whole"][-1][1]

    def row(name: str, curve: Curve) -> tuple[str, ...]:
        spoken = curve[-1][1]
        return name, f"{spoken:,.0f}", f"{100 * (1 - spoken / whole):.1f} %"

    curves = {"whole": "every save whole", "paragraph": "by paragraph", "sentence": "by sentence"}
    drawing = chart(
        "Characters spoken over the saves of a newsroom",
        "saves",
        "characters",
        [Line(name, found[key][::EVERY]) for key, name in curves.items()],
    )
    replay = found["replay"]
    return [
        "### What is saved",
        "",
        f"{found['saves']} saves of {found['articles']} real articles, and what of them is spoken when nothing is spoken",
        "twice.",
        "",
        *table(
            ("reuse", "characters", "saved"),
            [row(name, found[key]) for key, name in curves.items()],
        ),
        "",
        picture("characters-saved", drawing, "Characters spoken: whole, by paragraph, by sentence"),
        "",
        f"The first {replay['saves']} saves, replayed with the voice `Tone` as fast as they are accepted, took",
        f"{replay['seconds']:.0f} s ({replay['saves'] / replay['seconds']:.1f} saves a second) and spoke {replay['characters_synthesized']:,} characters; counted were {found['counted']:,.0f}.",
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
