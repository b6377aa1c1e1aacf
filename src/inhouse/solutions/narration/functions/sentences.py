"""A paragraph cut into sentences where the cut cannot be heard, each a document of its own.

A cut that is missing costs a few characters, one too many is heard: so whatever might be an
abbreviation, an ordinal or a quotation inside a sentence is left whole. Where a cut is made, speech
engines end a sentence and start the next one anew, which is why the parts join without a trace;
tests/solutions/narration/test_seams.py measures it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from . import languages
from .document import Document, Piece, composed, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAUSE_MS = 350
"""Between two sentences of a paragraph, and after every sentence."""
PARAGRAPH_PAUSE_MS = 600
"""After a paragraph: the rest of it is a silence of its own, so that a sentence sounds the same
whether others follow or not."""
FEWEST_WORDS = 3
"""A sentence with fewer stays with its neighbour: alone it would be said like a call."""

_PAUSE = f'<break time="{PAUSE_MS}ms"/>'

_SHORTENED = (
    "abb abs adm al anm approx apt art asst assn aufl ave av avda bd bdo bgm biol bldg blvd bros bsp"
    " bspw bzgl bzw ca cap capt cdr cf cfr ch chap cie cit cmdr co col corp cpl dept dgl dipl dir"
    " doc dott dr dra ebd ed eds eig em engl entspr esq est et etc etw evtl excmo exp ext fa fam fig"
    " figs fn fr frhr ft gal gb geb gen gest gez ggf ggfs gov gr hl hon hptm hr hrn hrsg hss hwy ing"
    " inc inkl insb insp inst intl jan feb mar apr jun jul aug sep sept oct nov dec jh jhd jr jt kap"
    " kath kg km lat lic lfd lt ltd ltda m ma maj max me messrs mgr mio min misc mlle mlles mm mme"
    " mmes mr mrd mrs ms msgr mt mtg mtn nat nb nbr no nos nr nrn obs od op orig oz p pag par"
    " pf pfd pg phil pkt pl pp prof prov ps pt pts pvt qm rd red ref reg rep resp rev sa sel sen seq"
    " sgt sig sog sr sra sras sres srta ss st std ste stes stk str subj supt tab tel theol tit tsd u"
    " univ usf usw v var verf verl vers vgl viz vol vols vs wg wiss yd zit ztr zus zw zz"
)
"""Words of English, German, French, Spanish, Italian and Dutch that end in a full stop."""
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_ORDINALS = frozenset(
    ["cs", "da", "de", "et", "fi", "hr", "hu", "is", "lv", "nb", "pl", "sk", "sl", "tr"]
)
"""Languages that write 3rd as "3."."""

_CLOSERS = "\"'’”“»›)\\]}"
_END = re.compile(rf"[.!?…।؟]+(?:\s?[»›]|[{_CLOSERS}])*(?=\s)")
_OPENERS = "\"'“”„‘‚’«»‹›([{¿¡*_•·—–-"
_ROMAN = re.compile(r"[IVXLC]+")
_BYLINE = re.compile(r"(?:-{1,3}|[—–])\s*[^\W\d_]")
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "„": "“", "«": "»", "‘": "’", '"': '"', "'": "'"}
_MARK = re.compile("[" + re.escape("".join({**_PAIRS, **{v: v for v in _PAIRS.values()}})) + "]")
_DEEPEST = 10
_NEAR = 40
"""Characters looked at on either side, so that hostile text costs one pass."""

_SAME = str.maketrans("’‘“”\u00a0", "''\"\" ")
_SPACED_DASH = re.compile(r"(?<=\s)–(?=\s)")
_ELISION = r"(?:em|til|tis|twas|twere|cause|bout|round|n)\b"
_SINGLE_QUOTED = re.compile(
    rf"(?<![^\s\"(])'(?=[^\s\d])(?!{_ELISION})((?:[^']|(?<=\w)'(?=\w)){{1,400}})'(?!\w)", re.I
)
_QUOTES = '"“”„«»'
_HEAD = r"\s•·—–]|\*\s|-{1,3}(?=\s))+"
_HEADS = (re.compile(rf"(?:[{_QUOTES}{_HEAD}"), re.compile(rf"(?:[{_HEAD}"))
_TAIL = r"(?:\s+[\"“”»•·*—–-]+)*\s*\Z"
_TAILS = (
    re.compile(rf"(?<=[.!?…])[{_QUOTES}]*{_TAIL}"),
    re.compile(rf"(?<=[.!?…{_QUOTES}]){_TAIL}"),
)


class _Span(NamedTuple):
    """Characters that belong together: no cut after `start` and before `end`."""

    start: int
    end: int


def documents(
    source: str,
    language: str,
    verbatim: Callable[[str], bool] = lambda _: False,
    whole: bool = False,
) -> list[Document]:
    """The sentences of a paragraph in order; their texts joined with one space are its text.

    Spelling that no voice can tell from another (curly quotes, dashes between spaces) is made the
    same, and what stands silent at the edges is left out, but not in sentences that are `verbatim`.
    `whole`: it is not cut.
    """
    text, found = pieces(source, language)
    if not text:
        return []
    starts = [0] if whole else [0, *cuts(text, found, language)]
    made = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        shown = text[start:end].rstrip()
        exact = verbatim(shown)
        said = slice(0, len(shown)) if exact else audible(plain(shown))
        parts = list(_between(found, start + said.start, start + said.stop))
        if not exact:
            parts = [replace(part, text=plain(part.text)) for part in parts]
        made.append(composed(shown, parts, _PAUSE, said))
    return made


def _between(found: list[Piece], start: int, end: int) -> Iterator[Piece]:
    first = True
    for piece in found:
        text = piece.text[max(0, start - piece.start) : max(0, end - piece.start)]
        if text.strip() or (text and not first):
            # A sentence that begins with a block comes after a pause as it is.
            yield replace(piece, text=text, broken=piece.broken and not first)
            first = False


def audible(sentence: str) -> slice:
    """A sentence without what stands silent at its edges: bullets, dashes, quotes opened or closed
    in another sentence or around all of it."""
    everything = slice(0, len(sentence))
    for head in _HEADS:
        begin = match.end() if (match := head.match(sentence)) else 0
        for tail in _TAILS:
            near = max(begin, len(sentence) - _NEAR)
            end = match.start() if (match := tail.search(sentence, near)) else len(sentence)
            if sum(sentence.count(quote, begin, end) for quote in _QUOTES) % 2 == 0:
                return slice(begin, end)
            everything = slice(begin, end)
    return everything


def plain(text: str) -> str:
    """A sentence spelled the one way for all that sound the same; as long as it was."""
    return _SINGLE_QUOTED.sub(r'"\1"', _SPACED_DASH.sub("—", text.translate(_SAME)))


def cuts(text: str, found: list[Piece], language: str) -> list[int]:
    """Where the sentences after the first begin in a paragraph's text."""
    foreign = (_Span(p.start, p.start + len(p.text.rstrip())) for p in found if p.language)
    solid = list(_apart([*_enclosed(text), *foreign]))
    primary = languages.primary(language)
    ends = []
    for match in _END.finditer(text):
        following = match.end() + 1
        span = bisect_left(solid, (following, 0)) - 1
        inside = span >= 0 and following <= solid[span].end
        if not inside and _ends(text, match, primary):
            ends.append(following)
    return list(_long_enough(text, ends))


def _apart(spans: list[_Span]) -> Iterator[_Span]:
    """The same characters in order, none twice."""
    last: _Span | None = None
    for span in sorted(spans):
        if last and span.start < last.end:
            last = _Span(last.start, max(last.end, span.end))
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def _long_enough(text: str, ends: list[int]) -> Iterator[int]:
    """Those of the cuts that leave no sentence too short to stand alone."""
    start = at = words = 0
    for end in [*ends, len(text)]:
        words += sum(any(c.isalnum() for c in word) for word in text[at:end].split())
        at = end
        byline = start > 0 and words > 1 and _BYLINE.match(text, start)
        if words >= FEWEST_WORDS or byline:
            if start:
                yield start
            start, words = end, 0


def _ends(text: str, match: re.Match[str], language: str) -> bool:
    """Whether a sentence ends with this punctuation."""
    following = text[match.end() : match.end() + _NEAR].lstrip(_OPENERS + " ")
    if not following or following[0].islower():
        return False
    mark, before = match[0], text[max(0, match.start() - _NEAR) : match.start()]
    if mark[0] != ".":
        return True
    if mark.startswith(".."):
        return not before.endswith(" ")
    word = before[before.rfind(" ") + 1 :].strip(_OPENERS + _CLOSERS)
    letter = re.split(r"[.-]", word)[-1]
    if len(letter) == 1 and letter.isalpha() and word != "I":
        return False  # U.S., e.g., z. B., an initial
    if word.rpartition("-")[2].casefold() in _ABBREVIATIONS:
        return False
    ordinal = (word.isdigit() and len(word) <= 3) or _ROMAN.fullmatch(word)
    return not (ordinal and language in _ORDINALS)


def _enclosed(text: str) -> Iterator[_Span]:
    """Brackets and quotations that are part of a sentence, not made of whole ones."""
    open_pairs: list[tuple[str, int]] = []
    for mark in _MARK.finditer(text):
        character, at = mark[0], mark.start()
        depth = max((i for i, pair in enumerate(open_pairs) if pair[0] == character), default=None)
        if depth is not None and _closes(text, at):
            start = open_pairs[depth][1]
            del open_pairs[depth:]
            if not _whole(text, start, at):
                yield _Span(start, at)
        elif character in _PAIRS and _opens(text, at):
            open_pairs = [*open_pairs[-_DEEPEST:], (_PAIRS[character], at)]


def _closes(text: str, at: int) -> bool:
    if text[at] in ")]}»":
        return True
    return not text[at - 1].isspace() and not text[at + 1 : at + 2].isalnum()


def _opens(text: str, at: int) -> bool:
    if text[at] in "([{«":
        return True
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] in "'‘" and after.isdigit():
        return False
    return bool(after.strip()) and (not before.strip() or before in _OPENERS)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether what is enclosed begins where a sentence begins and ends where one ends."""
    edges = _OPENERS + _CLOSERS + " "
    before = text[max(0, start - _NEAR) : start].rstrip(edges)
    inside = text[max(start + 1, end - _NEAR) : end].rstrip(edges)
    after = text[end + 1 : end + 3].lstrip()
    if before and before[-1] not in ".!?…:":
        return False
    ended = inside[-1:] in (".", "!", "?", "…") or after[:1] in (".", "!", "?")
    return ended and not after[:1].islower() and after[:1] not in (",", ";")
