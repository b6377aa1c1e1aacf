"""Reading dates in the forms that say-as names."""

import re
from dataclasses import dataclass

_PARTS = {
    "mdy": "mdy", "dmy": "dmy", "ymd": "ymd", "md": "md", "dm": "dm", "ym": "ym", "my": "my",
    "d": "d", "m": "m", "y": "y",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Date:
    """A date or a part of one; what isn't given is None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


def read_date(written: str, form: str | None, default: str, months: dict[str, int]) -> Date | None:
    """A date written in `form` (mdy, dmy, …, yyyymmdd), or None when it isn't one.

    Without a form, a leading four-digit number is the year, and else `default` holds. In
    yyyymmdd, question marks stand for a part that is left out. `months` maps names to numbers.
    """
    compact = re.fullmatch(r"([\d?]{4})([\d?]{2})([\d?]{2})", written.strip())
    if form == "yyyymmdd" or (form is None and compact):
        return _date(list("ymd"), list(compact.groups())) if compact else None
    words = re.findall(r"\d+|[^\W\d_]+", written)
    parts = [str(months.get(word.lower().rstrip("."), word)) for word in words]
    parts = [part for part in parts if part.isdecimal()]
    if form is None:
        form = _guess(words, parts, default)
    letters = list(_PARTS.get(form, ""))
    if len(letters) != len(parts):
        return None
    return _date(letters, parts)


def _guess(words: list[str], parts: list[str], default: str) -> str:
    if len(parts) == 3:
        if len(parts[0]) == 4:
            return "ymd"
        named = next((index for index, word in enumerate(words) if not word[0].isdecimal()), None)
        return {0: "mdy", 1: "dmy"}.get(named, default) if named is not None else default
    if len(parts) == 2:
        if len(parts[0]) == 4:
            return "ym"
        return "my" if len(parts[1]) == 4 else default.replace("y", "")
    return "y" if parts and len(parts[0]) == 4 else "d"


def _date(letters: list[str], parts: list[str]) -> Date | None:
    found = {letter: int(p) for letter, p in zip(letters, parts, strict=True) if p.isdecimal()}
    year, month, day = found.get("y"), found.get("m"), found.get("d")
    if month is not None and not 1 <= month <= 12:
        return None
    if day is not None and not 1 <= day <= 31:
        return None
    if not found:
        return None
    if year is not None and len(parts[letters.index("y")]) == 2:
        year += 2000 if year < 50 else 1900
    return Date(year, month, day)
