"""Personal data in text, found by its form.

E-mail addresses, card and other numbers are found wherever they have their usual forms. Names and
postal addresses have none: they are found by titles, by given names and by words for streets, in
English, German and French, so some are missed. What must not be missed belongs into `fields`.
Every pattern is bounded, so that no text takes more than its length's share of time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .given_names import ALSO_WORDS, GIVEN_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_GROUPS = re.compile(r"[0-9]+(?:[ .\-\u00a0\u2010-\u2013][0-9]+)*")
_DIGITS = re.compile(r"[0-9]+")
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_NUMBER = re.compile(r"(?<![\w])\+?\(?[0-9](?:[ ().\-/\u00a0\u2010-\u2013]{0,2}[0-9])*")
_NO_NUMBER = re.compile(
    r"(?:19|20)\d\d[-/.]\d\d[-/.]\d\d(?: \d\d)?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d(?: \d\d?)?"
    r"|\d+\.\d+|(?:19|20)\d\d ?- ?(?:19|20)\d\d|(?:\d{1,3}\.){3}\d{1,3}"
)
"""Dates, decimals, spans of years and IP addresses have many digits and name nobody."""
LEAST_DIGITS = 7
MOST_GROUPS = 8
"""That the digits of a card are written in."""
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]{0,30}"
_STREETS = (
    r"(?i:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|square|sq|place|pl"
    r"|way|terrace|parkway|pkwy|highway|hwy|close|crescent|row|mews|circle|cir)\b\.?"
)
_CITY = rf"(?:,? {_WORD}(?: {_WORD}){{0,2}})?"
_ADDRESSES = (
    re.compile(
        rf"\b\d{{1,5}}[A-Za-z]? (?:{_WORD}\.? ){{1,4}}{_STREETS}"
        rf"(?:,? (?i:apt|suite|unit|flat|floor|#)\.? ?\w{{1,6}})?{_CITY}"
        r"(?:,? [A-Z]{2})?(?:,? (?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}))?"
    ),
    re.compile(
        r"\b[A-ZÄÖÜ][\wäöüß-]{0,40}(?:straße|strasse|str\.|gasse|allee|platz|weg|damm|ufer|ring)"
        rf" \d{{1,4}} ?[a-z]?\b(?:,? \d{{5}} {_WORD}(?: {_WORD}){{0,2}})?"
    ),
    re.compile(
        r"\b\d{1,4}(?: bis| ter)?,? (?i:rue|avenue|boulevard|place|chemin|allée|impasse|quai)"
        rf"(?: [\w'’-]{{1,30}}){{1,5}}(?:,? \d{{5}} {_WORD})?"
    ),
    re.compile(r"(?i:\bP\.? ?O\.? Box \d{1,6}\b)"),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam|Lady|Lord|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Mx)\b\.?"
    rf"(?: (?:[A-Z]\. |von |van |de |du |der |la ){{0,3}}{_WORD}){{1,3}}"
)
_LABELLED = re.compile(
    rf"(?i:\b(?:(?:first|last|full|given|family)[ _-]?)?name: ?)({_WORD}(?: {_WORD}){{0,3}})"
)
_CALLED = re.compile(
    rf"\b({_WORD})((?: [A-Z]\.| (?:von|van|de|du|der|la|bin|al)(?= )){{0,3}}(?: {_WORD}){{0,2}})"
)
INSTEAD = {
    "emails": "[EMAIL]",
    "cards": "[CARD]",
    "addresses": "[ADDRESS]",
    "numbers": "[NUMBER]",
    "names": "[NAME]",
}


def redacted(text: str, kinds: Collection[str]) -> str:
    """The text with what was found put as `[EMAIL]`, `[CARD]` and so on."""
    for kind, replace in _REPLACE.items():
        if kind in kinds:
            text = replace(text)
    return text


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others. ISO/IEC 7812-1, annex B."""
    values = [int(digit) for digit in reversed(digits)]
    doubled = (2 * value - 9 * (value > 4) for value in values[1::2])
    return (sum(values[::2]) + sum(doubled)) % 10 == 0


def _emails(text: str) -> str:
    return _EMAIL.sub(INSTEAD["emails"], text) if "@" in text else text


def _cards(text: str) -> str:
    return _GROUPS.sub(_without_cards, text)


def _without_cards(found: re.Match[str]) -> str:
    """Groups of digits that together are 13 to 19 and check; a number may stand before or after."""
    run = found[0]
    if len(run) < 13:
        return run
    groups = list(_DIGITS.finditer(run))
    parts, at, first = [], 0, 0
    while first < len(groups):
        last = _card_end(groups, first)
        if last is None:
            first += 1
            continue
        parts += [run[at : groups[first].start()], INSTEAD["cards"]]
        at, first = groups[last].end(), last + 1
    return "".join([*parts, run[at:]])


def _card_end(groups: list[re.Match[str]], first: int) -> int | None:
    digits = ""
    for at in range(first, min(len(groups), first + MOST_GROUPS)):
        digits += groups[at][0]
        if len(digits) > 19:
            return None
        if len(digits) >= 13 and luhn(digits):
            return at
    return None


def _numbers(text: str) -> str:
    return _NUMBER.sub(_number, _IBAN.sub(INSTEAD["numbers"], text))


def _number(found: re.Match[str]) -> str:
    run = found[0]
    digits = sum(character.isdecimal() for character in run)
    if digits < LEAST_DIGITS or _NO_NUMBER.fullmatch(run):
        return run
    return INSTEAD["numbers"]


def _addresses(text: str) -> str:
    for pattern in _ADDRESSES:
        text = pattern.sub(INSTEAD["addresses"], text)
    return text


def _names(text: str) -> str:
    text = _TITLED.sub(INSTEAD["names"], text)
    text = _LABELLED.sub(lambda found: found[0][: -len(found[1])] + INSTEAD["names"], text)
    return _CALLED.sub(_called, text)


def _called(found: re.Match[str]) -> str:
    given, rest = found[1], found[2]
    if given in GIVEN_NAMES or (given in ALSO_WORDS and rest):
        return INSTEAD["names"]
    # The name may begin later: `Dear Alice Smith`.
    return given + _CALLED.sub(_called, rest) if rest else given


_REPLACE: dict[str, Callable[[str], str]] = {
    "emails": _emails,
    "cards": _cards,
    "addresses": _addresses,
    "numbers": _numbers,
    "names": _names,
}
