"""Lexicons (W3C PLS 1.0), as far as they concern a fragment: the lexemes of words that it says.

So another pronunciation, or a new one, changes only the fragments with the word. Lexicons are read
at every save, since PutLexicon tells nobody.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from .save import Refused
from .sentences import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


_HEARD = ("alphabet", "http://www.w3.org/XML/1998/namespace\nlang")


class Unreadable(Exception):
    """A lexicon that is not PLS; the text says why."""


@dataclass(frozen=True, slots=True)
class Lexeme:
    """`content` is all that it says, so that a change of any of it is another sound; `words` finds
    its spellings in a text: whole words, letter case included. `verbatim`: a spelling would be
    lost on it if the text were tidied."""

    content: tuple[str, ...]
    words: re.Pattern[str]
    verbatim: bool


class Lexicons:
    """The lexicons of a deployment at one moment, by name."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        self._lexemes = {name: lexemes(content) for name, content in contents.items()}

    def of(self, text: str) -> dict[str, str]:
        """Names of the lexicons that have a word of the text, each with a digest of what they say
        about its words."""
        found = {}
        for name, known in self._lexemes.items():
            if matching := [one.content for one in known if one.words.search(text)]:
                plain = json.dumps(matching, ensure_ascii=True)
                found[name] = hashlib.sha256(plain.encode()).hexdigest()[:16]
        return found

    def verbatim(self, text: str) -> bool:
        """Whether the text is to be said as it is typed, for a lexicon's word is spelled so."""
        known = (one for every in self._lexemes.values() for one in every)
        return any(one.verbatim and one.words.search(text) for one in known)


NONE = Lexicons({})


def load(polly: Any, names: Iterable[str]) -> Lexicons:
    """What they hold now. Raises Refused when one is gone or is none."""
    contents = {}
    for name in names:
        try:
            contents[name] = polly.get_lexicon(Name=name)["Lexicon"]["Content"]
        except polly.exceptions.LexiconNotFoundException:
            raise Refused(f"The lexicon {name} is gone; put it again, or deploy without.") from None
    try:
        return Lexicons(contents)
    except Unreadable as error:
        raise Refused(f"One of the lexicons {', '.join(contents)} is not PLS: {error}.") from None


@functools.lru_cache(maxsize=64)
def lexemes(content: str) -> tuple[Lexeme, ...]:
    """Every lexeme of a PLS document. Raises Unreadable."""
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise Unreadable(str(error)) from None
    return tuple(reader.found)


class _Reader:
    """One pass of expat, which reads no entities but its own since there is no document type."""

    def __init__(self) -> None:
        self.found: list[Lexeme] = []
        self._root: list[str] = []
        self._content: list[str] = []
        self._spellings: list[str] = []
        self._text: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator="\n")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise Unreadable("a document type declaration is not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition("\n")[2]
        told = [f"{one}={attributes[one]}" for one in _HEARD if one in attributes]
        self._text.clear()
        if tag == "lexicon":
            self._root = told
        elif tag == "lexeme":
            self._content, self._spellings = list(self._root), []
        elif tag in ("phoneme", "alias"):
            self._content += told

    def _end(self, name: str) -> None:
        tag = name.rpartition("\n")[2]
        text = unicodedata.normalize("NFC", " ".join("".join(self._text).split()))
        self._text.clear()
        if tag in ("grapheme", "phoneme", "alias"):
            self._content.append(f"{tag}:{text}")
        if tag == "grapheme" and text:
            self._spellings.append(text)
        elif tag == "lexeme" and self._spellings:
            words = re.compile("|".join(map(_whole_word, self._spellings)))
            verbatim = any(plain(one) != one for one in self._spellings)
            self.found.append(Lexeme(tuple(self._content), words, verbatim))


def _whole_word(grapheme: str) -> str:
    """A pattern for a spelling; words of scripts without spaces are found inside others too."""
    spelled = re.escape(grapheme)
    if _WITHOUT_SPACES.search(grapheme):
        return spelled
    return rf"(?<![^\W_]){spelled}(?![^\W_])"
