"""What joining fragments costs, by itself and with all that the function reads and writes for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.narration.house import NAME, Newsroom, article, newsroom
from benchmarks.page import table
from inhouse.solutions.narration.functions import mp3, plan
from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.functions.fragments import PREFIX, name_of
from inhouse.solutions.narration.functions.plan import Plan
from inhouse.solutions.narration.functions.publish import Publisher

SIZES = (40, 200, 1000)
ROUNDS = 5
SENTENCE = "The council met on day {} of the year and spoke of nothing else but the harbour."


def run(sizes: tuple[int, ...] = SIZES) -> list[dict[str, float]]:
    """Milliseconds a paragraph, for articles of so many paragraphs of about 5 s each."""
    with newsroom(voice="Tone", words=False) as room:
        most = max(sizes)
        room.narrate(article("all", [SENTENCE.format(number) for number in range(most)]))
        bucket = Bucket(room.s3, room.deployment.fragments_bucket)
        keys = {str(name_of(key)): key for key in bucket.keys(PREFIX)}
        held = bucket.json(plan.key("all", 1))
        assert held is not None
        whole = Plan.from_fields(held.fields)
        return [_measured(room, bucket, keys, whole, size) for size in sizes]


def _measured(
    room: Newsroom, bucket: Bucket, keys: dict[str, str], whole: Plan, size: int
) -> dict[str, float]:
    parts = whole.parts[:size]
    data = [bucket.read(keys[part.fragment]) for part in parts]
    publisher = Publisher(bucket, Bucket(room.s3, room.deployment.audio_bucket), 24_000)
    first = replace(whole, article_id=f"of-{size}", parts=parts)
    edit = replace(first, version=2, parts=(*parts[1:], parts[0]))
    return {
        "paragraphs": size,
        "join": _seconds(lambda: mp3.join(list(map(mp3.frames, data)), {"title": NAME}), ROUNDS),
        "first": _seconds(lambda: publisher.publish(first, keys)),
        "edit": _seconds(lambda: publisher.publish(edit, keys)),
    }


def _seconds(work: Callable[[], object], rounds: int = 1) -> float:
    """The best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def lines(found: list[dict[str, float]]) -> list[str]:
    def each(one: dict[str, float], what: str) -> str:
        return f"{one[what] / one['paragraphs'] * 1000:.2f} ms"

    rows = [
        (int(one["paragraphs"]), *(each(one, what) for what in ("join", "first", "edit")))
        for one in found
    ]
    return [
        "### Merging",
        "",
        "Milliseconds a paragraph of about 5 s. Joining is what is done with the bytes. Publishing",
        "is all that the second function does once a version is complete: reading fragments from",
        "the bucket, joining, writing audio and manifest, and the look whether they agree.",
        "",
        *table(("paragraphs", "joining", "published first", "published after an edit"), rows),
    ]


if __name__ == "__main__":
    found: Any = run()
    print("\n".join(lines(found)))
