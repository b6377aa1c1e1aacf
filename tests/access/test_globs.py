"""Wildcards: right by comparison with a plain definition, and cheap however hostile."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.access import globs


def glob(pattern: str) -> globs.Glob:
    known = globs.fixed(globs.template(pattern, variables=False))
    assert known is not None
    return globs.glob(known)


def by_definition(pattern: str, text: str) -> bool:
    @cache
    def rest(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        if pattern[i] == "*":
            return rest(i + 1, j) or (j < len(text) and rest(i, j + 1))
        return j < len(text) and pattern[i] in ("?", text[j]) and rest(i + 1, j + 1)

    return rest(0, 0)


@given(st.text("ab*?", max_size=10), st.text("ab", max_size=12))
def test_wildcards_mean_what_they_should(pattern: str, text: str) -> None:
    assert glob(pattern)(text) == by_definition(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a?*?a", "aba", False),
        ("a?*?a", "abba", True),
        ("?*b*?", "ab", False),
        ("a?c", "a\nc", True),
        ("*?b*", "\nb", True),
        ("**", "", True),
        ("?", "", False),
        ("", "", True),
        ("", "a", False),
        ("a.c", "abc", False),
        ("[ab]*", "a", False),
    ],
)
def test_edges_of_wildcards(pattern: str, text: str, fits: bool) -> None:
    assert glob(pattern)(text) is fits


@given(st.text(max_size=20))
def test_text_without_wildcards_matches_itself_alone(text: str) -> None:
    plain = text.replace("*", "").replace("?", "")
    assert glob(plain)(plain)
    assert not glob(plain)(plain + "x")


class Counting(str):
    """A text that counts how much of it is searched."""

    searches = 0
    scanned = 0

    def find(self, *args: Any) -> int:
        self.searches += 1
        found = super().find(*args)
        end = args[2] if found < 0 else found + len(args[0])
        self.scanned += end - args[1]
        return found


@pytest.mark.parametrize("stars", [1, 10, 100, 1000])
def test_hostile_wildcards_are_searched_once_over(stars: int) -> None:
    text = Counting("a" * 4000)
    assert not glob("x*" + "a*" * stars + "b")(text)
    assert not glob("a*" * stars + "b*")(text)
    assert not glob("*" + "a*" * stars + "b")(text)
    assert text.searches <= 2 * stars + 3
    assert text.scanned <= 2 * len(text) + 2 * stars


@given(st.text(max_size=30), st.booleans(), st.booleans())
def test_a_template_keeps_all_that_is_no_variable(text: str, variables: bool, wild: bool) -> None:
    parts = globs.template(text, variables=variables, wildcards=wild)
    shown = "".join(part.value if isinstance(part, globs.Wild) else str(part) for part in parts)
    if "${" not in text:
        assert shown == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("${aws:Username}", (globs.Variable("aws:username", None),)),
        ("${aws:Username, 'x'}", (globs.Variable("aws:username", "x"),)),
        ("${a:b,'it''s, $5'}", (globs.Variable("a:b", "it''s, $5"),)),
        ("${a:b, ''}", (globs.Variable("a:b", ""),)),
        ("${ a:b }", (globs.Variable("a:b", None),)),
        ("${*}${?}${$}", ("*", "?", "$")),
        ("${}", ("${}",)),
        ("$a:b}", ("$a:b}",)),
        ("${a:b", ("${a:b",)),
        ("a*${a:b}?", ("a", globs.Wild.ANY, globs.Variable("a:b", None), globs.Wild.ONE)),
    ],
)
def test_templates(text: str, parts: tuple[globs.Part, ...]) -> None:
    assert globs.template(text, variables=True) == parts
