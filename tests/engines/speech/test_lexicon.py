from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.engines.speech import InvalidLexicon, parse_lexicon
from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.reading import read
from inhouse.engines.speech.script import Style

LEXICON = """<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon"
    alphabet="{alphabet}" xml:lang="{language}">{lexemes}</lexicon>"""
W3C = "<lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme>"


def lexicon(lexemes: str = W3C, alphabet: str = "ipa", language: str = "en-US") -> str:
    return LEXICON.format(lexemes=lexemes, alphabet=alphabet, language=language)


def test_lexemes_are_read() -> None:
    found = parse_lexicon(
        lexicon(
            W3C + "<lexeme><grapheme>pecan</grapheme><grapheme>Pecan</grapheme>"
            "<phoneme>pɪˈkɑːn</phoneme></lexeme>"
        )
    )
    assert (found.language, found.alphabet) == ("en-US", "ipa")
    assert found.lexemes[0].alias == "World Wide Web Consortium"
    assert found.lexemes[1].graphemes == ("pecan", "Pecan")
    assert found.lexemes[1].ipa == "pɪˈkɑːn"


def test_x_sampa_becomes_ipa() -> None:
    document = lexicon(
        '<lexeme><grapheme>pecan</grapheme><phoneme>pI"kA:n</phoneme></lexeme>', "x-sampa"
    )
    assert parse_lexicon(document).lexemes[0].ipa == "pɪˈkɑːn"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("no xml", "invalid"),
        ("<lexicon/>", "invalid"),
        (lexicon(""), "invalid"),
        (lexicon("<lexeme><grapheme>x</grapheme></lexeme>"), "invalid"),
        (lexicon("<word>x</word>"), "invalid"),
        (lexicon("<lexeme><grapheme>x</grapheme><phoneme>☃</phoneme></lexeme>"), "invalid"),
        ("<!DOCTYPE lexicon [<!ENTITY x 'y'>]>" + lexicon()[38:], "invalid"),
        (lexicon(alphabet="pinyin"), "alphabet"),
        (lexicon(language="tlh"), "language"),
        (lexicon(W3C * 100), "size"),
        (lexicon(f"<lexeme><grapheme>{'x' * 101}</grapheme><alias>y</alias></lexeme>"),
         "lexeme-too-long"),
        (lexicon(f"<lexeme><grapheme>x</grapheme><alias>{'y' * 101}</alias></lexeme>"),
         "lexeme-too-long"),
    ],
)  # fmt: skip
def test_faults_have_a_kind(document: str, kind: str) -> None:
    with pytest.raises(InvalidLexicon) as caught:
        parse_lexicon(document)
    assert caught.value.kind == kind


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.text().map(lexicon)))
def test_anything_parses_or_is_invalid(document: str | bytes) -> None:
    with suppress(InvalidLexicon):
        assert parse_lexicon(document).lexemes


def test_words_are_replaced_whole_with_case_and_in_their_language() -> None:
    lexicons = Lexicons.parse([lexicon()])
    document = "<speak>W3C w3c W3Cs. <lang xml:lang='de-DE'>W3C</lang></speak>"
    said = [w.said for s in read(document, "ssml", Style("en-US"), lexicons) for w in s.words]
    assert said == ["World Wide Web Consortium", "w3c", "W3Cs", "W3C"]


def test_the_first_lexicon_wins() -> None:
    other = lexicon("<lexeme><grapheme>W3C</grapheme><alias>something else</alias></lexeme>")
    found = Lexicons.parse([lexicon(), other]).find("W3C", "en-US")
    assert found is not None
    assert found.alias == "World Wide Web Consortium"


def test_five_lexicons_are_the_most() -> None:
    Lexicons.parse([lexicon()] * 5)
    with pytest.raises(InvalidLexicon) as caught:
        Lexicons.parse([lexicon()] * 6)
    assert caught.value.kind == "too-many"
