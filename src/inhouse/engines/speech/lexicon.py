"""Pronunciation lexicons (W3C PLS 1.0) and what they say about a word.

Limits are those of Polly's lexicons: 4,000 characters a lexicon, 100 a grapheme or replacement,
five lexicons a request.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from xml.parsers import expat

from inhouse.engines.speech import phonemes
from inhouse.engines.speech.errors import InvalidLexicon

NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"
LONGEST = 4_000
LONGEST_PART = 100
MOST = 5

_CHILDREN = {
    "": ("lexicon",),
    "lexicon": ("lexeme", "meta", "metadata"),
    "lexeme": ("grapheme", "phoneme", "alias", "example"),
}
_XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """Spellings of one word and how to say it: other words or IPA, never both."""

    graphemes: tuple[str, ...]
    alias: str | None = None
    ipa: str | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`language` as written, such as `en-US`; `alphabet` is that of the phonemes."""

    language: str
    alphabet: Literal["ipa", "x-sampa"]
    lexemes: tuple[Lexeme, ...]

    def speaks(self, language: str) -> bool:
        """Whether it is for `language`: the same code, or `en` for every English."""
        mine, theirs = self.language.lower(), language.lower()
        return mine == theirs or theirs.startswith(mine + "-")


def parse_lexicon(document: str | bytes) -> Lexicon:
    """Read a PLS document. Raises InvalidLexicon, and nothing else, with the kind of fault."""
    try:
        text = document if isinstance(document, str) else document.decode()
        encoded = text.encode()
    except UnicodeError:
        raise InvalidLexicon("The lexicon isn't valid UTF-8.") from None
    if len(text) > LONGEST:
        raise InvalidLexicon(
            f"The lexicon has {len(text)} characters; the most is {LONGEST}.", "size"
        )
    return _Reader().read(encoded)


class Lexicons:
    """The lexicons of one request, in order: the first that knows a word wins."""

    def __init__(self, lexicons: Iterable[Lexicon] = ()) -> None:
        self._lexicons = tuple(lexicons)
        if len(self._lexicons) > MOST:
            raise InvalidLexicon(
                f"{len(self._lexicons)} lexicons were given; the most is {MOST}.", "too-many"
            )
        self._tables: dict[str, dict[str, Lexeme]] = {}

    @classmethod
    def parse(cls, documents: Iterable[str]) -> "Lexicons":
        return cls(_parsed(document) for document in documents)

    def find(self, word: str, language: str) -> Lexeme | None:
        """The lexeme of a whole word, letter case included."""
        if not self._lexicons:
            return None
        table = self._tables.get(language)
        if table is None:
            table = self._tables[language] = {}
            for lexicon in self._lexicons:
                for lexeme in lexicon.lexemes if lexicon.speaks(language) else ():
                    for grapheme in lexeme.graphemes:
                        table.setdefault(grapheme, lexeme)
        return table.get(word)


@lru_cache(maxsize=64)
def _parsed(document: str) -> Lexicon:
    return parse_lexicon(document)


class _Reader:
    """One pass of expat over one lexicon."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._attributes: dict[str, str] = {}
        self._parts: list[tuple[str, str, str]] = []
        self._lexemes: list[Lexeme] = []
        self._language = ""
        self._alphabet: Literal["ipa", "x-sampa"] = "ipa"
        self._parser = expat.ParserCreate("utf-8", "\n")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, document: bytes) -> Lexicon:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            raise InvalidLexicon(
                f"The lexicon isn't well-formed XML, line {error.lineno}, column "
                f"{error.offset + 1}: {expat.ErrorString(error.code)}."
            ) from None
        except ValueError as error:
            raise InvalidLexicon(f"The lexicon isn't readable XML: {error}.") from None
        if not self._lexemes:
            raise InvalidLexicon("The lexicon holds no lexeme.")
        return Lexicon(self._language, self._alphabet, tuple(self._lexemes))

    def _doctype(self, *_: object) -> None:
        raise InvalidLexicon("Document type declarations aren't allowed in a lexicon.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition("\n")
        parent = self._path[-1] if self._path else ""
        if parent in ("metadata", "meta"):
            tag = "metadata"
        elif namespace != NAMESPACE or tag not in _CHILDREN.get(parent, ()):
            where = f"inside <{parent}>" if parent else "as the root"
            raise InvalidLexicon(
                f"<{tag}> of namespace {namespace or '(none)'} isn't allowed {where} of a lexicon."
            )
        self._path.append(tag)
        self._text.clear()
        self._attributes = attributes
        if tag == "lexicon":
            self._root(attributes)
        elif tag == "lexeme":
            self._parts = []

    def _root(self, attributes: dict[str, str]) -> None:
        if attributes.get("version") != "1.0":
            raise InvalidLexicon("<lexicon> needs version='1.0'.")
        self._alphabet = _alphabet(attributes.get("alphabet", ""))
        self._language = attributes.get(f"{_XML}\nlang", "")
        if not self._language:
            raise InvalidLexicon("<lexicon> needs xml:lang, such as en-US.")
        from inhouse.engines.speech.voices import languages

        known = {code.lower() for code in languages()}
        if self._language.lower() not in known | {code.partition("-")[0] for code in known}:
            raise InvalidLexicon(
                f"No voice speaks the lexicon's language {self._language!r}.", "language"
            )

    def _end(self, _: str) -> None:
        tag = self._path.pop()
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if tag == "lexeme":
            self._lexemes.append(_lexeme(self._parts))
        elif tag in ("grapheme", "phoneme", "alias"):
            if not text:
                raise InvalidLexicon(f"A <{tag}> is empty.")
            if len(text) > LONGEST_PART:
                raise InvalidLexicon(
                    f"A <{tag}> has {len(text)} characters; the most is {LONGEST_PART}.",
                    "lexeme-too-long",
                )
            alphabet = self._alphabet
            if tag == "phoneme" and "alphabet" in self._attributes:
                alphabet = _alphabet(self._attributes["alphabet"])
            self._parts.append((tag, text, alphabet))


def _alphabet(name: str) -> Literal["ipa", "x-sampa"]:
    if name == "ipa":
        return "ipa"
    if name in ("x-sampa", "x-SAMPA"):
        return "x-sampa"
    raise InvalidLexicon(f"The alphabet {name!r} isn't supported; use ipa or x-sampa.", "alphabet")


def _lexeme(parts: list[tuple[str, str, str]]) -> Lexeme:
    graphemes = tuple(text for tag, text, _ in parts if tag == "grapheme")
    sounds = [(tag, text, alphabet) for tag, text, alphabet in parts if tag != "grapheme"]
    if not graphemes or not sounds:
        raise InvalidLexicon("A <lexeme> needs a <grapheme> and a <phoneme> or an <alias>.")
    tag, text, alphabet = sounds[0]
    if tag == "alias":
        return Lexeme(graphemes, alias=text)
    strange = phonemes.unknown(text, alphabet)
    if strange:
        raise InvalidLexicon(f"{strange!r} in the phoneme {text!r} isn't {alphabet}.")
    return Lexeme(graphemes, ipa=phonemes.ipa(text, alphabet))
