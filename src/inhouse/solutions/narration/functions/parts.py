"""What a save is made of: its title, teaser and paragraphs as parts, each naming its fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import sentences
from .document import document
from .fragments import Recipe
from .plan import Part
from .save import Refused, Save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .config import Config
    from .document import Document
    from .lexicons import Lexicons
    from .plan import Kind

LONGEST_PART = 100_000
"""Characters Polly takes in one speech synthesis task."""


class Parts:
    """Parts of one save, spoken by `voice` with `engine` as `config` wants them reused."""

    def __init__(self, config: Config, lexicons: Lexicons, voice: str, engine: str) -> None:
        self._config = config
        self._lexicons = lexicons
        self._voice = voice
        self._engine = engine

    def groups(self, save: Save) -> Iterator[tuple[int | None, list[Part]]]:
        """The parts of title, teaser and each paragraph that says something, with its number.

        Raises Refused when a part is longer than Polly takes or nothing is said at all.
        """
        sources: list[tuple[Kind, int | None, str]] = [
            ("title", None, save.title),
            ("teaser", None, save.teaser),
            *(("paragraph", number, text) for number, text in enumerate(save.paragraphs, 1)),
        ]
        silent = True
        for kind, number, source in sources:
            if group := self._group(kind, number, source, save.language):
                silent = False
                yield number, group
        if silent:
            raise Refused("Nothing to say: title, teaser and paragraphs hold no word.")

    def note(self, language: str) -> tuple[Part, ...]:
        """What follows the first paragraph in a teaser."""
        said = document(self._config.note_for(language), language)
        return Part("separator", self._config.separator, 0), self._spoken("note", None, None, said)

    def _group(self, kind: Kind, number: int | None, source: str, language: str) -> list[Part]:
        if self._config.reuse == "paragraph":
            made = document(source, language)
            return [self._spoken(kind, number, None, made)] if made.text else []
        whole = kind == "title"
        found = sentences.documents(source, language, self._lexicons.verbatim, whole)
        group = [
            self._spoken(kind, number, None if whole else place, made)
            for place, made in enumerate(found, 1)
        ]
        return [*group, Part("separator", self._config.pause, 0)] if group else []

    def _spoken(self, kind: Kind, number: int | None, sentence: int | None, made: Document) -> Part:
        if made.characters > LONGEST_PART or len(made.ssml) > 2 * LONGEST_PART:
            where = kind if number is None else f"{kind} {number}"
            raise Refused(
                f"The {where} has {made.characters} characters; Polly takes at most {LONGEST_PART}"
                " at once. Cut it into several paragraphs."
            )
        lexicons = self._lexicons.of(made.text)
        rate, characters = self._config.sample_rate, made.characters
        recipe = Recipe(made.ssml, self._voice, self._engine, rate, lexicons, characters)
        return Part(
            kind, recipe.name, characters, made.text, made.ssml, number, sentence, made.lead,
            lexicons,
        )  # fmt: skip
