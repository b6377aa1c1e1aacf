"""Written forms to words: 12/25/2024, $5.3m, 3/4, 10:30 and what say-as asks for.

English and German are ours; other languages are left to the voice, which reads plain numbers well.
"""

from inhouse.engines.speech.normalize import de, en
from inhouse.engines.speech.normalize.dates import Date, read_date

__all__ = ["Date", "homograph", "pair", "read_date", "say_as", "word"]


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
            said = en.say_as(written, kind, form)
        case "de":
            said = de.say_as(written, kind, form)
        case _:
            said = " ".join(written) if kind in ("spell-out", "characters", "digits") else None
    return said or written


def homograph(written: str, role: str, language: str) -> str | None:
    """IPA of an English word whose sound depends on its part of speech (the tag w)."""
    if not role or language.partition("-")[0].lower() != "en":
        return None
    return en.HOMOGRAPHS.get((written.lower(), role.removeprefix("amazon:")))


_SYMBOLS = {"&": "&", "%": "%", "+": "+", "=": "=", "€": "€", "$": "$", "£": "£", "@": "@"}
