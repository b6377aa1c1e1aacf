"""Shapes of written numbers that languages share: fractions, lengths of time, telephone numbers."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fraction:
    """`over`/`under`, and a whole number before it where there is one."""

    whole: int | None
    over: int
    under: int


def read_fraction(written: str) -> Fraction | None:
    """3/20, 2+1/2, 2 1/2, ½ and 2½; None for anything else and for nothing under the line."""
    spelled = "".join(
        "+" + unicodedata.normalize("NFKC", c) if unicodedata.category(c) == "No" else c
        for c in written.strip()
    ).lstrip("+")
    match = re.fullmatch(r"(?:(\d{1,15})[+ ]+)?(\d{1,15})\s*[/⁄]\s*(\d{1,15})", spelled)
    if match is None or int(match[3]) == 0:
        return None
    return Fraction(int(match[1]) if match[1] else None, int(match[2]), int(match[3]))


def read_duration(written: str) -> tuple[int | None, int | None] | None:
    """Minutes and seconds of 1'21", 5' and 30"."""
    match = re.fullmatch(r"(?:(\d{1,9})['’′])?(?:(\d{1,9})(?:[\"”″]|''))?", written.strip())
    if match is None or not (match[1] or match[2]):
        return None
    return (int(match[1]) if match[1] else None, int(match[2]) if match[2] else None)


@dataclass(frozen=True, slots=True)
class Telephone:
    """A number in the groups in which it is written, if any; `international` ones begin with +."""

    groups: tuple[str, ...]
    international: bool
    extension: str | None


def read_telephone(written: str) -> Telephone:
    """The digits of a number, its extension after an x or ext."""
    number, _, extension = re.sub(r"(?i)\s*(?:ext\.?|x)\s*(?=\d)", "\0", written).partition("\0")
    groups = tuple(re.findall(r"[0-9]+", number))
    return Telephone(groups, number.strip().startswith("+"), extension or None)


def cut(digits: str, *lengths: int) -> tuple[str, ...]:
    """`digits` in groups of these lengths."""
    groups = []
    for length in lengths:
        groups.append(digits[:length])
        digits = digits[length:]
    return tuple(groups)
