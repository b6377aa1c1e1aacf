"""English: numbers, dates, times, money, units and what say-as reads."""

import re

from inhouse.engines.speech.normalize.dates import Date, read_date
from inhouse.engines.speech.normalize.en_tables import (
    ABBREVIATIONS,
    AMBIGUOUS,
    BRITISH,
    CHARACTERS,
    DOUBLES,
    MAGNITUDES,
    MONEY,
    STATES,
    STREETS,
    UNCHANGED,
    UNITS,
)
from inhouse.engines.speech.normalize.written import (
    cut,
    read_duration,
    read_fraction,
    read_telephone,
)

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion")
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_MONTH_NUMBERS = {name.lower(): i for i, name in enumerate(_MONTHS, 1)}
_MONTH_NUMBERS |= {name[:3].lower(): i for i, name in enumerate(_MONTHS, 1)} | {"sept": 9}
_DIGITS = dict(zip("0123456789", _ONES, strict=False))


def cardinal(number: int) -> str:
    """Words of a whole number: 1234 is "one thousand two hundred thirty-four"."""
    if number < 0:
        return "minus " + cardinal(-number)
    if number >= 1000 ** len(_SCALES):
        return digits(str(number))
    groups = []
    scale = 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            groups.append(_below_thousand(group) + _SCALES[scale])
        scale += 1
    return " ".join(reversed(groups)) or "zero"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10] + (f"-{_ONES[rest % 10]}" if rest % 10 else ""))
    elif rest:
        words.append(_ONES[rest])
    return " ".join(words)


def ordinal(number: int) -> str:
    """1 is "first", 21 is "twenty-first"."""
    words = cardinal(number)
    head, joint, last = re.fullmatch(r"(.*?)([ -]?)([^ -]+)", words).groups()  # type: ignore[union-attr]
    if last not in _ORDINALS:
        last = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    else:
        last = _ORDINALS[last]
    return head + joint + last


def digits(written: str) -> str:
    return " ".join(_DIGITS[c] for c in written if c in _DIGITS)


def decimal(written: str) -> str | None:
    """Words of "1,234.5" or "-3"; None when it isn't a number."""
    match = re.fullmatch(r"([-−+]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?|([-−+]?)\.(\d+)", written)
    if match is None:
        return None
    sign = {"-": "minus ", "−": "minus ", "+": "plus "}.get(match[1] or match[4] or "", "")
    whole = cardinal(int((match[2] or "0").replace(",", "")))
    part = match[3] or match[5]
    return sign + whole + (f" point {digits(part)}" if part else "")


def year(number: int) -> str:
    """1984 is "nineteen eighty-four", 2007 is "two thousand seven"."""
    century, rest = divmod(number, 100)
    if not 1000 <= number <= 2999 or (century % 10 == 0 and rest < 10):
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def date(when: Date) -> str:
    words = []
    if when.month is not None:
        words.append(_MONTHS[when.month - 1])
    if when.day is not None:
        words.append(ordinal(when.day))
    said = " ".join(words)
    if when.year is None:
        return said
    return f"{said}{', ' if when.day and said else ' ' if said else ''}{year(when.year)}"


def clock(written: str) -> str | None:
    """Times of day (10:30pm, 7 a.m.) and lengths of time (1'21")."""
    if length := read_duration(written):
        parts = zip(length, ("minute", "second"), strict=True)
        return " and ".join(_counted(count, name) for count, name in parts if count is not None)
    match = re.fullmatch(
        r"(\d{1,2})(?:[:.](\d{2}))?(?::(\d{2}))?\s*([ap])?\.?(m)?\.?",
        written.strip(),
        re.IGNORECASE,
    )
    if (
        match is None
        or int(match[1]) > 24
        or int(match[2] or 0) > 59
        or bool(match[4]) != bool(match[5])
    ):
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    half = f" {match[4].upper()} M" if match[4] else ""
    if match[2] is None and not half:
        return None
    said = cardinal(hour)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not half:
        said += " o'clock" if 1 <= hour <= 12 else " hundred hours"
    if match[3] and int(match[3]):
        said += f" and {_counted(int(match[3]), 'second')}"
    return said + half


def fraction(written: str) -> str | None:
    """3/20 is "three twentieths", 1+1/2 or 1½ is "one and a half"."""
    found = read_fraction(written)
    if found is None:
        return None
    over, under = found.over, found.under
    if under == 1:
        name = "over one"
    elif under == 2:
        name = "half" if over == 1 else "halves"
    elif under == 4:
        name = "quarter" if over == 1 else "quarters"
    else:
        round_one = under in (100, 1000, 10**6)
        name = ordinal(under).removeprefix("one " if round_one else "") + "s" * (over != 1)
    if found.whole is not None:
        return f"{cardinal(found.whole)} and {'a' if over == 1 else cardinal(over)} {name}"
    return f"{cardinal(over)} {name}"


_UNIT = re.compile(r"([-−+]?(?:[\d,]*\.?\d+|[\d+ ]*\d+[/⁄]\d+|\d*[¼½¾⅓⅔⅛⅜⅝⅞]))\s*([^\d\s.,]+)")


def unit(written: str) -> str | None:
    """5km is "five kilometers", 1/2inch "half an inch"; a unit alone is its plural."""
    name = _unit_name(written.strip())
    if name is not None:
        return _plural(name, False)
    match = _UNIT.fullmatch(written.strip())
    name = _unit_name(match[2]) if match else None
    if match is None or name is None:
        return None
    if amount := decimal(match[1]):
        return f"{amount} {_plural(name, amount == 'one')}"
    part = read_fraction(match[1].lstrip("-−+"))
    said = fraction(match[1].lstrip("-−+"))
    if part is None or said is None:
        return None
    sign = "minus " if match[1][0] in "-−" else ""
    if part.whole is not None or part.over > part.under:
        return f"{sign}{said} {_plural(name, False)}"
    article = "an" if name[0] in "aeio" or name.startswith("hour") else "a"
    said = "half" if said == "one half" else f"{said} of"
    return f"{sign}{said} {article} {name}"


def _unit_name(written: str) -> str | None:
    """The singular of a unit, given as a symbol or as a word."""
    if written in UNITS:
        return UNITS[written]
    word = written.lower()
    return next((name for name in UNITS.values() if word in (name, _plural(name, False))), None)


def money(written: str) -> str | None:
    """$5.30 is "five dollars and thirty cents", €3.4bn is "three point four billion euros"."""
    match = re.fullmatch(r"([-−]?)(US\$|[$€£¥])([\d,]+)(?:\.(\d+))?([a-zA-Z]{1,2})?", written)
    if match is None or (match[5] and match[5] not in MAGNITUDES):
        return None
    one, many, small, smalls = MONEY[match[2]]
    amount = int(match[3].replace(",", "") or 0)
    sign = "minus " if match[1] else ""
    part = match[4]
    if match[5] or (part and len(part) != 2):
        said = decimal(match[3] + (f".{part}" if part else ""))
        return (
            f"{sign}{said} {MAGNITUDES[match[5]] + ' ' if match[5] else ''}{many}" if said else None
        )
    said = f"{cardinal(amount)} {one if amount == 1 else many}"
    if part and int(part):
        cents = f"{cardinal(int(part))} {small if int(part) == 1 else smalls}"
        said = f"{said} and {cents}" if amount else cents
    return sign + said


def telephone(written: str, *, british: bool = False) -> str:
    """Digit by digit with a short rest between the groups.

    Seven and ten digits in a row are grouped as in North America. Britons say "double five".
    """
    number = read_telephone(written)
    groups = number.groups
    if len(groups) == 1 and not number.international:
        lengths = {7: (3, 4), 10: (3, 3, 4)}
        if groups[0].startswith("1"):
            lengths = {11: (1, 3, 3, 4)}
        if british and groups[0].startswith("0"):
            lengths = {10: (4, 3, 3), 11: (5, 3, 3)}
        groups = cut(groups[0], *lengths.get(len(groups[0]), (len(groups[0]),)))
    say = _doubled if british else digits
    said = ("plus " if number.international else "") + ", ".join(map(say, groups))
    return said + (f", extension {say(number.extension)}" if number.extension else "")


def _doubled(written: str) -> str:
    runs = (match[0] for match in re.finditer(r"(\d)\1{0,2}", written))
    return " ".join(DOUBLES[len(run)] + digits(run[0]) for run in runs)


def characters(written: str) -> str:
    """One by one. "ay" keeps a lone A from being read as the article."""
    names = {c: w for c, w in ABBREVIATIONS.items() if len(c) == 1} | CHARACTERS | _DIGITS
    spoken = (names.get(c.lower(), c.upper()) for c in written if not c.isspace())
    return ", ".join(spoken) if len(written) < 4 else " ".join(spoken)


def address(written: str) -> str:
    words: list[str] = []
    tokens = re.findall(r"[^\s,]+|,", written)
    for index, token in enumerate(tokens):
        bare = token.rstrip(".")
        before = tokens[index - 1] if index else ","
        after = tokens[index + 1] if index + 1 < len(tokens) else ","
        if bare.isdecimal() and len(bare) in (3, 4):
            words.append(year(int(bare)) if len(bare) == 4 else _house(bare))
        elif bare.isdecimal() and len(bare) == 5:
            words.append(digits(bare))
        elif bare in STATES and (before == "," or re.fullmatch(r"\d{5}(-\d{4})?", after)):
            words.append(STATES[bare])
        elif bare == "St" and (before == "," or before[-1].isdecimal()) and after != ",":
            words.append("saint")
        else:
            words.append(STREETS.get(bare, word(bare) or bare))
    return " ".join(words).replace(" ,", ",")


def _house(written: str) -> str:
    hundreds, rest = divmod(int(written), 100)
    if not rest:
        return f"{cardinal(hundreds)} hundred"
    return f"{cardinal(hundreds)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def say_as(written: str, kind: str, form: str | None, language: str = "en-US") -> str | None:
    """What say-as reads; None when `written` isn't of that kind."""
    text = written.strip()
    plain = text.replace(",", "").replace(" ", "")
    british = language.lower() in BRITISH
    match kind:
        case "spell-out" | "characters":
            return characters(text)
        case "cardinal" | "number":
            return decimal(plain) or fraction(text)
        case "ordinal":
            number = re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", plain, re.IGNORECASE)
            return ordinal(int(number[1])) if number and len(number[1]) < 20 else None
        case "digits":
            return digits(text)
        case "fraction":
            return fraction(text)
        case "unit":
            return unit(text)
        case "date":
            when = read_date(text, form, "dmy" if british else "mdy", _MONTH_NUMBERS)
            return date(when) if when else None
        case "time":
            return clock(text)
        case "address":
            return address(text)
        case "telephone":
            return telephone(text, british=british)
        case _:
            return None


def word(written: str) -> str | None:
    """How one written word is read; None when it can be read as it stands."""
    if written in ABBREVIATIONS:
        return ABBREVIATIONS[written]
    if not any(c.isnumeric() for c in written) or len(written) > 30:
        return None
    if re.fullmatch(r"0\d+", written):
        return digits(written)
    if match := re.fullmatch(r"(\d{1,15})(?:st|nd|rd|th)", written):
        return ordinal(int(match[1]))
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", written):
        return year(int(written))
    if match := re.fullmatch(r"((?:1[1-9]|20)\d)0s", written):
        return re.sub(r"y$", "ies", year(int(match[1] + "0"))) if match[1][-1] > "1" else None
    if re.fullmatch(r"\d{1,2}:\d\d(?::\d\d)?(?:[ap]\.?m\.?)?", written, re.IGNORECASE):
        return clock(written)
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d", written):
        return say_as(written, "date", None)
    if re.fullmatch(r"[\d,]+[–-]\d+", written):
        return span(written) if len(written) < 10 else None
    if match := re.fullmatch(r"#(\d{1,9})", written):
        return f"number {cardinal(int(match[1]))}"
    if re.fullmatch(r"\d/\d{1,2}|\d*[¼½¾⅓⅔⅛⅜⅝⅞]", written):
        return fraction(written)
    return money(written) or unit(written) or (decimal(written) if len(written) < 24 else None)


def span(written: str) -> str | None:
    """10–12 is "ten to twelve"."""
    match = re.fullmatch(r"([\d,]+)[–-](\d+)", written)
    if match is None:
        return None
    first, last = (word(figures) or decimal(figures) for figures in match.groups())
    return f"{first} to {last}" if first and last else None


def pair(first: str, after: str, second: str) -> tuple[str, str] | None:
    """How two words in a row are read when it takes both to know: "$5 million", "May 3"."""
    if second.lower() in _MONTH_NUMBERS and not after and re.fullmatch(r"[0-3]?\d", first):
        return ordinal(int(first)), second
    if first.lower() in _MONTH_NUMBERS and re.fullmatch(r"[0-3]?\d", second):
        return word(first) or first, ordinal(int(second))
    match = re.fullmatch(r"(US\$|[$€£¥])([\d.,]+)", first)
    amount = decimal(match[2]) if match else None
    if match and amount and second.lower() in ("thousand", "million", "billion", "trillion"):
        return amount, f"{second} {MONEY[match[1]][1]}"
    known = second in UNITS and second not in AMBIGUOUS
    amount = decimal(first) or span(first) if known else None
    if amount and not after:
        return amount, _plural(UNITS[second], amount == "one")
    return None


def _counted(number: int, name: str) -> str:
    return f"{cardinal(number)} {_plural(name, number == 1)}"


def _plural(name: str, one: bool) -> str:
    if one or name in UNCHANGED:
        return name
    head, space, rest = name.partition(" ")
    if head in ("square", "cubic", "kilowatt"):
        return f"{head} {_plural(rest, False)}"
    many = {"foot": "feet", "inch": "inches"}.get(head, head + "s")
    return many + space + rest
