"""A paragraph, plain or HTML, as one SSML document.

Text is kept, `lang` attributes become `<lang>`, block boundaries become breaks, and all other
markup is dropped: what only draws or runs (scripts, styles, pictures) goes with its content. What
merely looks like markup (`x<y`, `AT&T`) is text. The same paragraph always gives the same document,
whatever the version of Python, since its hash decides whether it is synthesized again.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from xml.sax.saxutils import escape

from . import languages

PAUSE = '<break time="600ms"/>'
"""After every part, so that joined parts do not run into each other."""

_BLOCK_BREAK = '<break strength="strong"/>'


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _words(
    "address article aside blockquote br center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre search"
    " section summary table tbody td tfoot th thead tr ul"
)
_DROPPED = _words(
    "applet audio canvas embed frame frameset head iframe map math noembed noframes noscript object"
    " picture script select style svg template textarea title video"
)
_INLINE = _words(
    "a abbr acronym area b base basefont bdi bdo big body button caption cite code col colgroup data"
    " datalist del dfn em font html i img input ins kbd label link mark marquee meta meter nobr"
    " optgroup option output param progress q rp rt ruby s samp slot small source span strike strong"
    " sub sup time track tt u var wbr"
)
_VOID = _words(
    "area base basefont br col embed frame hr img input link meta param source track wbr"
)
_TAGS = _BLOCKS | _DROPPED | _INLINE

# No quoted value may hold "<": scanning from one "<" ends at the next, so hostile text costs one pass.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][A-Za-z/][^<>]*>"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)"
    r"(?P<rest>(?:[\s/](?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)?)>",
    re.DOTALL,
)
_LANG = re.compile(r"(?:^|\s)(?:xml:)?lang\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SILENT = re.compile("[\u00ad\u200b\u2060\ufeff]")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = re.compile(r"\s+")
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Document:
    """`ssml` for Polly, `text` for people. Nothing to say when `text` is empty.

    `characters` is what Polly bills: those of the text, tags not counted. What is said begins at
    the text's character `lead`.
    """

    ssml: str
    text: str
    characters: int
    lead: int = 0


NOTHING = Document("", "", 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one `language` (None: the article's), where it stands in the paragraph's text.

    White space is collapsed already. `broken`: a block boundary comes before it.
    """

    text: str
    language: str | None
    broken: bool
    start: int


@dataclass(slots=True)
class _Run:
    language: str | None
    text: str
    block: int


def document(source: str, language: str) -> Document:
    """The SSML document of one part; `language` is that of the article around it."""
    text, found = pieces(source, language)
    return composed(text, found, PAUSE) if text else NOTHING


def composed(text: str, found: list[Piece], pause: str, said: slice | None = None) -> Document:
    """The document that says these pieces and ends with `pause`.

    `text` is what people read, and `said` the part of it that the pieces are; None: all.
    """
    body = "".join(_marked(piece) for piece in found).rstrip()
    said = said or slice(0, len(text))
    ssml = f"<speak>{body}{pause}</speak>"
    return Document(ssml, text, said.stop - said.start, said.start)


def pieces(source: str, language: str) -> tuple[str, list[Piece]]:
    """A part's text and the pieces it is made of; both empty when there is nothing to say."""
    text = ""
    found: list[Piece] = []
    block: int | None = None
    for run in _runs(source, language):
        said = _SPACE.sub(" ", run.text)
        if not text or text.endswith(" "):
            said = said.lstrip()
        if not said:
            continue
        broken = block is not None and run.block != block and bool(said.strip())
        if broken:
            text = text.rstrip() + " "
            said = said.lstrip()
        if said.strip():
            block = run.block
        found.append(Piece(said, run.language, broken, len(text)))
        text += said
    text = text.strip()
    return (text, found) if any(character.isalnum() for character in text) else ("", [])


def _marked(piece: Piece) -> str:
    said = escape(piece.text, {'"': "&quot;"})
    if piece.language and piece.text.strip():
        said = f'<lang xml:lang="{piece.language}">{said}</lang>'
    return _BLOCK_BREAK + said if piece.broken else said


def _runs(source: str, language: str) -> list[_Run]:
    """Pieces of text with their language (None: the article's) and the block they stand in."""
    runs: list[_Run] = []
    around = languages.code(language)
    open_tags: list[tuple[str, str | None]] = []
    block = at = 0
    while at < len(source):
        match = _TOKEN.search(source, at)
        end = match.start() if match else len(source)
        _add(runs, source[at:end], open_tags[-1][1] if open_tags else None, block)
        if match is None:
            break
        at = match.end()
        name = (match["name"] or "").casefold()
        if not name:
            continue
        if name not in _TAGS and "-" not in name:
            _add(runs, match[0], open_tags[-1][1] if open_tags else None, block)
            continue
        if name in _DROPPED and not match["close"]:
            at = _after(source, name, at, match["rest"])
            continue
        block += name in _BLOCKS
        _nest(open_tags, name, match, around)
    return runs


def _nest(
    open_tags: list[tuple[str, str | None]], name: str, match: re.Match[str], around: str | None
) -> None:
    if match["close"]:
        depth = max((i for i, tag in enumerate(open_tags) if tag[0] == name), default=None)
        if depth is not None:
            del open_tags[depth:]
    elif name not in _VOID and not match["rest"].endswith("/") and len(open_tags) < _DEEPEST:
        inherited = open_tags[-1][1] if open_tags else None
        open_tags.append((name, _language(match["rest"], around, inherited)))


def _language(attributes: str, around: str | None, inherited: str | None) -> str | None:
    match = _LANG.search(attributes)
    if match is None:
        return inherited
    tag = html.unescape(match[1] or match[2] or match[3] or "").strip()
    wanted = languages.code(tag) if languages.is_tag(tag) else None
    if wanted is None or wanted == around:
        return None
    # "en" inside an "en-GB" article asks for no other accent.
    same = around is not None and tag.casefold() == around.split("-")[0].casefold()
    return None if same else wanted


def _after(source: str, name: str, at: int, rest: str) -> int:
    """Where the content of an element that is dropped whole ends."""
    if name in _VOID or rest.endswith("/"):
        return at
    closing = re.compile(rf"</{re.escape(name)}[^<>]*>", re.IGNORECASE).search(source, at)
    return closing.end() if closing else len(source)


def _add(runs: list[_Run], raw: str, language: str | None, block: int) -> None:
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), raw)
    text = unicodedata.normalize("NFC", _SILENT.sub("", text))
    text = _ILLEGAL.sub("", text)
    if not text:
        return
    if runs and (runs[-1].language, runs[-1].block) == (language, block):
        runs[-1].text += text
    else:
        runs.append(_Run(language, text, block))
