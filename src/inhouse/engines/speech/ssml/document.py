"""The SSML document as a small immutable tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """Characters, and the bytes `start` to `end` of the input that they came from.

    One node is either plain characters (as many bytes as its UTF-8) or one entity reference.
    """

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Element:
    """A tag whose attributes have been checked; `start` and `end` are bytes of the input."""

    tag: str
    attributes: Mapping[str, str]
    children: "tuple[Element | Text, ...]"
    start: int
    end: int
    line: int
    column: int

    def texts(self) -> Iterator[Text]:
        """All text below, in reading order."""
        pending: list[Element | Text] = [self]
        while pending:
            node = pending.pop()
            if isinstance(node, Text):
                yield node
            else:
                pending.extend(reversed(node.children))

    @property
    def text(self) -> str:
        return "".join(part.value for part in self.texts())


Node = Element | Text
