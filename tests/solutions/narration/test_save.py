"""What a save must be, and that a refusal says what would be right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inhouse.solutions.narration.functions.save import Insert, Refused, parse

GOOD: dict[str, Any] = {
    "article_id": "budget-2026",
    "version": 3,
    "language": "en",
    "title": "Budget",
    "teaser": "What it means.",
    "premium": True,
    "paragraphs": ["One.", "<p>Two.</p>"],
    "metadata": {"section": "politics"},
}


def test_a_whole_save() -> None:
    save = parse(json.dumps({**GOOD, "voice": "Amy", "saved_at": "2026-01-01T00:00:00Z"}), "de")
    assert (save.article_id, save.version, save.language) == ("budget-2026", 3, "en")
    assert save.premium
    assert save.paragraphs == ("One.", "<p>Two.</p>")
    assert save.voice == "Amy"


def test_what_may_be_left_out() -> None:
    least = {name: GOOD[name] for name in ("article_id", "version", "title", "paragraphs")}
    save = parse(json.dumps(least), "de")
    assert (save.language, save.teaser, save.premium, save.metadata) == ("de", "", False, {})


def test_inserts_stand_in_order() -> None:
    inserts = [
        {"after": 2, "audio": "s3://sounds/b.mp3"},
        {"after": 0, "audio": "s3://sounds/a b/c.mp3"},
    ]
    save = parse(json.dumps({**GOOD, "inserts": inserts}), "en")
    assert save.inserts == (Insert(0, "sounds", "a b/c.mp3"), Insert(2, "sounds", "b.mp3"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"article_id": None}, "article_id is null"),
        ({"article_id": "a/b"}, "article_id 'a/b' cannot be a key"),
        ({"article_id": "../../x"}, "cannot be a key"),
        ({"article_id": ".hidden"}, "cannot be a key"),
        ({"article_id": "x" * 129}, "1 to 128"),
        ({"version": True}, "version is true"),
        ({"version": 1.5}, "version is 1.5"),
        ({"version": "7"}, 'version is "7"'),
        ({"version": 0}, "version is 0"),
        ({"version": 2**63}, "an integer from 1 to"),
        ({"language": "English!"}, "language is 'English!'"),
        ({"title": 5}, "title is a number"),
        ({"premium": "yes"}, "premium is a text"),
        ({"paragraphs": "One."}, "paragraphs is a text"),
        ({"paragraphs": ["One.", {"text": "x"}]}, "Paragraph 2 is an object"),
        ({"paragraphs": ["x"] * 2001}, "2000 are the most"),
        ({"metadata": []}, "metadata is a list"),
        ({"voice": "Jo anna"}, "voice is"),
        ({"inserts": [{"after": 3, "audio": "s3://bucket/key"}]}, "from 0 to 2"),
        ({"inserts": [{"after": 1, "audio": "http://x/y"}]}, "must be of the form"),
        ({"inserts": [{"after": 1}]}, "must be of the form"),
        ({"premuim": True}, "Unknown field 'premuim'"),
        ({"metadata": {"x": float("nan")}}, "NaN"),
        ({"title": "\ud800"}, "surrogate"),
    ],
)
def test_refusals(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(json.dumps({**GOOD, **changes}), "en")
    assert reason in str(refused.value)


@pytest.mark.parametrize("message", ["", "{", "[]", "7", "null", "[" * 100_000, "1" * 5000])
def test_what_is_no_object(message: str) -> None:
    with pytest.raises(Refused):
        parse(message, "en")


@pytest.mark.parametrize("name", ["article_id", "version", "title", "paragraphs"])
def test_what_may_not_be_left_out(name: str) -> None:
    with pytest.raises(Refused, match=f"{name} is missing"):
        parse(json.dumps({key: value for key, value in GOOD.items() if key != name}), "en")


def test_the_order_of_fields_does_not_matter() -> None:
    backwards = dict(reversed(GOOD.items()))
    assert parse(json.dumps(GOOD), "en").digest == parse(json.dumps(backwards), "en").digest
