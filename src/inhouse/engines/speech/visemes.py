"""Visemes: the shapes that the mouth takes, as Polly's speech marks name them.

The classes are those of "Phoneme and viseme tables for supported languages" in the Amazon Polly
developer guide, which differ between languages in very few sounds.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

SILENCE = "sil"

_SHAPES = {
    "p": "pbmɓ", "t": "tdnlɾɫɭɳʈɖɗɬɮ", "S": "ʃʒʂʐ", "T": "θð", "f": "fvʋɱɸⱱ",
    "k": "kɡgŋhxcɣʁʀχħɦqɢɴçɧɰɠʕ", "i": "ijɪᵻɨ", "r": "ɹrɻɽɺ", "s": "sz",
    "u": "uwʊʉɥʍyʏɯ", "@": "əɐɚɘ", "a": "aæɑɶ", "e": "eɤ", "E": "ɛʌɜɝɞ",
    "o": "oøɵ", "O": "ɔɒœ", "J": "ɲʎɕʑʝɟʄ", "B": "β",
}  # fmt: skip
_SHAPE_OF = {phoneme: shape for shape, members in _SHAPES.items() for phoneme in members}

_OF_LANGUAGE = {
    "de": {"ɐ": "a"},
    "ja": {"e": "@", "ɯ": "i"},
    "tr": {"ɯ": "i"},
}
_PAUSES = frozenset(".,;:!?")
_STRESS = frozenset("ˈˌ")

_DIPHTHONGS = frozenset(
    ["aɪ", "aʊ", "eɪ", "oʊ", "əʊ", "ɔɪ", "ɔʏ", "ɔø", "ɛə", "eə", "ɪə", "iə", "ʊə", "œy", "ɛi", "ʌu"]
)  # fmt: skip
"""One shape, that of the first sound."""

_AFFRICATES = frozenset(["tʃ", "dʒ", "tɕ", "dʑ", "tʂ", "dʐ", "ʈʂ", "ɖʐ", "ts", "dz"])
"""One shape, that of the second sound, from the first on."""


def visemes(sounds: Iterable[tuple[int, str]], language: str) -> Iterator[tuple[int, str]]:
    """Shapes of timed sounds in IPA, each with the time at which it begins.

    A sound is one symbol or the several of one phoneme; "" and stops are silence, a space parts
    words. A stress mark belongs to the sound after it. Times rise.
    """
    primary = language.partition("-")[0].lower()
    special = _OF_LANGUAGE.get(primary, {})
    found: list[tuple[int, str]] = []
    before = ""
    stressed: int | None = None
    for time, symbol in _symbols(list(sounds)):
        if symbol in _STRESS:
            stressed = time if stressed is None else stressed
            before = ""
            continue
        if symbol == "" or symbol in _PAUSES:
            shape: str | None = SILENCE
        else:
            shape = special.get(symbol) or _SHAPE_OF.get(symbol)
        if shape is None:
            before = "" if symbol == " " else before
            continue
        pair, before = before + symbol, symbol
        if pair in _DIPHTHONGS:
            continue
        if pair in _AFFRICATES and (primary != "en" or pair not in ("ts", "dz")):
            found[-1] = (found[-1][0], shape)
            continue
        _append(found, time if stressed is None else stressed, shape)
        stressed = None
    yield from found


def _symbols(sounds: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Symbol by symbol; those of one phoneme share its time out among them."""
    for index, (time, phoneme) in enumerate(sounds):
        symbols = unicodedata.normalize("NFD", phoneme)
        following = sounds[index + 1][0] if index + 1 < len(sounds) else time
        if len(symbols) < 2:
            yield time, symbols
            continue
        heard = [symbol for symbol in symbols if symbol in _SHAPE_OF]
        place = 0
        for symbol in symbols:
            yield time + max(0, following - time) * place // max(1, len(heard)), symbol
            place += symbol in _SHAPE_OF


def _append(found: list[tuple[int, str]], time: int, shape: str) -> None:
    """Sounds that take no time aren't seen, and one silence is like two."""
    while found and found[-1][0] >= time:
        time, _ = found.pop()
    if not found or shape != SILENCE or found[-1][1] != SILENCE:
        found.append((time, shape))
