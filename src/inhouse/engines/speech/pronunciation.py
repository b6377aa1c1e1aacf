"""Words to the phonemes of a neural voice, whatever languages they are in."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from inhouse.engines.speech.alignment import owners
from inhouse.engines.speech.errors import InvalidRequest
from inhouse.engines.speech.espeak import Espeak
from inhouse.engines.speech.foreign import Accent, inventory
from inhouse.engines.speech.script import Word
from inhouse.engines.speech.voices import espeak_code

_SWITCH = re.compile(r"\(([^)]*)\)")
_GLIDE = re.compile("(?<=[aeiouyøœɑɐɒæəɛɜɪɔʊʌː])ʲ+")


class Pronunciation:
    """What a voice says that was trained on `language`, a name of espeak-ng such as `en-us`.

    Its own language as espeak-ng spells it, which is what it was trained on; other languages, and
    IPA that a user wrote, by the nearest phonemes that it has. `symbols` are those of the model.
    """

    def __init__(self, espeak: Espeak, language: str, symbols: Sequence[str]) -> None:
        self._espeak = espeak
        self.language = language
        known = set(symbols)
        trained = [sound for sound in inventory(language) if known.issuperset(sound)]
        self._accent = Accent(language, trained or symbols)

    def spelled(self, words: Sequence[Word]) -> Iterator[str]:
        """IPA of each word as said in its clause, one string a word."""
        clause: list[Word] = []
        for word in words:
            if clause and word.style.language != clause[-1].style.language:
                yield from self._clause(clause)
                clause = []
            if word.ipa:
                yield from self._clause(clause)
                clause = []
                yield self._accent.say(word.ipa)
                continue
            clause.append(word)
            if word.after:
                yield from self._clause(clause)
                clause = []
        yield from self._clause(clause)

    def _clause(self, words: list[Word]) -> Iterator[str]:
        if not words:
            return
        language = words[0].style.language
        pieces = [
            (piece, index) for index, w in enumerate(words) for piece in w.said.split() or [""]
        ]
        whole = self._ipa(" ".join(piece for piece, _ in pieces), language)
        spelled = owners(whole, len(pieces), lambda number: self._ipa(pieces[number][0], language))
        for _, group in groupby(zip(pieces, spelled, strict=True), key=lambda pair: pair[0][1]):
            yield " ".join(sounds for _, sounds in group if sounds)

    def _ipa(self, text: str, language: str) -> str:
        code = espeak_code(language)
        if code is None:
            raise InvalidRequest(f"No installed voice speaks {language!r}.", "language")
        if _primary(code) != _primary(self.language):
            return self._accent.say(self._espeak.phonemes(text, code), code)
        spelled = "".join(self._switched(self._espeak.phonemes(text, self.language)))
        return unicodedata.normalize("NFD", _GLIDE.sub("", spelled).replace("_", ""))

    def _switched(self, spelled: str) -> Iterator[str]:
        """The same with the words that espeak-ng itself took for foreign ("(en)tˈiːm(de)") mapped."""
        own, *switches = _SWITCH.split(spelled)
        yield own
        for code, sounds in zip(switches[::2], switches[1::2], strict=True):
            if _primary(code) == _primary(self.language) or not sounds.strip():
                yield sounds
            else:
                before, after = (" " if s.isspace() else "" for s in (sounds[0], sounds[-1]))
                yield f"{before}{self._accent.say(sounds, code)}{after}"


def _primary(code: str) -> str:
    return code.lower().split("-")[0]
