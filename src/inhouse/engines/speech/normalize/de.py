"""German: numbers, dates, times, money, units and what say-as reads."""

import re

from inhouse.engines.speech.normalize.dates import Date, read_date

_ONES = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
]
_TENS = [
    "_",
    "_",
    "zwanzig",
    "dreißig",
    "vierzig",
    "fünfzig",
    "sechzig",
    "siebzig",
    "achtzig",
    "neunzig",
]
_SCALES = (("Million", "Millionen"), ("Milliarde", "Milliarden"), ("Billion", "Billionen"))
_DIGITS = dict(zip("0123456789", ["null", "eins", *_ONES[2:10]], strict=True))
_MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
_MONTH_NUMBERS = {name.lower(): i for i, name in enumerate(_MONTHS, 1)}
_MONTH_NUMBERS |= {name[:3].lower(): i for i, name in enumerate(_MONTHS, 1)} | {"jänner": 1}
_ABBREVIATIONS = {
    "z.B.": "zum Beispiel", "d.h.": "das heißt", "u.a.": "unter anderem", "usw": "und so weiter",
    "bzw": "beziehungsweise", "ca": "circa", "Nr": "Nummer", "Dr": "Doktor", "Prof": "Professor",
    "Hr": "Herr", "Fr": "Frau", "St": "Sankt", "Str": "Straße", "vgl": "vergleiche", "Abs": "Absatz",
    "evtl": "eventuell", "ggf": "gegebenenfalls", "inkl": "inklusive", "Mio": "Millionen",
    "Mrd": "Milliarden", "Tel": "Telefon", "&": "und", "%": "Prozent", "+": "plus", "=": "gleich",
    "@": "ät", "§": "Paragraf", "°": "Grad", "€": "Euro", "$": "Dollar", "£": "Pfund", "×": "mal",
}  # fmt: skip
_UNITS = {
    "km": "Kilometer", "m": "Meter", "cm": "Zentimeter", "mm": "Millimeter", "kg": "Kilogramm",
    "g": "Gramm", "mg": "Milligramm", "t": "Tonnen", "l": "Liter", "ml": "Milliliter",
    "h": "Stunden", "min": "Minuten", "s": "Sekunden", "ms": "Millisekunden",
    "km/h": "Kilometer pro Stunde", "kW": "Kilowatt", "MW": "Megawatt", "kWh": "Kilowattstunden",
    "W": "Watt", "V": "Volt", "Hz": "Hertz", "kHz": "Kilohertz", "MHz": "Megahertz",
    "GHz": "Gigahertz", "KB": "Kilobyte", "MB": "Megabyte", "GB": "Gigabyte", "TB": "Terabyte",
    "°C": "Grad Celsius", "°F": "Grad Fahrenheit", "°": "Grad", "m²": "Quadratmeter",
    "km²": "Quadratkilometer", "m³": "Kubikmeter", "%": "Prozent", "ha": "Hektar", "€": "Euro",
    "$": "Dollar", "£": "Pfund", "dB": "Dezibel",
}  # fmt: skip
_SINGULAR = {"Stunden": "Stunde", "Minuten": "Minute", "Sekunden": "Sekunde", "Tonnen": "Tonne"}
_FEMININE = set(_SINGULAR)


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
        return (cardinal(number - last, "") if number > last else "") + irregular + ending
    return cardinal(number, "") + ("" if 0 < last < 20 else "s") + ending


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
    """14:30 is "vierzehn Uhr dreißig"."""
    match = re.fullmatch(
        r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2}))?(?:\s*(?:Uhr|h))?", written.strip()
    )
    if match is None or int(match[1]) > 24 or int(match[2] or 0) > 59 or int(match[3] or 0) > 59:
        return None
    said = f"{cardinal(int(match[1]), '')} Uhr"
    if int(match[2] or 0):
        said += f" {cardinal(int(match[2]))}"
    if int(match[3] or 0):
        said += f" und {cardinal(int(match[3]), 'e')} Sekunden"
    return said


def fraction(written: str) -> str | None:
    """3/20 is "drei Zwanzigstel", 1/2 is "ein halb"."""
    match = re.fullmatch(r"(?:(\d+)\s*[+ ]\s*)?(\d+)\s*[/⁄]\s*(\d+)", written.strip())
    if match is None or int(match[3]) == 0:
        return None
    over, under = int(match[2]), int(match[3])
    name = "halb" if under == 2 else "Eintel" if under == 1 else ordinal(under, "tel")
    said = f"{cardinal(over, '')} {name[:1].upper() + name[1:] if under != 2 else name}"
    return f"{cardinal(int(match[1]))} und {said}" if match[1] else said


def unit(written: str) -> str | None:
    """5km is "fünf Kilometer"; money is a unit too: "3,50 €" is "drei Euro fünfzig"."""
    match = re.fullmatch(r"([-−+]?\d[\d.]*(?:,\d+)?)\s*([^\d\s.,]+)", written.strip())
    if match is None or match[2] not in _UNITS:
        return None
    name = _UNITS[match[2]]
    if match[2] in "€$£" and (price := re.fullmatch(r"(\d[\d.]*),(\d\d)", match[1])):
        cents = f" {cardinal(int(price[2]))}" if int(price[2]) else ""
        return f"{cardinal(int(price[1].replace('.', '')), '')} {name}{cents}"
    amount = decimal(match[1])
    if amount == "eins":
        return f"{'eine' if name in _FEMININE else 'ein'} {_SINGULAR.get(name, name)}"
    return f"{amount} {name}" if amount else None


def telephone(written: str) -> str:
    plus = "plus " if written.strip().startswith("+") else ""
    return plus + ", ".join(digits(group) for group in re.findall(r"\d+", written))


def characters(written: str) -> str:
    names = {".": "Punkt", "-": "Strich", "/": "Schrägstrich", "_": "Unterstrich"}
    names |= {c: w for c, w in _ABBREVIATIONS.items() if len(c) == 1} | _DIGITS
    return " ".join(names.get(c, c.upper()) for c in written if not c.isspace())


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
            return re.sub(r"(?<=\w)str\.(?=\s|$)", "straße", text)
        case "telephone":
            return telephone(text)
        case _:
            return None


def word(written: str) -> str | None:
    """How one written word is read; None when it can be read as it stands."""
    if written in _ABBREVIATIONS:
        return _ABBREVIATIONS[written]
    if not any(c.isdecimal() for c in written) or len(written) > 30:
        return None
    if re.fullmatch(r"0\d+", written):
        return digits(written)
    if re.fullmatch(r"1[1-9]\d\d", written):
        return year(int(written))
    if match := re.fullmatch(r"(1[1-9]\d0|20\d0)er", written):
        return year(int(match[1])) + "er"
    if re.fullmatch(r"\d{1,2}:\d\d", written):
        return clock(written)
    if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d\d-\d\d", written):
        return say_as(written, "date", None)
    if match := re.fullmatch(r"([$€£])([\d.,]+)", written):
        return unit(match[2] + match[1])
    return unit(written) or (decimal(written) if len(written) < 24 else None)


def pair(first: str, after: str, second: str) -> tuple[str, str] | None:
    """How two words in a row are read when it takes both to know: "3. Mai"."""
    if after == "." and re.fullmatch(r"\d{1,2}", first) and second[:1].isupper():
        return ordinal(int(first), "ten" if second.lower() in _MONTH_NUMBERS else "te"), second
    said = unit(first + second) if second in _UNITS and not after else None
    if said:
        amount, _, name = said.partition(" ")
        return amount, name
    return None
