"""Where sentences and words end. Works on characters, for any language."""

import re
from collections.abc import Iterator

_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sr",
        "jr",
        "st",
        "rev",
        "gen",
        "col",
        "lt",
        "sgt",
        "capt",
        "gov",
        "sen",
        "rep",
        "hon",
        "vs",
        "etc",
        "inc",
        "ltd",
        "co",
        "corp",
        "fig",
        "no",
        "vol",
        "pp",
        "ed",
        "dept",
        "est",
        "approx",
        "a.m",
        "p.m",
        "e.g",
        "i.e",
        "u.s",
        "u.k",
        "u.n",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "mt",
        "ft",
        "z.b",
        "d.h",
        "u.a",
        "usw",
        "bzw",
        "ca",
        "nr",
        "abs",
        "bzgl",
        "evtl",
        "ggf",
        "inkl",
        "str",
        "tel",
        "hrsg",
        "jh",
        "jhd",
        "mio",
        "mrd",
        "u.u",
        "o.ä",
        "s.o",
        "s.u",
        "hr",
        "fr",
        "dipl",
        "ing",
        "vgl",
        "m",
        "me",
        "mme",
        "mlle",
        "sra",
        "sig",
        "dott",
        "av",
    ]
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=[\s\ufffc])|[。！？]+[」』”’）]*|\Z")
_STARTS_LOW = re.compile(r"[\s\ufffc]+[\"'“‘«(\[]*[a-zà-öø-ÿ]")
_WIDE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\ufffc|[{_WIDE}]|[^\s\ufffc{_WIDE}]+")
_OPENING = "\"'“”„‘‚’«»‹›([{<—–-*_~#`¡¿…|「『（【《"
_CLOSING = "\"'“”„‘’«»‹›)]}>—–-*_~`…|」』）】》,;:.!?，；：。！？、"
_STOPS = {",": ",", ";": ";", ":": ":", ".": ".", "!": "!", "?": "?", "…": ",", "—": ",", "–": ",",
          "，": ",", "；": ";", "：": ":", "。": ".", "！": "!", "？": "?", "、": ",", ")": ",",
          "）": ","}  # fmt: skip
_DASH = re.compile(r"—|(?<!\d)–|–(?!\d)|--+|\.\.\.+|…")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")


LONGEST_SENTENCE = 1_000
_LONGEST_WORD = 80


def sentence_ends(text: str) -> Iterator[int]:
    """Where each sentence of one paragraph ends, the paragraph's own end last.

    Text that goes on without an end is cut at a space, so that memory stays bounded.
    """
    start = 0
    for end in _natural_ends(text):
        while end - start > LONGEST_SENTENCE:
            space = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
            start = space + 1 if space >= 0 else start + LONGEST_SENTENCE
            yield start
        if text[start:end].strip() or end == len(text):
            yield end
            start = end


def _natural_ends(text: str) -> Iterator[int]:
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if end < len(text) and not _ends(text, start, match.start(), end):
            continue
        if end > start and text[start:end].strip():
            yield end
            start = end
    if start < len(text):
        yield len(text)


def _ends(text: str, start: int, stop: int, end: int) -> bool:
    mark = text[stop:end]
    if mark[0] in "!?。！？":
        return not _STARTS_LOW.match(text, end) or mark[0] in "。！？"
    before = text[start:stop].split()
    last = before[-1].strip("\"'“”„‘’«»([") if before else ""
    if _STARTS_LOW.match(text, end):
        return False
    if last.lower() in _ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "I"):
        return False
    # "3. Mai": a number with a full stop is an ordinal more often than the end of a sentence
    # only in front of a month, and German months are capitalised.
    if last.isdigit() and len(last) <= 2:
        if len(before) > 1 and before[-2].lower() in _BEFORE_ORDINALS:
            return False
        following = text[end : end + 12].strip().lower()
        return not following.startswith(_MONTHS)
    return True


_BEFORE_ORDINALS = frozenset(
    ["der", "das", "dem", "den", "des", "am", "im", "zum", "zur", "vom", "beim", "jeder", "jede",
     "jedes", "jeden", "jedem", "ihr", "ihre", "ihrem", "ihren", "sein", "seine", "seinem", "seinen",
     "ein", "eine", "einem", "einen", "einer"]
)  # fmt: skip
_MONTHS = (
    "januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september",
    "oktober", "november", "dezember", "jänner", "jahrhundert",
)  # fmt: skip


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Words of a sentence: start, end and the stop that follows ('' or one of , ; : . ! ?).

    A hole (U+FFFC) is a word of its own; what is only punctuation comes as such, for the reader
    to judge.
    """
    found: list[tuple[int, int, str]] = []
    for match in _TOKEN.finditer(text):
        for begin, end in _parts(text, match.start(), match.end()):
            while end - begin > _LONGEST_WORD:
                found.append(_trimmed(text, begin, begin + _LONGEST_WORD))
                begin += _LONGEST_WORD
            piece = text[begin:end]
            if found and all(c in _CLOSING or c in _OPENING for c in piece):
                before = found[-1]
                found[-1] = (before[0], before[1], before[2] or _stop(piece))
                continue
            found.append(_trimmed(text, begin, end))
    yield from (token for token in found if token[1] > token[0])


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts "one—two" in two words, the dash staying with the first."""
    begin = start
    for match in _DASH.finditer(text, start, end):
        if begin < match.start() and match.end() < end:
            yield begin, match.end()
            begin = match.end()
    yield begin, end


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int, str]:
    left, right = begin, end
    while left < right and text[left] in _OPENING and not _signed(text, left, right):
        left += 1
    while right > left and text[right - 1] in _CLOSING:
        right -= 1
    if right < end and text[right] == "." and _INITIALS.fullmatch(text[left:right]):
        rest = text[right + 1 : end]
        if "." in text[left:right] or text[left:right].lower() in _ABBREVIATIONS:
            return left, right + 1, _stop(rest)
    if right < end and text[right] == "." and text[left:right].lower() in _ABBREVIATIONS:
        return left, right, _stop(text[right + 1 : end])
    return left, right, _stop(text[right:end])


def _signed(text: str, left: int, right: int) -> bool:
    """The minus of "-5" and the hash of "#1" belong to the number."""
    return text[left] in "-–#" and left + 1 < right and text[left + 1].isdigit()


def _stop(closing: str) -> str:
    """The one stop that a run of closing punctuation amounts to."""
    stops = [_STOPS[c] for c in closing if c in _STOPS]
    for strongest in ("?", "!", ".", ":", ";", ","):
        if strongest in stops:
            return strongest
    return ""
