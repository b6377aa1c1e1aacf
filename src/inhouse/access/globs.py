"""Wildcards and policy variables.

A template is a string of a policy cut into literal text, `*`, `?` and variables. What a variable
stands for is always literal: a user who is named `*` matches nothing but `*`.

Matching never backtracks. A pattern is cut at its `*`; each piece is looked for once, from where
the one before it ended, so `a*a*a*a*b` costs one pass over the text however hostile the text is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inhouse.access.request import Asked


class Wild(Enum):
    ANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key, 'default'}`; the key in lower case."""

    key: str
    default: str | None


Part = str | Wild | Variable
Fixed = str | Wild
Glob = Callable[[str], bool]

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")


def template(text: str, *, variables: bool, wildcards: bool = True) -> tuple[Part, ...]:
    """The parts of a policy string.

    `variables` is false in documents of version 2008-10-17, where `${…}` is plain text;
    `wildcards` is false where `*` and `?` are plain, as in StringEquals.
    """
    parts: list[Part] = []
    if not variables:
        _cut(text, parts, wildcards)
        return tuple(parts)
    end = 0
    for found in _VARIABLE.finditer(text):
        name = found[1].strip()
        if not name:
            continue
        _cut(text[end : found.start()], parts, wildcards)
        end = found.end()
        parts.append(name if name in ("*", "?", "$") else _variable(name))
    _cut(text[end:], parts, wildcards)
    return tuple(parts)


def _variable(name: str) -> Variable:
    key, comma, default = (each.strip() for each in name.partition(","))
    if comma and len(default) >= 2 and default[0] == default[-1] == "'":
        return Variable(key.lower(), default[1:-1])
    return Variable(name.lower(), None)


def _cut(text: str, parts: list[Part], wildcards: bool) -> None:
    if not wildcards:
        if text:
            parts.append(text)
        return
    for piece in re.split(r"([*?])", text):
        if piece == "*":
            parts.append(Wild.ANY)
        elif piece == "?":
            parts.append(Wild.ONE)
        elif piece:
            parts.append(piece)


def keys_of(text: str) -> tuple[str, ...]:
    """The condition keys that the variables of a policy string read, as they are spelled."""
    names = (found.strip() for found in _VARIABLE.findall(text))
    return tuple(name.split(",")[0].strip() for name in names if name not in ("", "*", "?", "$"))


def fixed(parts: Sequence[Part]) -> tuple[Fixed, ...] | None:
    """The template itself if it has no variables."""
    plain = tuple(part for part in parts if not isinstance(part, Variable))
    return plain if len(plain) == len(parts) else None


def resolve(parts: Sequence[Part], asked: Asked) -> tuple[Fixed, ...] | None:
    """The template with its variables filled in; None if one has neither value nor default."""
    filled: list[Fixed] = []
    for part in parts:
        if isinstance(part, Variable):
            value = asked.scalar(part.key)
            if value is None:
                value = part.default
            if value is None:
                return None
            filled.append(value)
        else:
            filled.append(part)
    return tuple(filled)


def literal(parts: Sequence[Fixed]) -> str | None:
    """The text of parts that have no wildcard."""
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def glob(parts: Sequence[Fixed]) -> Glob:
    """A function that tells whether a text matches from its first to its last character."""
    pieces: list[list[Fixed]] = [[]]
    for part in parts:
        if part is Wild.ANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    if len(pieces) == 1:
        return _whole(pieces[0])
    inner = [piece for piece in pieces[1:-1] if piece]
    first, last = literal(pieces[0]), literal(pieces[-1])
    if first is None or last is None or inner:
        return _general(pieces[0], inner, pieces[-1])
    if not last:
        return (lambda _: True) if not first else (lambda text: text.startswith(first))
    if not first:
        return lambda text: text.endswith(last)
    least = len(first) + len(last)
    return lambda text: len(text) >= least and text.startswith(first) and text.endswith(last)


def _whole(piece: list[Fixed]) -> Glob:
    exact = literal(piece)
    if exact is not None:
        return lambda text: text == exact
    expression = _expression(piece)
    return lambda text: expression.fullmatch(text) is not None


def _expression(piece: list[Fixed]) -> re.Pattern[str]:
    # Only literals and single dots: of fixed width, so nothing in it can backtrack.
    return re.compile(
        "".join("." if part is Wild.ONE else re.escape(str(part)) for part in piece), re.DOTALL
    )


def _width(piece: list[Fixed]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for part in piece)


_Finder = Callable[[str, int, int], int]
"""(text, start, end) -> where the piece begins, or -1."""


def _finder(piece: list[Fixed]) -> _Finder:
    exact = literal(piece)
    if exact is not None:
        return lambda text, start, end: text.find(exact, start, end)
    expression = _expression(piece)

    def find(text: str, start: int, end: int) -> int:
        found = expression.search(text, start, end)
        return found.start() if found else -1

    return find


def _general(first: list[Fixed], inner: list[list[Fixed]], last: list[Fixed]) -> Glob:
    head, tail = _width(first), _width(last)
    begins, ends = _expression(first), _expression(last)
    finders = tuple((_finder(piece), _width(piece)) for piece in inner)
    least = head + tail + sum(width for _, width in finders)

    def matches(text: str) -> bool:
        size = len(text)
        if size < least or not begins.match(text) or not ends.match(text, size - tail):
            return False
        at, end = head, size - tail
        for find, width in finders:
            at = find(text, at, end)
            if at < 0:
                return False
            at += width
        return True

    return matches
