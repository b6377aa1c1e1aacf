"""Paragraphs as SSML: nothing unsafe, nothing lost, the same every time."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.solutions.narration.functions.document import PAUSE, document


def said(source: str, language: str = "en-US") -> str:
    ssml = document(source, language).ssml
    return ssml.removeprefix("<speak>").removesuffix(f"{PAUSE}</speak>")


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("Hello  \n world", "Hello world"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("AT&T, x<y and z>w", "AT&amp;T, x&lt;y and z&gt;w"),
        ("Q&amp;A &copy; &#8364; &bogus; &copy", "Q&amp;A © € &amp;bogus; &amp;copy"),
        ("<p>One <b>two</b></p><p>Three</p>", 'One two<break strength="strong"/>Three'),
        ("a<br>b", 'a<break strength="strong"/>b'),
        ("<script>alert('<p>')</script>Hi<style>p{}</style> there", "Hi there"),
        ("<img src=x alt='a > b'>Hi<!-- <b>no</b> --> there", "Hi there"),
        ("&lt;b&gt;shown&lt;/b&gt;", "&lt;b&gt;shown&lt;/b&gt;"),
        ("<my-widget a=1>kept</my-widget>", "kept"),
        ("so\u00adft\u200b e\u0301\x00", "soft é"),
        ('<a href="x" lang="fr">oui</a> yes', '<lang xml:lang="fr-FR">oui</lang> yes'),
        ("<i xml:lang=de-AT>Servus</i>", '<lang xml:lang="de-AT">Servus</lang>'),
        ("<i lang='tlh'>nuqneH</i> x", "nuqneH x"),
        ("<i lang='en'>color</i>", "color"),
        ("<i lang='en-GB'>colour</i>", '<lang xml:lang="en-GB">colour</lang>'),
        ("<p lang=fr>Un <i lang=en>two</i> trois</p>",
         '<lang xml:lang="fr-FR">Un </lang>two<lang xml:lang="fr-FR"> trois</lang>'),
        ("<i data-lang='fr'>oui</i>", "oui"),
        ("<b>unclosed <i>text", "unclosed text"),
        ("</p></div>text", "text"),
    ],
)  # fmt: skip
def test_markup(source: str, body: str) -> None:
    assert said(source) == body


@pytest.mark.parametrize("source", ["", " \n ", "* * *", "<p></p>", "<script>x</script>", "—"])
def test_nothing_to_say(source: str) -> None:
    assert document(source, "en") == document("", "en")
    assert document(source, "en").characters == 0


def test_characters_are_those_of_the_text() -> None:
    made = document("<p>Caf&eacute; <i lang='fr'>noir</i></p>", "en")
    assert made.text == "Café noir"
    assert made.characters == 9


_PIECES = st.sampled_from(
    ["<", ">", "&", '"', "'", "<p>", "</p>", "<i lang='fr'>", "</i>", "<script>", "</script>", "<!--",
     "-->", "<![CDATA[", "]]>", "&amp;", "&#0;", "&#xD800;", "<br/>", "text", " ", "\x00", "\ud800", "é"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_always_well_formed_and_never_more_than_the_text(source: str) -> None:
    made = document(source, "de")
    if made.ssml:
        root = ET.fromstring(made.ssml)
        assert "".join(root.itertext()).replace(" ", "") == made.text.replace(" ", "")
        assert {one.tag for one in root.iter()} <= {"speak", "lang", "break"}
    assert document(source, "de") == made


@pytest.mark.parametrize(
    "piece", ['<a "', "<b>", "</i>", "<!--", "<svg>", "<a b='", "&", "<p lang="]
)
def test_hostile_text_takes_one_pass(piece: str) -> None:
    """Quadratic reading of these would take minutes."""
    assert "<b>" not in document("<b>" * 20_000 + piece * 20_000, "en").ssml
