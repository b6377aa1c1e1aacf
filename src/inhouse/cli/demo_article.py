"""The article of the demo and the edits it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_PARAGRAPHS = (
    "The city library reopens on Monday after two years of rebuilding. Its reading room, closed "
    "since a storm took part of the roof, has been restored to the plans of 1911.",
    "Visitors enter through a new hall of glass and larch. Behind it, the stacks have moved below "
    "ground, where three hundred thousand volumes keep at a steady eighteen degrees.",
    'The architect calls it <span lang="de">ein Haus für alle</span>, a house for everyone. '
    "Children have a floor of their own, with steps to sit on and a slide between the shelves.",
    "The rebuilding cost forty-one million, three below the estimate. Opening hours are from eight "
    "in the morning to ten at night, on every day of the week.",
)
_TYPO = _PARAGRAPHS[1].replace("three hundred thousand volumes", "three hundred thousand books")
_MORE = (
    "Readers who returned their books late during the works need not worry. All fines of the past "
    "two years have been dropped."
)


@dataclass(frozen=True)
class Step:
    """One save: what changed, and the article as it is saved."""

    title: str
    article: dict[str, Any]


def _step(version: int, title: str, paragraphs: tuple[str, ...], **changes: Any) -> Step:
    article = {
        "article_id": "library-reopens",
        "version": version,
        "language": "en-US",
        "title": "The library opens its doors again",
        "teaser": "After two years of rebuilding, the reading room is back.",
        "premium": False,
        "paragraphs": list(paragraphs),
        "metadata": {"section": "City", "author": "M. Keller"},
    }
    return Step(title, {**article, **changes})


_EDITED = (_PARAGRAPHS[0], _TYPO, *_PARAGRAPHS[2:])
_LONGER = (*_EDITED[:3], _MORE, *_EDITED[3:])
STEPS = (
    _step(1, "1 written", _PARAGRAPHS),
    _step(2, "2 a word corrected", _EDITED),
    _step(3, "3 a paragraph added", _LONGER),
    _step(
        4,
        "4 only metadata changed",
        _LONGER,
        metadata={"section": "Culture", "author": "M. Keller"},
    ),
    _step(5, "5 made premium: a teaser", _LONGER, premium=True),
)

FOREIGN = {
    "foreign-german.mp3": "The library took out subscriptions to "
    '<lang xml:lang="de-DE">Die Zeit</lang>, the '
    '<lang xml:lang="de-DE">Frankfurter Allgemeine Zeitung</lang> and the '
    '<lang xml:lang="de-DE">Süddeutsche</lang>.',
    "foreign-french.mp3": 'Readers of <lang xml:lang="fr-FR">Le Monde</lang> will find it next to '
    '<lang xml:lang="fr-FR">Les Misérables</lang>, a '
    '<lang xml:lang="fr-FR">tour de force</lang> by <lang xml:lang="fr-FR">Victor Hugo</lang>.',
}
"""Sentences in SSML whose titles are in another language, by the file that they are kept in."""
