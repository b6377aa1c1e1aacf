"""Words of one language in the phonemes of another.

A neural voice has ids for some 150 symbols of the IPA, but it can say only those that its own
language has; the others sound like noise. So a foreign word keeps its own phonemes as far as the
voice was trained on them, and each of the others becomes the nearest one:

1. what the language's dictionaries put there (`substitutes` in phones.toml),
2. the same phoneme with another length or without a secondary articulation,
3. for what two sounds say better than one (nasal vowels, affricates), those two,
4. the phoneme with the smallest distance in articulatory features.

The distance is a weighted sum over the features of the IPA chart, as in work on aligning cognates
(Kondrak, "A new algorithm for the alignment of phonetic sequences", NAACL 2000, whose finding that
manner outweighs place is kept). Tones are dropped, stress is kept.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__)
_SWITCH = re.compile(r"\([^)]*\)")
_STRESS = "ˈˌ"
_LONG, _NASAL, _RHOTIC, _SYLLABIC = "ː", "\u0303", "˞", "\u0329"
_KEPT_MARKS = _LONG + _NASAL + _RHOTIC + _SYLLABIC
_RHOTICS = "ʁʀrɹɻɽɺɾ"
_WIDEST = 3
_HOMORGANIC = {"bilabial": "m", "labiodental": "m", "velar": "ŋ", "uvular": "ŋ"}

_PLACES = {
    "bilabial": 0.0, "labiodental": 0.6, "labiovelar": 1.0, "dental": 1.6, "alveolar": 2.2,
    "postalveolar": 3.0, "retroflex": 3.2, "alveolopalatal": 3.4, "labiopalatal": 4.0,
    "palatal": 4.4, "velar": 5.6, "uvular": 6.4, "pharyngeal": 7.6, "glottal": 8.4,
}  # fmt: skip
_MANNERS = {
    "plosive": (0.0, 0.0), "implosive": (0.2, 0.2), "click": (0.4, 0.4), "fricative": (2.0, 0.0),
    "sibilant": (2.4, 1.0), "lateral-fricative": (2.4, 1.6), "tap": (4.2, 0.6),
    "trill": (4.4, 0.8), "approximant": (4.6, 0.0), "lateral": (4.2, 1.6), "nasal": (4.0, 4.0),
}  # fmt: skip
"""Sonority, and what sets a manner apart from others as sonorous."""


@dataclass(frozen=True, slots=True)
class _Vowel:
    height: float
    backness: float
    rounded: float


@dataclass(frozen=True, slots=True)
class _Consonant:
    place: str
    manner: str
    voiced: bool


@dataclass(frozen=True, slots=True)
class _Phones:
    """phones.toml, read."""

    vowels: Mapping[str, _Vowel]
    consonants: Mapping[str, _Consonant]
    spellings: Mapping[str, str]
    tables: Mapping[str, Any]

    def table(self, kind: str, language: str) -> Mapping[str, str]:
        found: Mapping[str, str] = self.tables.get(kind, {}).get(_primary(language), {})
        return found


@cache
def _phones() -> _Phones:
    document = tomllib.loads(_HERE.with_name("phones.toml").read_text(encoding="utf-8"))
    vowels = {symbol: _Vowel(*features) for symbol, features in document["vowels"].items()}
    consonants = {}
    for symbol, features in document["consonants"].items():
        place, manner, voicing = features.split()
        consonants[_decomposed(symbol)] = _Consonant(place, manner, voicing == "voiced")
    spellings = {_decomposed(k): _decomposed(v) for k, v in document["spellings"].items()}
    return _Phones(vowels, consonants, spellings, document)


@cache
def _inventories() -> Mapping[str, str]:
    text = _HERE.with_name("inventories.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def inventory(voice: str) -> tuple[str, ...]:
    """The phonemes that espeak-ng emits for one of its voices, the most frequent first.

    Those of the same language where there is no list for the very voice; empty where there is none.
    """
    known = _inventories()
    name = voice.lower()
    found = known.get(name) or known.get(_primary(name))
    if found is None:
        found = next((v for key, v in known.items() if _primary(key) == _primary(name)), "")
    return tuple(found.split())


class Accent:
    """How a voice trained on `language` says the phonemes of others.

    `phonemes` are those it knows, the most frequent first; all that it ever says is made of them.
    """

    def __init__(self, language: str, phonemes: Iterable[str]) -> None:
        phones = _phones()
        real = phones.table("sources", language)
        self._own: dict[str, str] = {}
        for phoneme in phonemes:
            for spelled in (real.get(phoneme, phoneme), phoneme):
                for segments in _parsed(spelled):
                    self._own.setdefault("".join(segments), phoneme)
        self._singles = {key: value for key, value in self._own.items() if len(_split(key)) == 1}
        self._diphthongs = {
            key: value
            for key, value in self._own.items()
            if len(_split(key)) == 2 and all(s[0] in phones.vowels for s in _split(key))
        }
        self._substitutes = _usable(phones.table("substitutes", language), self._known)
        self._any = phones.table("substitutes", "any")
        self._joins = _usable(phones.table("joins", language), self._known)
        self._ends = _usable(phones.table("ends", language), self._known)
        self._onsets = phones.table("onsets", language)
        self._checked = _usable(phones.table("checked", language), self._known)
        self._silent = phones.tables["silent"].get(_primary(language), "")
        self._medial = phones.tables["medial"].get(_primary(language), "")
        self._rhotic = next((s for s in self._singles if s in _RHOTICS), None)
        self._nearest: dict[str, str] = {}

    def _known(self, phoneme: str) -> bool:
        return phoneme in self._own

    def say(self, ipa: str, source: str = "") -> str:
        """IPA as espeak-ng writes it for its language `source`, in phonemes of this voice."""
        out: list[str] = []
        for word in _respelled(ipa, source).split():
            out.append("".join(self._word(_split(word))))
        return " ".join(out)

    def _word(self, segments: list[str]) -> list[str]:
        said: list[str] = []
        at = 0
        while at < len(segments):
            if segments[at] in _STRESS:
                said.append(segments[at])
                at += 1
                continue
            for width in range(min(_WIDEST, len(segments) - at), 0, -1):
                window = segments[at : at + width]
                found = self._whole("".join(window), segments, at, width)
                if found is not None:
                    said += found
                    at += width
                    break
        return self._polished(said)

    def _whole(self, key: str, segments: list[str], at: int, width: int) -> list[str] | None:
        """Phonemes for some segments as one; None where they must be told apart."""
        if width > 1 and any(segment in _STRESS for segment in segments[at : at + width]):
            return None
        if key in self._silent:
            return []
        if key in self._checked and _closed(segments, at + width):
            return [self._own[self._checked[key]]]
        if key in self._substitutes:
            following = _next_phone(segments, at + width)
            return [self._homorganic(p, following) for p in self._substitutes[key].split()]
        if key in self._own:
            between = _between_vowels(segments, at, width)
            if key not in self._medial or between:
                return [self._own[key]]
        return self._single(key, segments, at) if width == 1 else None

    def _single(self, segment: str, segments: list[str], at: int) -> list[str]:
        """One segment by what is known of it, from the most to the least alike."""
        base, marks = segment[0], segment[1:]
        if _SYLLABIC in marks:
            rest = segment.replace(_SYLLABIC, "")
            return [*self._alone("ə", segments, at), *self._alone(rest, segments, at)]
        if _NASAL in marks:
            oral = self._alone(segment.replace(_NASAL, ""), segments, at)
            return [*oral, self._homorganic("N", _next_phone(segments, at + 1))]
        if _RHOTIC in marks:
            vowel = self._alone(segment.replace(_RHOTIC, ""), segments, at)
            return [*vowel, *self._alone("ɹ", segments, at)]
        other = segment.replace(_LONG, "") if _LONG in marks else segment + _LONG
        if other in self._substitutes or (other in self._own and other not in self._medial):
            return self._alone(other, segments, at)
        if base in _RHOTICS and self._rhotic:
            return [self._own[self._rhotic]]
        if base in self._any:
            parts = _split(self._any[base].replace(" ", ""))
            return [phoneme for part in parts for phoneme in self._alone(part, segments, at)]
        return [self._like(segment)]

    def _alone(self, segment: str, segments: list[str], at: int) -> list[str]:
        changed = [*segments[:at], segment, *segments[at + 1 :]]
        return self._whole(segment, changed, at, 1) or []

    def _homorganic(self, phoneme: str, following: str | None) -> str:
        """N is a nasal made where the next consonant is."""
        if phoneme != "N":
            return self._own[phoneme]
        consonant = _phones().consonants.get(following[0]) if following else None
        nasal = _HOMORGANIC.get(consonant.place, "n") if consonant else "n"
        return self._own.get(nasal) or self._like("n")

    def _like(self, segment: str) -> str:
        """The phoneme nearest in its features."""
        if segment not in self._nearest:
            candidates = {**self._diphthongs, **self._singles}
            best = min(candidates, key=lambda key: (_distance(segment, key), key))
            self._nearest[segment] = self._own[best]
        return self._nearest[segment]

    def _polished(self, said: list[str]) -> list[str]:
        """Phonemes that go together in this language, within a word and at its end."""
        out: list[str] = []
        for index, phoneme in enumerate(said):
            following = next((p for p in said[index + 1 :] if p not in _STRESS), None)
            if phoneme in self._onsets and following and _is_vowel(following):
                phoneme = self._onsets[phoneme]
            joined = f"{out[-1]} {phoneme}" if out else ""
            if joined in self._joins and (following is None or not _is_vowel(following)):
                out[-1] = self._own[self._joins[joined]]
            elif following is None and phoneme in self._ends and out and _rises(out[-1], phoneme):
                out += [self._own[part] for part in self._ends[phoneme].split()]
            else:
                out.append(phoneme)
        return out


def _usable(table: Mapping[str, str], known: Any) -> dict[str, str]:
    """The entries whose results this voice knows; N stands for any nasal."""
    usable = {}
    for key, value in table.items():
        if all(part == "N" or known(part) for part in value.split()):
            usable[_decomposed(key)] = value
    return usable


def _primary(language: str) -> str:
    return language.lower().split("-")[0]


def _decomposed(text: str) -> str:
    # ç has a letter of its own in the IPA; NFD would make it c with a mark.
    return unicodedata.normalize("NFD", text).replace("c\u0327", "ç")


def _respelled(ipa: str, source: str) -> str:
    """IPA proper of what espeak-ng writes: its own spellings, switches and tones are gone."""
    text = _decomposed(_SWITCH.sub("", ipa))
    phones = _phones()
    return _swapped(_swapped(text, phones.table("sources", source)), phones.spellings)


def _swapped(text: str, table: Mapping[str, str]) -> str:
    """`text` with the values of a table in the place of its keys, the longest first."""
    return _any_of(tuple(table)).sub(lambda match: table[match.group()], text) if table else text


@cache
def _any_of(keys: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(keys, key=len, reverse=True))))


def _parsed(phoneme: str) -> Iterator[list[str]]:
    segments = _split(_respelled(phoneme, ""))
    if segments and not any(segment in _STRESS for segment in segments):
        yield segments


def _split(text: str) -> list[str]:
    """Segments: a letter with the marks that change what it is, and stress marks.

    Doubled letters are long ones. A letter that no table has is a schwa: something is heard.
    """
    phones = _phones()
    segments: list[str] = []
    for character in text:
        last = segments[-1] if segments else ""
        if character in phones.vowels or character in phones.consonants:
            if last and last.rstrip(_LONG) == character:
                segments[-1] = character + _LONG
            else:
                segments.append(character)
        elif character in _STRESS:
            segments.append(character)
        elif character in _KEPT_MARKS:
            if last and last not in _STRESS and character not in last:
                segments[-1] = last[0] + "".join(sorted(last[1:] + character))
        elif unicodedata.category(character) in ("Ll", "Lu", "Lo"):
            segments.append("ə")
    return segments


def _next_phone(segments: list[str], at: int) -> str | None:
    return next((s for s in segments[at:] if s not in _STRESS), None)


def _between_vowels(segments: list[str], at: int, width: int) -> bool:
    before = next((s for s in reversed(segments[:at]) if s not in _STRESS), None)
    after = _next_phone(segments, at + width)
    return bool(before and after and _is_vowel(before) and _is_vowel(after))


def _is_vowel(phoneme: str) -> bool:
    return phoneme[0] in _phones().vowels


def _closed(segments: list[str], at: int) -> bool:
    """Whether two consonants follow, or a long one."""
    following = [s for s in segments[at:] if s not in _STRESS][:2]
    consonants = [s for s in following if not _is_vowel(s)]
    return len(consonants) == 2 or bool(
        following and consonants[:1] == following[:1] and _LONG in following[0]
    )


def _rises(phoneme: str, last: str) -> bool:
    """Whether sonority rises to the last consonant of a word, so that it makes a syllable."""
    consonants = _phones().consonants
    before, after = consonants.get(phoneme[-1]), consonants.get(last[-1])
    if before is None or after is None:
        return False
    return _MANNERS[before.manner][0] < _MANNERS[after.manner][0]


_LENGTH, _ROUNDING, _VOICING, _KIND, _GLIDE = 0.8, 1.5, 1.2, 20.0, 1.2


def _distance(segment: str, phoneme: str) -> float:
    """How unlike a segment is to a phoneme of one segment, or of two vowels."""
    parts = _split(phoneme)
    distances = [_unlike(segment, part) for part in parts]
    length = (_LONG in segment) != (_LONG in phoneme or len(parts) > 1)
    return sum(distances) / len(distances) + _LENGTH * length + _GLIDE * (len(parts) - 1)


def _unlike(one: str, other: str) -> float:
    phones = _phones()
    if one[0] in phones.vowels and other[0] in phones.vowels:
        a, b = phones.vowels[one[0]], phones.vowels[other[0]]
        marks = sum((mark in one) != (mark in other) for mark in (_NASAL, _RHOTIC))
        hues = abs(a.height - b.height) + abs(a.backness - b.backness) / 2
        return hues + _ROUNDING * abs(a.rounded - b.rounded) + 3 * marks
    if one[0] in phones.consonants and other[0] in phones.consonants:
        c, d = phones.consonants[one[0]], phones.consonants[other[0]]
        manner = sum(
            abs(x - y) for x, y in zip(_MANNERS[c.manner], _MANNERS[d.manner], strict=True)
        )
        place = abs(_PLACES[c.place] - _PLACES[d.place])
        return 1.5 * manner + place + _VOICING * (c.voiced != d.voiced)
    return _KIND
