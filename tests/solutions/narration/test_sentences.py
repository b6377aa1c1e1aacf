"""Where a paragraph is cut into sentences, what is left out of them, and what that saves."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.solutions.narration.functions import lexicons, save, sentences
from inhouse.solutions.narration.functions.config import Config, Reuse
from inhouse.solutions.narration.functions.document import document
from inhouse.solutions.narration.functions.parts import Parts
from tests.conftest import DATA

PAUSE = '<break time="350ms"/></speak>'


def cut(source: str, language: str = "en") -> list[str]:
    return [one.text for one in sentences.documents(source, language)]


def said(source: str, language: str = "en") -> list[str]:
    return [
        one.ssml.removeprefix("<speak>").removesuffix(PAUSE)
        for one in sentences.documents(source, language)
    ]


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("en", "We built it in a day.|It worked at the first try!|Who would have thought so?|Nobody did, really."),
        ("en", "Here is what he said: “I came for two reasons.|Neither of them was money.”"),
        ("en", "(This takes some time.|You only need it once.)|Then it is done."),
        ("en", "“It has made a difference.”|- Greg Boone"),
        ("en", "It costs 3.50 dollars now.|In 2015 it was 2.25 dollars.|The site cloud.gov.au says so."),
        ("en", "We waited for hours…|Nothing came of it at all."),
        ("de", "Er kam am Abend an.|„Ich bin sehr müde“, sagte sie.|Dann war alles still."),
        ("de", "Das war im Jahr 2014.|Der Minister sprach vom Haushalt."),
        ("fr", "Il est venu hier soir !|« Je suis très fatigué. »|Elle ne disait plus rien."),
        ("es", "Llegaron ayer por la noche.|¿Quién lo habría pensado nunca?|¡Nadie lo sabía todavía!"),
        ("hi", "यह एक छोटा वाक्य है।|यह दूसरा छोटा वाक्य है।"),
    ],
)  # fmt: skip
def test_cut_at_the_ends_of_sentences(language: str, source: str) -> None:
    assert cut(source.replace("|", " "), language) == source.split("|")


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("en", "Mr. Smith of the U.S. Treasury met Dr. J. Doe at 5 p.m. Eastern time, e.g. Monday."),
        ("en", "She asked “Are you there? Is it you?” and left."),
        ("en", "He (the mayor. Of Salem.) went on and on."),
        ("en", "He shouted: 'Stop! Go away! Now!' and ran off."),
        ("en", "It goes on ... and on ... and on."),
        ("en", "Go to www.example.com/a.b?c=d! or somewhere else."),
        ("en", "Vitamin C. Elegans is a worm."),
        ("en", "Oh no! Really? Yes."),
        ("en", "1. Know what you want."),
        ("de", "Am 3. Oktober kam Ludwig XIV. Bourbon, z. B. mit Prof. Dr. Maier aus d. h. der Nr. 5."),
        ("de", "Sie rief „Halt! Wer da? Bleib stehen!“ und lief davon."),
        ("fr", "M. Dupont a dit « Viens ici ! Tout de suite ! » et il est parti avec Mme. Dupont."),
        ("en", "He read <i lang='fr'>Il est venu. Elle est partie. Rien ne va.</i> aloud."),
        ("ja", "これは文です。これも文です。"),
    ],
)  # fmt: skip
def test_not_cut(language: str, source: str) -> None:
    assert cut(source, language) == [document(source, language).text]


def test_short_sentences_stay_with_their_neighbours() -> None:
    assert cut("Well done! You have made your first page. Onward!") == [
        "Well done! You have made your first page. Onward!"
    ]
    assert cut("This is the first one. Thank you! And this is the last.") == [
        "This is the first one.",
        "Thank you! And this is the last.",
    ]


def test_silent_edges_are_not_said_and_spelling_is_one() -> None:
    assert said("“I came here for two reasons.") == ["I came here for two reasons."]
    assert said("• It’s “ready” – or so they say.” -") == [
        "It's &quot;ready&quot; — or so they say."
    ]
    assert said("He called it 'ready' to be used.") == said("He called it “ready” to be used.")
    assert said("-5 degrees were measured there.") == ["-5 degrees were measured there."]
    (made,) = sentences.documents("- Greg Boone", "en")
    assert (made.text, made.lead, made.characters) == ("- Greg Boone", 2, 10)


def test_a_sentence_is_the_same_wherever_it_stands() -> None:
    one, two = "This is the first sentence.", "Here comes the second one."
    last = sentences.documents(f"{two} {one}", "en")[1]
    first = sentences.documents(f"{one} {two}", "en")[0]
    assert sentences.documents(one, "en") == [first] == [last]


def test_markup_stays_where_it_is() -> None:
    source = (
        "<p>A first sentence stands here.</p><p>It was a <i lang='fr'>tour de force</i> for all."
        " The rest is<br>history as such.</p>"
    )
    assert cut(source) == [
        "A first sentence stands here.",
        "It was a tour de force for all.",
        "The rest is history as such.",
    ]
    assert said(source)[1:] == [
        'It was a <lang xml:lang="fr-FR">tour de force</lang> for all.',
        'The rest is<break strength="strong"/>history as such.',
    ]


_PIECES = st.sampled_from(
    ["Mr. ", "One two three. ", "“Oh", "” ", "(", ") ", "! ", "... ", "'", '"', "« ", " »", "- ", "<br>",
     "<i lang='fr'>", "</i>", "&amp;", "Yes? ", "9. ", "\u00a0", "é", " – "]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join), st.sampled_from("ed"))
def test_nothing_is_lost(source: str, language: str) -> None:
    whole = document(source, {"e": "en", "d": "de"}[language])
    made = sentences.documents(source, {"e": "en", "d": "de"}[language])
    assert " ".join(one.text for one in made) == whole.text
    for one in made:
        assert any(character.isalnum() for character in one.text)
        spoken = one.text[one.lead : one.lead + one.characters]
        assert len(sentences.plain(spoken)) == one.characters
        silent = one.text[: one.lead] + one.text[one.lead + one.characters :]
        assert not any(character.isalnum() for character in silent)


@pytest.mark.parametrize("piece", ['"', "'a ", "( ", ". - ", "A. ", "“ ", '"" ', "x (y) ", ") "])
def test_hostile_text_takes_one_pass(piece: str) -> None:
    """Quadratic reading of these would take minutes."""
    assert sentences.documents(piece * 30_000 + "the end of it", "de")


def spoken_characters(path: Path, reuse: Reuse) -> tuple[int, int]:
    """What all saves say, and what of it is spoken when nothing is spoken twice."""
    config = Config(
        "n",
        "f",
        "a",
        "q",
        "m",
        "en",
        "Joanna",
        "neural",
        24_000,
        "chime",
        reuse=reuse,
        pause="rest",
    )
    parts = Parts(config, lexicons.NONE, "Joanna", "neural")
    fragments: dict[str, int] = {}
    received = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for _, group in parts.groups(save.parse(line, "en")):
                fragments |= {part.fragment: part.characters for part in group}
                spoken = [part for part in group if part.ssml]
                received += len(" ".join(part.text for part in spoken))
    return received, sum(fragments.values())


SAVES = DATA / "newsroom" / "edits.jsonl.gz"


@pytest.mark.slow
@pytest.mark.skipif(not SAVES.exists(), reason=f"needs {SAVES}; set INHOUSE_TEST_DATA")
def test_sentences_save_two_points_more_of_the_newsroom() -> None:
    received, by_paragraph = spoken_characters(SAVES, "paragraph")
    received_again, by_sentence = spoken_characters(SAVES, "sentence")
    assert received == received_again
    assert (by_paragraph - by_sentence) / received >= 0.02
    assert by_sentence / received < 0.121
