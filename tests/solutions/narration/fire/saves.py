"""What is saved under fire: the newsroom's real saves, or made-up ones where those are not at hand."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

Save = dict[str, Any]
ARTICLES, FIRST_PARAGRAPHS = 12, (3, 8)
WORDS = [
    "city",
    "council",
    "budget",
    "harbour",
    "river",
    "school",
    "teacher",
    "train",
    "winter",
    "market",
    "price",
    "doctor",
    "bridge",
    "election",
    "street",
    "park",
    "museum",
    "player",
    "season",
    "library",
    "engine",
    "record",
    "letter",
    "garden",
    "coast",
    "village",
]


def recorded(file: Path, count: int) -> list[Save]:
    """The first `count` saves of a gzipped file of JSON lines."""
    with gzip.open(file, "rt") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]


def made_up(count: int, seed: int = 1) -> list[Save]:
    """`count` saves of some articles that share a few paragraphs; the same seed, the same saves."""
    rng = random.Random(seed)
    shared = [_sentence(rng) for _ in range(4)]
    articles: list[Save] = []
    saves: list[Save] = []
    for _ in range(count):
        if len(articles) < ARTICLES and (not articles or rng.random() < 0.2):
            articles.append(_article(rng, len(articles), shared))
            saves.append(articles[-1])
            continue
        at = rng.randrange(len(articles))
        articles[at] = _edited(rng, articles[at])
        saves.append(articles[at])
    return saves


def newest(saves: list[Save]) -> list[Save]:
    """The save of each article with the highest version, which need not be its last."""
    by_version = sorted(saves, key=lambda save: save["version"])
    return list({save["article_id"]: save for save in by_version}.values())


def _article(rng: random.Random, number: int, shared: list[str]) -> Save:
    paragraphs = [_sentence(rng) for _ in range(rng.randint(*FIRST_PARAGRAPHS))]
    return {
        "article_id": f"article-{number}",
        "version": 1,
        "language": "en",
        "title": f"Article {number}: {rng.choice(WORDS)} and {rng.choice(WORDS)}",
        "teaser": _sentence(rng),
        "premium": number % 3 == 0,
        "paragraphs": [*paragraphs, rng.choice(shared)],
        "metadata": {},
    }


def _edited(rng: random.Random, save: Save) -> Save:
    paragraphs = list(save["paragraphs"])
    at = rng.randrange(len(paragraphs))
    match rng.randrange(6):
        case 0:
            paragraphs.insert(at, _sentence(rng))
        case 1 if len(paragraphs) > 2:
            del paragraphs[at]
        case 2:
            rng.shuffle(paragraphs)
        case 3:
            return {**save, "version": save["version"] + 1, "premium": not save["premium"]}
        case _:
            paragraphs[at] = paragraphs[at].replace(".", f", {rng.choice(WORDS)}.")
    return {**save, "version": save["version"] + 1, "paragraphs": paragraphs}


def _sentence(rng: random.Random) -> str:
    words = " ".join(rng.choice(WORDS) for _ in range(rng.randint(6, 20)))
    return f"{words.capitalize()} {rng.randrange(10_000)}."
