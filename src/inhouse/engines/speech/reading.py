"""From text or SSML to a script: which words are said, in which style, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inhouse.engines.speech import normalize, phonemes
from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.requests import TextType
from inhouse.engines.speech.script import (
    PARAGRAPH_GAP_MS,
    SENTENCE_GAP_MS,
    Breath,
    Item,
    Pause,
    Point,
    Sentence,
    Style,
    Word,
)
from inhouse.engines.speech.sentences import sentence_ends, tokens
from inhouse.engines.speech.ssml import Element, Text, parse
from inhouse.engines.speech.styling import breathed, paused_ms, styled

_BLANK_LINES = re.compile(r"\r?\n[^\S\n]*\r?\n\s*|\Z")
HOLE = "\ufffc"
"""Stands in the text for a thing that isn't characters: a pause, a mark, a finished word."""


@dataclass(frozen=True, slots=True)
class _Removed:
    """A break of no length: takes away the pause that would be there."""


_Thing = Item | _Removed


@dataclass(slots=True)
class _Character:
    value: str
    start: int
    end: int
    style: Style
    thing: _Thing | None = None


def read(text: str, text_type: TextType, style: Style, lexicons: Lexicons) -> Iterator[Sentence]:
    """The sentences of a request, one at a time. Raises InvalidSsml before the first."""
    reader = _Reader(lexicons)
    if text_type == "ssml":
        return reader.document(parse(text), style)
    return reader.plain(text, style)


class _Reader:
    """Collects the characters of one block (a paragraph, a sentence tag) and cuts it up."""

    def __init__(self, lexicons: Lexicons) -> None:
        self._lexicons = lexicons
        self._block: list[_Character] = []
        self._unbreathed = 0

    def document(self, root: Element, style: Style) -> Iterator[Sentence]:
        yield from self._node(root, style)
        yield from self._flush(PARAGRAPH_GAP_MS)

    def plain(self, text: str, style: Style) -> Iterator[Sentence]:
        """Blank lines end a paragraph in plain text, as the tag p does in SSML."""
        at = begin = 0
        for match in _BLANK_LINES.finditer(text):
            paragraph = text[begin : match.end()]
            end = at + len(paragraph.encode())
            self._text(Text(paragraph, at, end), style)
            yield from self._flush(PARAGRAPH_GAP_MS)
            at, begin = end, match.end()

    def _node(self, node: Element | Text, style: Style) -> Iterator[Sentence]:
        if isinstance(node, Text):
            self._text(node, style)
            return
        match node.tag:
            case "p" | "s":
                gap = PARAGRAPH_GAP_MS if node.tag == "p" else SENTENCE_GAP_MS
                yield from self._flush(SENTENCE_GAP_MS if node.tag == "s" else PARAGRAPH_GAP_MS)
                yield from self._children(node, styled(node, style))
                yield from self._flush(gap)
            case (
                "speak" | "lang" | "prosody" | "emphasis" | "amazon:effect" | "amazon:auto-breaths"
            ):
                yield from self._children(node, styled(node, style))
            case "break":
                before = "".join(character.value for character in self._block[-20:])
                ms = paused_ms(node, before)
                self._put(node, style, Pause(ms) if ms else _Removed())
            case "amazon:breath":
                self._put(node, style, breathed(node))
            case "mark":
                self._put(node, style, Point(node.attributes["name"], node.start, node.end))
            case _:
                word = _word(node, style)
                if word is not None:
                    self._put(node, style, word)

    def _children(self, node: Element, style: Style) -> Iterator[Sentence]:
        for child in node.children:
            yield from self._node(child, style)

    def _put(self, node: Element, style: Style, thing: _Thing) -> None:
        self._block.append(_Character(HOLE, node.start, node.end, style, thing))

    def _text(self, node: Text, style: Style) -> None:
        value = node.value.replace(HOLE, " ")
        at = node.start
        for character in value:
            end = node.end if len(value) == 1 else at + len(character.encode())
            self._block.append(_Character(character, at, end, style))
            at = end

    def _flush(self, gap: int) -> Iterator[Sentence]:
        block, self._block = self._block, []
        text = "".join(character.value for character in block)
        start = 0
        for stop in sentence_ends(text):
            end = _with_removals(block, stop)
            last = not text[end:].strip()
            sentence = self._sentence(block[start:end], text[start:end], gap if last else None)
            if sentence is not None:
                yield sentence
            start = end

    def _sentence(self, block: list[_Character], text: str, gap: int | None) -> Sentence | None:
        items: list[Item] = []
        removed = False
        for begin, end, after in tokens(text):
            first, last = block[begin], block[end - 1]
            thing = first.thing
            removed = isinstance(thing, _Removed)
            if removed:
                _soften(items)
            elif thing is not None and not isinstance(thing, _Removed):
                items.append(replace(thing, after=after) if isinstance(thing, Word) else thing)
            else:
                self._say(items, text[begin:end], first, last, after, begin)
        if not items:
            return None
        _read_pairs(items)
        items = list(self._breathing(items))
        block = _without_edges(block)
        written = "".join(
            c.thing.written if isinstance(c.thing, Word) else c.value.replace(HOLE, "")
            for c in block
        )
        pause = SENTENCE_GAP_MS if gap is None else gap
        return Sentence(
            written=" ".join(written.split()),
            start=block[0].start,
            end=block[-1].end,
            items=tuple(items),
            gap=0 if removed else pause,
        )

    def _breathing(self, items: list[Item]) -> Iterator[Item]:
        """The items with breaths where the style has the voice take them: at stops."""
        stopped = True
        for item in items:
            if isinstance(item, Breath):
                self._unbreathed = 0
            if isinstance(item, Word):
                breathing = item.style.breathing
                if breathing and stopped and self._unbreathed >= breathing.words:
                    yield Breath(breathing.ms, breathing.decibels)
                    self._unbreathed = 0
                self._unbreathed += 1
                stopped = bool(item.after)
            yield item

    def _say(
        self, items: list[Item], written: str, first: _Character, last: _Character,
        after: str, begin: int,
    ) -> None:  # fmt: skip
        style = first.style
        if (
            not any(c.isalnum() for c in written)
            and normalize.word(written, style.language) is None
        ):
            _punctuate(items, after or ",")
            return
        lexeme = self._lexicons.find(written, style.language)
        said = lexeme.alias if lexeme and lexeme.alias else normalize.word(written, style.language)
        previous = items[-1] if items else None
        items.append(
            Word(
                written=written,
                start=first.start,
                end=last.end,
                said=said or written,
                style=style,
                ipa=lexeme.ipa if lexeme else None,
                after=after,
                glued=begin > 0 and isinstance(previous, Word) and previous.end == first.start,
            )
        )


def _with_removals(block: list[_Character], end: int) -> int:
    """The end of a sentence moved behind the empty breaks that follow it and take its gap away."""
    at = end
    while at < len(block) and (isinstance(block[at].thing, _Removed) or block[at].value.isspace()):
        at += 1
        if isinstance(block[at - 1].thing, _Removed):
            end = at
    return end


def _read_pairs(items: list[Item]) -> None:
    """ "$5 million" and "am 3. Mai" take several words to be understood."""
    for index, first in enumerate(items):
        if not isinstance(first, Word) or first.ipa:
            continue
        language = first.style.language
        second = items[index + 1] if index + 1 < len(items) else None
        if isinstance(second, Word) and second.style.language == language:
            said = normalize.pair(first.written, first.after, second.written, language)
            if said:
                first = replace(first, said=said[0], after="")
                items[index + 1] = replace(second, said=said[1])
        before = tuple(
            item.written for item in items[max(0, index - 2) : index] if isinstance(item, Word)
        )
        said_so = normalize.agreed(before, first.written, first.said, language)
        items[index] = replace(first, said=said_so)


def _without_edges(block: list[_Character]) -> list[_Character]:
    """The characters from the first to the last that can be seen; all when there are none."""

    def visible(character: _Character) -> bool:
        return isinstance(character.thing, Word) or (
            character.thing is None and not character.value.isspace()
        )

    shown = [index for index, character in enumerate(block) if visible(character)]
    return block[shown[0] : shown[-1] + 1] if shown else block


def _punctuate(items: list[Item], mark: str) -> None:
    """A dash between spaces is a comma to the ear."""
    if items and isinstance(items[-1], Word) and not items[-1].after:
        items[-1] = replace(items[-1], after=mark)


def _soften(items: list[Item]) -> None:
    if items and isinstance(items[-1], Word):
        items[-1] = replace(items[-1], after="")


def _word(node: Element, style: Style) -> Word | None:
    """The one word that say-as, sub, phoneme and w stand for; its mark covers the text inside."""
    written = " ".join(node.text.split())
    texts = [text for text in node.texts() if text.value.strip()]
    if not written and node.tag != "sub":
        return None
    start = texts[0].start if texts else node.start
    end = texts[-1].end if texts else node.end
    if texts:
        start += len(texts[0].value) - len(texts[0].value.lstrip())
        end -= len(texts[-1].value) - len(texts[-1].value.rstrip())
    word = Word(written, start, end, written, style)
    attributes = node.attributes
    match node.tag:
        case "sub":
            return replace(word, said=attributes["alias"])
        case "phoneme":
            alphabet = attributes.get("alphabet", "ipa")
            spelled = attributes["ph"]
            return replace(word, ipa=phonemes.ipa(spelled, alphabet))
        case "say-as":
            kind = attributes["interpret-as"]
            said = normalize.say_as(written, kind, attributes.get("format"), style.language)
            return replace(word, said=said, bleep=kind == "expletive")
        case _:
            said = normalize.word(written, style.language) or written
            ipa = normalize.homograph(written, attributes.get("role", ""), style.language)
            return replace(word, said=said, ipa=ipa)
