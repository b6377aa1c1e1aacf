"""Written forms to words: 12/25/2024, $5.3m, 3/4, 10:30 and what say-as asks for.

English and German are ours; other languages are left to the voice, which reads plain numbers well.
"""

from inhouse.engines.speech.normalize import de, de_agreement, en, en_tables
from inhouse.engines.speech.normalize.dates import Date, read_date
from inhouse.engines.speech.normalize.written import read_telephone

__all__ = ["Date", "agreed", "homograph", "pair", "read_date", "say_as", "word"]


def word(written: str, language: str) -> str | None:
    """How one written word is read; None when it can be read as it stands."""
    match language.partition("-")[0].lower():
        case "en":
            return en.word(written)
        case "de":
            return de.word(written)
        case _:
            return _SYMBOLS.get(written)


def pair(first: str, after: str, second: str, language: str) -> tuple[str, str] | None:
    """How two words in a row are read when one alone doesn't tell; None when it does.

    `after` is the stop between them; it is no stop any more when this returns words.
    """
    match language.partition("-")[0].lower():
        case "en":
            return en.pair(first, after, second)
        case "de":
            return de.pair(first, after, second)
        case _:
            return None


def say_as(written: str, kind: str, form: str | None, language: str) -> str:
    """What say-as with interpret-as=`kind` and format=`form` reads; as written when it can't."""
    match language.partition("-")[0].lower():
        case "en":
            said = en.say_as(written, kind, form, language)
        case "de":
            said = de.say_as(written, kind, form)
        case _:
            said = _elsewhere(written, kind)
    return said or written


def _elsewhere(written: str, kind: str) -> str | None:
    """Signs and figures one by one, which a voice can read in any language."""
    match kind:
        case "spell-out" | "characters":
            return " ".join(written)
        case "digits":
            return " ".join(c for c in written if c.isdecimal())
        case "telephone":
            return ", ".join(" ".join(group) for group in read_telephone(written).groups)
        case _:
            return None


def agreed(before: tuple[str, ...], written: str, said: str, language: str) -> str:
    """What is said for figures, inflected as the words before demand (German ordinals)."""
    figures = any(c.isdecimal() for c in written)
    if figures and language.partition("-")[0].lower() == "de":
        return de_agreement.agreed(before, said)
    return said


def homograph(written: str, role: str, language: str) -> str | None:
    """IPA of an English word whose sound depends on its part of speech (the tag w)."""
    if not role or language.partition("-")[0].lower() != "en":
        return None
    return en_tables.HOMOGRAPHS.get((written.lower(), role.removeprefix("amazon:")))


_SYMBOLS = {"&": "&", "%": "%", "+": "+", "=": "=", "€": "€", "$": "$", "£": "£", "@": "@"}
