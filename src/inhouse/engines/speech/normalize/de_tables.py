"""German words behind abbreviations and units, and how units are inflected."""

ABBREVIATIONS = {
    "z.B.": "zum Beispiel", "d.h.": "das heißt", "u.a.": "unter anderem", "usw": "und so weiter",
    "bzw": "beziehungsweise", "ca": "circa", "Nr": "Nummer", "Dr": "Doktor", "Prof": "Professor",
    "Hr": "Herr", "Fr": "Frau", "St": "Sankt", "Str": "Straße", "vgl": "vergleiche", "Abs": "Absatz",
    "evtl": "eventuell", "ggf": "gegebenenfalls", "inkl": "inklusive", "Mio": "Millionen",
    "Mrd": "Milliarden", "Tel": "Telefon", "&": "und", "%": "Prozent", "+": "plus", "=": "gleich",
    "@": "ät", "§": "Paragraf", "°": "Grad", "€": "Euro", "$": "Dollar", "£": "Pfund", "×": "mal",
}  # fmt: skip
UNITS = {
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
UNIT_WORDS = {
    "zoll": "Zoll", "fuß": "Fuß", "meile": "Meilen", "pfund": "Pfund", "grad": "Grad",
    "tag": "Tage", "woche": "Wochen", "monat": "Monate", "jahr": "Jahre", "cent": "Cent",
    "prozent": "Prozent", "euro": "Euro",
}  # fmt: skip
SINGULAR = {
    "Stunden": "Stunde", "Minuten": "Minute", "Sekunden": "Sekunde", "Tonnen": "Tonne",
    "Millisekunden": "Millisekunde", "Kilowattstunden": "Kilowattstunde", "Meilen": "Meile",
    "Wochen": "Woche", "Tage": "Tag", "Monate": "Monat", "Jahre": "Jahr",
    "Millionen": "Million", "Milliarden": "Milliarde",
}  # fmt: skip
FEMININE = frozenset(
    ["Stunden", "Minuten", "Sekunden", "Millisekunden", "Tonnen", "Kilowattstunden", "Meilen",
     "Wochen", "Millionen", "Milliarden"]
)  # fmt: skip
NEUTER = frozenset(
    ["Kilogramm", "Gramm", "Milligramm", "Pfund", "Prozent", "Kilowatt", "Megawatt", "Watt",
     "Volt", "Hertz", "Kilohertz", "Megahertz", "Gigahertz", "Kilobyte", "Megabyte", "Gigabyte",
     "Terabyte", "Dezibel", "Jahre"]
)  # fmt: skip
CHARACTERS = {
    ".": "Punkt", "-": "Strich", "/": "Schrägstrich", "_": "Unterstrich", ",": "Komma",
    ":": "Doppelpunkt", ";": "Semikolon", "!": "Ausrufezeichen", "?": "Fragezeichen",
    "*": "Stern", "#": "Raute", "(": "Klammer auf", ")": "Klammer zu", "'": "Apostroph",
    "’": "Apostroph", "ß": "Eszett", "y": "Ypsilon", "–": "Strich",
}  # fmt: skip
