"""Word times: byte offsets in SSML become characters of the text, and they are kept beside the audio."""

from __future__ import annotations

import html
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from inhouse.solutions.narration import deploy
from inhouse.solutions.narration.functions import sentences, words
from inhouse.solutions.narration.functions.document import Document, document
from tests.solutions.narration.conftest import Newsroom
from tests.waiting import until

_PIECES = st.sampled_from(
    ["<p>", "</p>", "<i lang='fr'>", "</i>", "<br>", "&amp;", "&lt;", "AT&T", "é", "“Oui.” ", "Straße",
     " ", "\n", "\u00a0", "Mr. Hide. ", "😀", "“", "”", " – ", "x<y", "'tis", "\"so\"", "- "]
)  # fmt: skip
_SOURCES = st.lists(_PIECES | st.text(max_size=4), max_size=25).map("".join)


def marks(ssml: str) -> bytes:
    """A word mark for each run of characters without white space, as Polly would place it."""
    lines, at, start = [], 0, None
    plain = re.sub(r"<[^>]*>", lambda tag: "\x00" * len(tag[0]), ssml)
    for token in re.findall(r"\x00+|&[a-z]+;|[^\x00]", plain):
        blank = token[0] == "\x00" or token.isspace()
        if not blank and start is None:
            start = at
        if blank and start is not None:
            lines.append((start, at))
            start = None
        at += len(token.encode())
    return "\n".join(
        json.dumps({"time": 10 * n, "type": "word", "start": first, "end": end, "value": ""})
        for n, (first, end) in enumerate(lines)
    ).encode()


def assert_words_are_found(made: Document) -> None:
    said = made.text[made.lead :]
    found = words.timed(marks(made.ssml), made.ssml, said)
    spoken = html.unescape(re.sub(r"<[^>]*>", " ", made.ssml)).split()
    same = [sentences.plain(said[first:end]).strip() for _, first, end in found]
    assert len(found) == len(spoken)
    assert [len(one) for one in same] == [len(one) for one in spoken]
    if not made.lead and said == made.text:
        letters = [re.sub(r"\W", "", one) for one in same]
        assert letters == [re.sub(r"\W", "", one) for one in spoken]
    ends = [end for _, _, end in found]
    assert ends == sorted(ends)
    assert all(0 <= first < end <= len(said) for _, first, end in found)


@given(_SOURCES)
def test_offsets_are_those_of_the_text(source: str) -> None:
    for made in [document(source, "en"), *sentences.documents(source, "en")]:
        assert_words_are_found(made)


def test_escapes_languages_breaks_and_wide_characters() -> None:
    made = document("<p>Q&amp;A: “é” <i lang='fr'>Ça</i></p><p>x&lt;y 😀 end</p>", "en")
    found = words.timed(marks(made.ssml), made.ssml, made.text)
    assert [made.text[first:end] for _, first, end in found] == made.text.split()
    assert found[1][0] == 0.01


def test_marks_beyond_the_text_are_left_out() -> None:
    far = b'{"time":5,"type":"word","start":900,"end":905,"value":"x"}'
    assert words.timed(far, "<speak>One.</speak>", "One.") == []


def kept(newsroom: Newsroom, name: str) -> list[tuple[float, int, int]] | None:
    try:
        answer = newsroom.s3.get_object(
            Bucket=newsroom.deployment.fragments_bucket, Key=words.key(name)
        )
    except newsroom.s3.exceptions.NoSuchKey:
        return None
    return [(at, first, end) for at, first, end in json.load(answer["Body"])]


def awaited(newsroom: Newsroom, name: str) -> list[tuple[float, int, int]]:
    """They are mostly there before the audio, but nothing waits long for them."""
    found: list[tuple[float, int, int]] = until(lambda: kept(newsroom, name), f"words of {name}")
    return found


def test_words_come_with_the_audio(newsroom: Newsroom) -> None:
    newsroom.save("timed", 1, "<p>Zürich &amp; <i lang='fr'>Genève</i> agree.</p>", premium=True)
    manifest = newsroom.narrated("timed", 1)
    for part in [*manifest["parts"], *manifest["teaser"]["parts"]]:
        if not part["characters"]:
            assert kept(newsroom, part["name"]) is None
            continue
        found = awaited(newsroom, part["name"])
        said = [part["text"][first:end] for _, first, end in found]
        assert said == [word.strip(".") for word in part["text"].split() if word != "&"] or (
            said == [word.strip(".") for word in part["text"].split()]
        )
        times = [at for at, _, _ in found]
        assert times == sorted(times)
        assert times[-1] < part["seconds"]
    report = newsroom.report()
    assert report.characters_for_words == report.characters_synthesized
    assert report.money_for_words > 0


def test_words_that_were_not_wanted_are_made_up_for(newsroom: Newsroom) -> None:
    name = newsroom.deployment.name
    deploy(newsroom.session, name, voice="Tone", words=False)
    newsroom.save("later", 1, "One paragraph of it.", "And another one.")
    first = newsroom.narrated("later", 1)
    assert sorted(first["wordless"]) == sorted(part["name"] for part in first["parts"])
    assert newsroom.report().characters_for_words == 0

    deploy(newsroom.session, name, voice="Tone")
    newsroom.save("later", 2, "One paragraph of it.", "And another one.", "A third.")
    second = newsroom.narrated("later", 2)
    assert all(awaited(newsroom, part["name"]) for part in second["parts"])
    newsroom.save("later", 3, "One paragraph of it.")
    assert newsroom.narrated("later", 3)["wordless"] == []


def test_a_part_too_long_for_marks_is_heard_without_words(newsroom: Newsroom) -> None:
    newsroom.save("long", 1, "word " * 601, "Short.")
    manifest = newsroom.narrated("long", 1)
    title, long, short = manifest["parts"]
    assert awaited(newsroom, title["name"])
    assert awaited(newsroom, short["name"])
    assert kept(newsroom, long["name"]) is None
    assert long["name"] not in manifest["wordless"]
