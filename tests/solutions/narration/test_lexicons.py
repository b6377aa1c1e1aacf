"""Lexicons change only the fragments that contain their words, from the next save on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inhouse.solutions.narration import deploy
from inhouse.solutions.narration.functions import lexicons
from inhouse.solutions.narration.functions.lexicons import Lexicons, Unreadable
from tests.solutions.narration.conftest import Newsroom

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><lexicon version="1.0" alphabet="ipa"'
    ' xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" xml:lang="en-US">'
)


def pls(**aliases: str) -> str:
    lexemes = "".join(
        f"<lexeme><grapheme>{word}</grapheme><alias>{alias}</alias></lexeme>"
        for word, alias in aliases.items()
    )
    return f"{HEAD}{lexemes}</lexicon>"


def test_only_the_lexemes_of_its_words_concern_a_text() -> None:
    before = Lexicons({"names": pls(W3C="World Wide Web Consortium")})
    after = Lexicons({"names": pls(W3C="World Wide Web Consortium", GSA="General Services")})
    assert before.of("The W3C, in short.") == after.of("The W3C, in short.") != {}
    assert before.of("The GSA here.") == {}
    assert set(after.of("The GSA here.")) == {"names"}
    other = Lexicons({"names": pls(W3C="The Consortium")})
    assert other.of("The W3C, in short.") != before.of("The W3C, in short.")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("“Zoe”!", True),
        ("Zoe's", True),
        ("zoe", False),
        ("Zoeken", False),
        ("aZoe", False),
        ("Zoe-Ann", True),
        ("", False),
    ],
)
def test_whole_words(text: str, found: bool) -> None:
    assert bool(Lexicons({"a": pls(Zoe="zo ee")}).of(text)) is found


def test_several_words_and_scripts_without_spaces() -> None:
    known = Lexicons({"a": f"{HEAD}<lexeme><grapheme>g3t  sm4rt</grapheme><alias>get smart</alias>"
                           "</lexeme><lexeme><grapheme>東京</grapheme><alias>x</alias></lexeme>"
                           "</lexicon>"})  # fmt: skip
    assert known.of("You g3t sm4rt here.")
    assert known.of("私は東京にいます")
    assert not known.of("You g3t it.")


def test_a_spelling_with_a_curly_apostrophe_is_kept() -> None:
    known = Lexicons({"a": pls(**{"D’Or": "dor"})})
    assert known.verbatim("The D’Or prize.")
    assert not known.verbatim("A prize.")


@pytest.mark.parametrize(
    "content",
    ["", "<", '<!DOCTYPE x [<!ENTITY a "b">]>' + pls(a="b"), "\ud800", "\x00"],
)
def test_what_is_no_lexicon(content: str) -> None:
    with pytest.raises(Unreadable):
        lexicons.lexemes(content)


@pytest.fixture
def spelled(newsroom: Newsroom) -> Iterator[Newsroom]:
    """A newsroom that uses the lexicon `Names`, which it has not put yet."""
    polly = newsroom.session.client("polly")
    polly.put_lexicon(Name="Names", Content=pls(Zoe="zo ee"))
    deploy(newsroom.session, newsroom.deployment.name, voice="Tone", lexicons=["Names"])
    yield newsroom
    polly.delete_lexicon(Name="Names")


def names(manifest: dict[str, Any]) -> list[str]:
    return [part["name"] for part in manifest["parts"]]


def test_a_new_word_is_spoken_anew_where_it_stands(spelled: Newsroom) -> None:
    polly = spelled.session.client("polly")
    paragraphs = ("Zoe met Yves here.", "Nobody else was there.", "Only Yves remembers it.")
    spelled.save("cast", 1, *paragraphs)
    first = names(spelled.narrated("cast", 1))
    before = spelled.report().fragments

    polly.put_lexicon(Name="Names", Content=pls(Zoe="zo ee", Yves="eve"))
    spelled.save("cast", 2, *paragraphs)
    second = names(spelled.narrated("cast", 2))
    assert [one == other for one, other in zip(first, second, strict=True)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert spelled.report().fragments == before + 2
    assert spelled.narrated("cast", 2)["parts"][1]["seconds"] > 0

    polly.put_lexicon(Name="Names", Content=pls(Zoe="zo ee"))
    spelled.save("cast", 3, *paragraphs)
    assert names(spelled.narrated("cast", 3)) == first
    assert spelled.report().fragments == before + 2


def test_deploy_names_what_does_not_fit(newsroom: Newsroom) -> None:
    name = newsroom.deployment.name
    with pytest.raises(ValueError, match="lexicon 'Nowhere' is not there"):
        deploy(newsroom.session, name, voice="Tone", lexicons=["Nowhere"])
    with pytest.raises(ValueError, match="lexicons are 6"):
        deploy(newsroom.session, name, voice="Tone", lexicons=list("abcdef"))
    with pytest.raises(ValueError, match="reuse is 'word'"):
        deploy(newsroom.session, name, voice="Tone", reuse="word")  # type: ignore[arg-type]


def test_a_lexicon_that_is_gone_refuses_saves_by_name(spelled: Newsroom) -> None:
    polly = spelled.session.client("polly")
    polly.delete_lexicon(Name="Names")
    spelled.save("lost", 1, "Zoe was here.")
    (letter,) = spelled.letters(1)
    reason = letter["MessageAttributes"]["reason"]["StringValue"]
    assert "lexicon Names is gone" in reason
    polly.put_lexicon(Name="Names", Content=pls(Zoe="zo ee"))
    spelled.save("lost", 1, "Zoe was here.")
    spelled.narrated("lost", 1)
