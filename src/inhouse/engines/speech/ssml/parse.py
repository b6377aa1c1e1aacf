"""SSML bytes to a checked document, with the place of every character in the input."""

import re
from typing import NoReturn
from xml.parsers import expat

from inhouse.engines.speech.errors import InvalidSsml
from inhouse.engines.speech.phonemes import unknown
from inhouse.engines.speech.ssml.document import NO_ATTRIBUTES, Element, Node, Text
from inhouse.engines.speech.ssml.rules import (
    LONGEST_TIMED,
    NEEDS_ONE,
    REFUSED,
    REFUSED_ATTRIBUTES,
    RULES,
    Rule,
)

DEEPEST = 50
LONGEST_ATTRIBUTE = 2_000
LONGEST_DOCUMENT = 4 << 20

_DURATION = "amazon:max-duration"
_REFERENCE = re.compile(rb"&[^;\s<&\]]{1,32};")
_LEVELS = {
    "blocks": ("block", "sentence", "inline"),
    "sentences": ("sentence", "inline"),
    "inline": ("inline",),
}


def parse(document: str | bytes) -> Element:
    """The `speak` element of an SSML document.

    Byte offsets count in UTF-8. Raises InvalidSsml, and nothing else, for anything that isn't
    a well-formed document of known tags with right values. Document types are refused, so no
    entity can be declared and nothing is ever fetched.
    """
    return _Reader(_utf8(document)).read()


def _utf8(document: str | bytes) -> bytes:
    try:
        encoded = document.encode() if isinstance(document, str) else document
        encoded.decode()
    except UnicodeError:
        raise InvalidSsml("the text isn't valid UTF-8") from None
    if len(encoded) > LONGEST_DOCUMENT:
        raise InvalidSsml(f"the document is longer than {LONGEST_DOCUMENT} bytes")
    return encoded


class _Open:
    """An element whose end hasn't been seen."""

    __slots__ = ("attributes", "children", "column", "line", "rule", "start", "tag")

    def __init__(
        self, tag: str, attributes: dict[str, str], rule: Rule, place: tuple[int, int, int]
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.rule = rule
        self.start, self.line, self.column = place
        self.children: list[Node] = []


class _Reader:
    """One pass of expat over one document."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self._open: list[_Open] = []
        self._root: Element | None = None
        self._text_start = -1
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    def read(self) -> Element:
        try:
            self._parser.Parse(self._document, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code) or "not well-formed"
            raise InvalidSsml(reason, error.lineno, error.offset + 1) from None
        except ValueError as error:  # an encoding declaration that expat can't follow
            raise InvalidSsml(f"unreadable XML: {error}") from None
        if self._root is None:
            raise InvalidSsml("the document holds no <speak> element")
        return self._root

    def _refuse(self, reason: str) -> NoReturn:
        parser = self._parser
        raise InvalidSsml(reason, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def _doctype(self, *_: object) -> None:
        self._refuse("document type declarations aren't allowed")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            self._refuse(f"tags are nested deeper than {DEEPEST}")
        if tag in REFUSED:
            self._refuse(REFUSED[tag])
        rule = RULES.get(tag)
        if rule is None:
            self._refuse(f"<{_short(tag)}> isn't a supported tag")
        self._check_place(tag, rule)
        self._check_attributes(tag, attributes, rule)
        parser = self._parser
        place = (parser.CurrentByteIndex, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        self._open.append(_Open(tag, attributes, rule, place))

    def _check_place(self, tag: str, rule: Rule) -> None:
        if not self._open:
            if tag != "speak":
                self._refuse(f"the document must start with <speak>, not <{tag}>")
            return
        parent = self._open[-1]
        if tag == "speak":
            self._refuse("<speak> may only be the outermost tag")
        if parent.rule.content == "empty":
            self._refuse(f"<{parent.tag}> must be empty")
        if parent.rule.content == "text":
            self._refuse(f"<{parent.tag}> may hold only text, not <{tag}>")
        if rule.level not in _LEVELS[parent.rule.content]:
            self._refuse(f"<{tag}> isn't allowed inside <{parent.tag}>")
        # A transparent tag such as prosody may hold sentences only where its own parent may.
        outer = next((o for o in reversed(self._open) if o.tag in ("p", "s", "emphasis")), None)
        if outer is not None and rule.level not in _LEVELS[outer.rule.content]:
            self._refuse(f"<{tag}> isn't allowed inside <{outer.tag}>")

    def _check_attributes(self, tag: str, attributes: dict[str, str], rule: Rule) -> None:
        for name, value in attributes.items():
            if (tag, name) in REFUSED_ATTRIBUTES:
                self._refuse(f"{name}: {REFUSED_ATTRIBUTES[tag, name]}")
            check = rule.attributes.get(name)
            if check is None:
                self._refuse(f"<{tag}> has no attribute {_short(name)!r}")
            if len(value) > LONGEST_ATTRIBUTE:
                self._refuse(f"{name} is longer than {LONGEST_ATTRIBUTE} characters")
            right = check(value)
            if right is not None:
                self._refuse(f"{name}={_short(value)!r} on <{tag}> must be {right}")
        for name in rule.required:
            if name not in attributes:
                self._refuse(f"<{tag}> needs the attribute {name!r}")
        if tag == "phoneme" and (
            strange := unknown(attributes["ph"], attributes.get("alphabet", "ipa"))
        ):
            self._refuse(f"{strange!r} in ph isn't a symbol of the phonetic alphabet")
        if tag in NEEDS_ONE and not attributes:
            self._refuse(f"<{tag}> needs at least one of {NEEDS_ONE[tag]}")
        if _DURATION in attributes and any(_DURATION in o.attributes for o in self._open):
            self._refuse(f"a tag with {_DURATION} can't stand inside another")

    def _end(self, tag: str) -> None:
        done = self._open.pop()
        at = self._parser.CurrentByteIndex
        closing = self._document.startswith(b"</", at)
        element = Element(
            tag=done.tag,
            attributes=done.attributes or NO_ATTRIBUTES,
            children=tuple(done.children),
            start=done.start,
            end=self._document.index(b">", at) + 1 if closing else at,
            line=done.line,
            column=done.column,
        )
        if _DURATION in done.attributes and len(element.text) > LONGEST_TIMED:
            self._refuse(f"{_DURATION} is for at most {LONGEST_TIMED} characters of text")
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element

    def _characters(self, value: str) -> None:
        parent = self._open[-1]
        if parent.rule.content == "empty" and value.strip():
            self._refuse(f"<{parent.tag}> must be empty")
        start = self._parser.CurrentByteIndex
        parent.children.append(Text(value, start, start + self._width(value, start)))

    def _width(self, value: str, start: int) -> int:
        """Bytes that `value` takes up in the input: entities and line ends are wider than they read."""
        if len(value) == 1 and (reference := _REFERENCE.match(self._document, start)):
            return reference.end() - start
        if value == "\n" and self._document[start : start + 2] == b"\r\n":
            return 2
        return len(value.encode())


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:37] + "..."
