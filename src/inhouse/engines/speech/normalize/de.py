"""German: numbers, dates, times, money, units and what say-as reads."""

import re

from inhouse.engines.speech.normalize.dates import Date, read_date
from inhouse.engines.speech.normalize.de_tables import (
    ABBREVIATIONS,
    CHARACTERS,
    FEMININE,
    NEUTER,
    SINGULAR,
    UNIT_WORDS,
    UNITS,
)
from inhouse.engines.speech.normalize.written import (
    cut,
    read_duration,
    read_fraction,
    read_telephone,
)

_ONES = [
    "null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn",
    "neunzehn",
]  # fmt: skip
_TENS = [
    "_", "_", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig",
    "neunzig",
]  # fmt: skip
_SCALES = (("Million", "Millionen"), ("Milliarde", "Milliarden"), ("Billion", "Billionen"))
_DIGITS = dict(zip("0123456789", ["null", "eins", *_ONES[2:10]], strict=True))
_MONTHS = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
]  # fmt: skip
_MONTH_NUMBERS = {name.lower(): i for i, name in enumerate(_MONTHS, 1)}
_MONTH_NUMBERS |= {name[:3].lower(): i for i, name in enumerate(_MONTHS, 1)} | {"jänner": 1}


def cardinal(number: int, ending: str = "s") -> str:
    """Words of a whole number; `ending` follows a final "ein" (eins, ein, eine)."""
    if number < 0:
        return "minus " + cardinal(-number, ending)
    if number >= 10**15:
        return digits(str(number))
    if number == 0:
        return "null"
    words = []
    for power, names in zip((12, 9, 6), reversed(_SCALES), strict=True):
        count, number = divmod(number, 10**power)
        if count:
            words.append("eine " + names[0] if count == 1 else f"{cardinal(count, '')} {names[1]}")
    if number:
        thousands, rest = divmod(number, 1000)
        small = f"{_below_thousand(thousands)}tausend" if thousands else ""
        small += _below_thousand(rest) if rest else ""
        words.append(small + ending if small.endswith("ein") else small)
    return " ".join(words)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = f"{_ONES[hundreds]}hundert" if hundreds else ""
    if rest >= 20:
        ten = _TENS[rest // 10]
        return words + (f"{_ONES[rest % 10]}und{ten}" if rest % 10 else ten)
    return words + (_ONES[rest] if rest else "")


def ordinal(number: int, ending: str = "te") -> str:
    """1 is "erste", 21 is "einundzwanzigste"; with ending "ten", "ersten"."""
    last = number % 100
    irregular = {1: "ers", 3: "drit", 7: "sieb", 8: "ach"}.get(last)
    if irregular:
        return (_stem(number - last) if number > last else "") + irregular + ending
    return _stem(number) + ("" if 0 < last < 20 or not number else "s") + ending


def _stem(number: int) -> str:
    """The cardinal in one word, as ordinals and fractions are built on it: zweimillion."""
    words = cardinal(number, "").replace("eine ", "ein").replace("illionen", "illion")
    return words.replace("illiarden", "illiard").replace(" ", "").lower()


def digits(written: str) -> str:
    return " ".join(_DIGITS[c] for c in written if c in _DIGITS)


def decimal(written: str) -> str | None:
    """Words of "1.234,5" or "-3"; None when it isn't a number."""
    match = re.fullmatch(r"([-−+]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?", written)
    if match is None:
        return None
    sign = {"-": "minus ", "−": "minus ", "+": "plus "}.get(match[1], "")
    said = cardinal(int(match[2].replace(".", "")))
    return sign + said + (f" Komma {digits(match[3])}" if match[3] else "")


def year(number: int) -> str:
    """1984 is "neunzehnhundertvierundachtzig", 2007 is "zweitausendsieben"."""
    century, rest = divmod(number, 100)
    if 1100 <= number <= 1999:
        return f"{cardinal(century)}hundert{cardinal(rest) if rest else ''}"
    return cardinal(number)


def date(when: Date) -> str:
    words = []
    if when.day is not None:
        words.append(ordinal(when.day, "ter"))
    if when.month is not None:
        words.append(_MONTHS[when.month - 1])
    if when.year is not None:
        words.append(year(when.year))
    return " ".join(words)


def clock(written: str) -> str | None:
    """14:30 is "vierzehn Uhr dreißig"; 1'21" is "eine Minute und einundzwanzig Sekunden"."""
    if re.search("['’′\"”″]", written) and (length := read_duration(written)):
        parts = zip(length, ("Minuten", "Sekunden"), strict=True)
        return " und ".join(_counted(count, name) for count, name in parts if count is not None)
    match = re.fullmatch(
        r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2}))?(?:\s*(?:Uhr|h))?", written.strip()
    )
    if match is None or int(match[1]) > 24 or int(match[2] or 0) > 59 or int(match[3] or 0) > 59:
        return None
    said = f"{cardinal(int(match[1]), '')} Uhr"
    if int(match[2] or 0):
        said += f" {cardinal(int(match[2]))}"
    if int(match[3] or 0):
        said += f" und {_counted(int(match[3]), 'Sekunden')}"
    return said


def fraction(written: str) -> str | None:
    """3/20 is "drei Zwanzigstel", 1/2 is "ein halb", 2½ is "zweieinhalb"."""
    found = read_fraction(written)
    if found is None:
        return None
    over, under = found.over, found.under
    if (over, under) == (1, 2) and found.whole:
        return f"{_stem(found.whole)}einhalb"
    if under == 2:
        said = f"{cardinal(over, '')} {'halb' if over == 1 else 'halbe'}"
    else:
        said = f"{cardinal(over, '')} {_part(under)}"
    return f"{cardinal(found.whole)} und {said}" if found.whole is not None else said


def _part(under: int) -> str:
    """The name of a part: Drittel, Zwanzigstel, Hundertstel, Hunderteintel."""
    if under == 1:
        return "Eintel"
    last = under % 100
    name = _stem(under - last) + "eintel" if last == 1 else ordinal(under, "tel")
    if under in (100, 1000):
        name = name.removeprefix("ein")
    return name[0].upper() + name[1:]


_UNIT = re.compile(
    r"([-−+]?)((?:\d[\d.]*(?:,\d+)?)|(?:[\d+ ]*\d+[/⁄]\d+)|(?:\d*[¼½¾⅓⅔⅛⅜⅝⅞]))\s*([^\d\s.,]+)"
)


def unit(written: str) -> str | None:
    """5km is "fünf Kilometer"; money is a unit too: "3,50 €" is "drei Euro fünfzig"."""
    name = _unit_name(written.strip())
    if name is not None:
        return name
    match = _UNIT.fullmatch(written.strip())
    name = _unit_name(match[3]) if match else None
    if match is None or name is None:
        return None
    sign = {"-": "minus ", "−": "minus ", "+": "plus "}.get(match[1], "")
    if match[3] in "€$£" and (price := re.fullmatch(r"(\d[\d.]*),(\d\d)", match[2])):
        return sign + _price(int(price[1].replace(".", "")), int(price[2]), name)
    if said := fraction(match[2]):
        return sign + _parts_of(match[2], said, name)
    amount = decimal(match[2])
    if amount == "eins":
        return sign + _counted(1, name)
    return f"{sign}{amount} {name}" if amount else None


def _price(whole: int, cents: int, name: str) -> str:
    small = "Pence" if name == "Pfund" else "Cent"
    if not whole and cents:
        return f"{cardinal(cents, '')} {small if cents > 1 or small == 'Cent' else 'Penny'}"
    return f"{cardinal(whole, '')} {name}" + (f" {cardinal(cents)}" if cents else "")


def _parts_of(written: str, said: str, name: str) -> str:
    """Halves agree with what is halved: eine halbe Stunde, ein halber Liter, eineinhalb Liter."""
    if said == "ein halb":
        ending = "e" if name in FEMININE else "es" if name in NEUTER else "er"
        article = "eine" if name in FEMININE else "ein"
        return f"{article} halb{ending} {SINGULAR.get(name, name)}"
    found = read_fraction(written)
    if found and name == "Stunden" and found.whole is None and found.under == 4:
        return f"eine {'V' if found.over == 1 else cardinal(found.over).title() + 'v'}iertelstunde"
    if found and found.whole is None and found.over == 1:
        name = SINGULAR.get(name, name)
    return f"{said if said.endswith('halb') else said.lower()} {name}"


def _unit_name(written: str) -> str | None:
    """The plural of a unit, given as a symbol or as a word."""
    if written in UNITS:
        return UNITS[written]
    word = written.lower()
    names = [*UNITS.values(), *UNIT_WORDS.values()]
    return UNIT_WORDS.get(word) or next(
        (name for name in names if word in (name.lower(), SINGULAR.get(name, "").lower())), None
    )


def _counted(number: int, name: str) -> str:
    """A whole number of units, with the article that a single one has."""
    if number == 1:
        return f"{'eine' if name in FEMININE else 'ein'} {SINGULAR.get(name, name)}"
    return f"{cardinal(number)} {name}"


def telephone(written: str) -> str:
    """Figure by figure in groups; a number in one piece in pairs from the end, as it is dictated."""
    number = read_telephone(written)
    groups = number.groups
    if len(groups) == 1 and len(groups[0]) > 4:
        first = 3 if len(groups[0]) % 2 else 2
        groups = cut(groups[0], first, *[2] * ((len(groups[0]) - first) // 2))
    said = ("plus " if number.international else "") + ", ".join(map(digits, groups))
    return said + (f", Durchwahl {digits(number.extension)}" if number.extension else "")


def address(written: str) -> str:
    """Straße and Platz in full; a postal code figure by figure."""
    text = re.sub(r"(?<=\w)str\.(?=\s|,|$)", "straße", written)
    text = re.sub(r"\bStr\.(?=\s|,|$)", "Straße", text)
    text = re.sub(r"(?<=\w)pl\.(?=\s|,|$)", "platz", text)
    text = re.sub(r"\bPl\.(?=\s|,|$)", "Platz", text)
    text = re.sub(r"\b\d{5}\b", lambda code: digits(code[0]), text)
    return re.sub(
        r"\b(\d{1,4})\s?([a-z]?)\b",
        lambda house: f"{cardinal(int(house[1]))} {house[2]}".strip(),
        text,
    )


def characters(written: str) -> str:
    names = {c: w for c, w in ABBREVIATIONS.items() if len(c) == 1} | CHARACTERS | _DIGITS
    return " ".join(names.get(c.lower(), c.upper()) for c in written if not c.isspace())


def say_as(written: str, kind: str, form: str | None) -> str | None:
    """What say-as reads; None when `written` isn't of that kind."""
    text = written.strip()
    match kind:
        case "spell-out" | "characters":
            return characters(text)
        case "cardinal" | "number":
            return decimal(text.replace(" ", "")) or fraction(text)
        case "ordinal":
            number = re.fullmatch(r"(\d{1,14})\.?", text)
            return ordinal(int(number[1])) if number else None
        case "digits":
            return digits(text)
        case "fraction":
            return fraction(text)
        case "unit":
            return unit(text)
        case "date":
            when = read_date(text, form, "dmy", _MONTH_NUMBERS)
            return date(when) if when else None
        case "time":
            return clock(text)
        case "address":
            return address(text)
        case "telephone":
            return telephone(text)
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
    if re.fullmatch(r"1[1-9]\d\d", written):
        return year(int(written))
    if match := re.fullmatch(r"(1[1-9]\d0|20\d0|[2-9]0)er", written):
        return year(int(match[1])) + "er"
    if re.fullmatch(r"\d{1,2}:\d\d(?::\d\d)?", written):
        return clock(written)
    if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d\d-\d\d", written):
        return say_as(written, "date", None)
    if match := re.fullmatch(r"([-−]?)([$€£])([\d.,]+)", written):
        return unit(match[1] + match[3] + match[2])
    if said := span(written):
        return said
    if re.fullmatch(r"\d/\d{1,2}|\d*[¼½¾⅓⅔⅛⅜⅝⅞]", written):
        return fraction(written)
    if written[-1].isdecimal() or written[-1] in _SYMBOLS or written[0] in "-−+":
        return unit(written) or (decimal(written) if len(written) < 24 else None)
    match = re.fullmatch(r"([\d.,]+)(\D+)", written)
    return unit(written) if match and match[2] in UNITS else None


_SYMBOLS = frozenset("€$£%°")


def span(written: str) -> str | None:
    """10–12 is "zehn bis zwölf"."""
    match = re.fullmatch(r"(\d{1,4})[–-](\d{1,4})", written)
    if match is None:
        return None
    return " bis ".join(word(figures) or cardinal(int(figures)) for figures in match.groups())


def pair(first: str, after: str, second: str) -> tuple[str, str] | None:
    """How two words in a row are read when it takes both to know: "3. Mai", "14:30 Uhr"."""
    if after == "." and re.fullmatch(r"\d{1,2}", first) and second[:1].isupper():
        return ordinal(int(first), "ten" if second.lower() in _MONTH_NUMBERS else "te"), second
    if after:
        return None
    if second == "Uhr" and (said := clock(first)):
        hour, _, rest = said.partition(" ")
        return hour, rest
    if second in ("Mio", "Mrd", *_LARGE):
        amount = decimal(first)
        name = {"Mio": "Millionen", "Mrd": "Milliarden"}.get(second, second)
        if amount == "eins":
            return "eine", SINGULAR.get(name, name)
        return (amount, name) if amount else None
    if second in UNITS and (range_said := span(first)):
        return range_said, UNITS[second]
    said = unit(first + second) if second in UNITS else None
    if said:
        amount, _, name = said.partition(" ")
        return amount, name
    return None


_LARGE = ("Million", "Millionen", "Milliarde", "Milliarden")
