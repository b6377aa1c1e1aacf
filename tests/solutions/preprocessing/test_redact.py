"""Redaction: what has a form is found wherever it stands, and documents stay what they are."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inhouse.solutions.preprocessing.functions.failures import Refusal, Unsuitable
from inhouse.solutions.preprocessing.functions.findings import luhn, redacted
from inhouse.solutions.preprocessing.functions.redact import transform
from tests.solutions.preprocessing.making import source, whole

ALL = ("names", "numbers", "addresses", "emails", "cards")
VISA, AMEX = "4111111111111111", "378282246310005"


def made(text: str | bytes, key: str = "", content_type: str = "", **options: Any) -> str:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return whole(transform(source(data, key, content_type), options)).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jane.doe+news@mail.example.co.uk, please", "write to [EMAIL], please"),
        ("an @ sign and user@localhost stay", "an @ sign and user@localhost stay"),
        (f"card {VISA}.", "card [CARD]."),
        ("4111 1111-1111 1111 and 3782 822463 10005", "[CARD] and [CARD]"),
        ("order 12 4111 1111 1111 1111 7", "order 12 [CARD] 7"),
        ("4111111111111112 fails its check", "[NUMBER] fails its check"),
        ("call +49 (30) 123-4567 or 555.123.4567", "call [NUMBER] or [NUMBER]"),
        ("account DE89 3704 0044 0532 0130 00", "account [NUMBER]"),
        ("SSN 078-05-1120", "SSN [NUMBER]"),
        ("on 2026-11-23 at 10:30, pi is 3.14159265", "on 2026-11-23 at 10:30, pi is 3.14159265"),
        ("from 10.200.30.40 in 1999-2004", "from 10.200.30.40 in 1999-2004"),
        ("lives at 12 Old Mill Road, Apt 4, Springfield, IL 62704.", "lives at [ADDRESS]."),
        ("Hauptstraße 5, 10115 Berlin", "[ADDRESS]"),
        ("au 12 rue de la Paix", "au [ADDRESS]"),
        ("P.O. Box 123", "[ADDRESS]"),
        ("Dr. Jane Doe met Herr von Braun.", "[NAME] met [NAME]."),
        ("Dear Alice Smith and Bob Jones", "Dear [NAME] and [NAME]"),
        ("Will you mark it in May?", "Will you mark it in May?"),
        ("Full name: Xan Qorvath", "Full name: [NAME]"),
    ],
)
def test_what_is_found(text: str, expected: str) -> None:
    assert redacted(text, ALL) == expected


def test_only_the_kinds_that_are_asked_for() -> None:
    text = f"Dr. Jane Doe, jane@example.com, {VISA}"
    assert made(text, kinds=["emails"]) == f"Dr. Jane Doe, [EMAIL], {VISA}"
    assert made(text, kinds=[]) == text


def test_csv_stays_csv() -> None:
    table = [
        ["Name", "note", "born"],
        ["Xan Qorvath", f'card "{VISA}", or\njane@example.com', "1980"],
        ["Ygg", "", "1990"],
    ]
    held = io.StringIO()
    csv.writer(held).writerows(table)
    found = list(csv.reader(io.StringIO(made(held.getvalue(), "people.CSV", fields=["NAME"]))))
    assert found == [
        ["Name", "note", "born"],
        ["[REDACTED]", 'card "[CARD]", or\n[EMAIL]', "1980"],
        ["[REDACTED]", "", "1990"],
    ]


def test_json_stays_json() -> None:
    document = {
        "jane@example.com": [int(VISA), 4.5, 12, None, True],
        "Address": {"street": "unknown to us"},
        "text": "Grüße an jane@example.com",
    }
    found = json.loads(
        made(json.dumps(document), content_type="application/json", fields=["address"])
    )
    assert found == {
        "[EMAIL]": ["[CARD]", 4.5, 12, None, True],
        "Address": "[REDACTED]",
        "text": "Grüße an [EMAIL]",
    }
    lines = made('{"a": "x@example.com"}\n\n[1]\n', "log.jsonl").splitlines()
    assert lines == ['{"a": "[EMAIL]"}', "", "[1]"]
    assert json.loads(made(r'"\ud800"', "odd.json")) == "\ud800"


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read_and_kept(charset: str) -> None:
    data = "Grüße, jane@example.com\r\n".encode(charset)
    assert whole(transform(source(data), {})).decode(charset) == "Grüße, [EMAIL]\r\n"


def test_other_bytes_stay_as_they_are() -> None:
    found = whole(transform(source(b"caf\xe9 jane@example.com"), {}))
    assert found == b"caf\xe9 [EMAIL]"


@pytest.mark.parametrize(
    ("data", "key", "code"),
    [
        ("plain".encode("utf-16-le"), "a.txt", "NotText"),
        (b"\x1f\x8b\x08\x00", "a.txt", "NotText"),
        (b"\xff\xfea", "a.txt", "NotText"),
        (b"{", "a.json", "InvalidJSON"),
        (b"[" * 100_000, "a.json", "InvalidJSON"),
        (b"x" * (5 << 20), "a.txt", "LineTooLong"),
        (b'"' + b"x" * (2 << 20), "a.csv", "InvalidCSV"),
        (b"[" + b"1," * 100 + b"1]", "small.json", "ObjectTooLarge"),
    ],
)
def test_what_is_refused(data: bytes, key: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        whole(transform(source(data, key), {"max_bytes": 100} if code == "ObjectTooLarge" else {}))
    assert refused.value.code == code


def test_options_that_cannot_be() -> None:
    for options, reason in (
        ({"kinds": ["people"]}, "must be one of names"),
        ({"kinds": "names"}, "list of words"),
        ({"delimiter": ",,"}, "one ASCII character"),
    ):
        with pytest.raises(Unsuitable, match=reason):
            transform(source(b""), options)


def a_card(data: Any) -> str:
    body = data.draw(st.text("0123456789", min_size=12, max_size=18))
    return next(body + check for check in "0123456789" if luhn(body + check))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_card_gets_through(data: Any) -> None:
    card = a_card(data)
    around = st.text("ab 7-.,;@(\n", max_size=12)
    before, after = data.draw(around), data.draw(around)
    cut = data.draw(st.integers(1, len(card) - 1))
    joint = data.draw(st.sampled_from(["", " ", "-", "."]))
    text = f"{before} {card[:cut]}{joint}{card[cut:]} {after}"
    assert card not in "".join(c for c in redacted(text, ["cards"]) if c.isdecimal()) or (
        # another card of digits before it may have been taken, and its rest checks no more
        "[CARD]" in redacted(text, ["cards"])
    )


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=200), st.from_regex(r"[a-z]{1,20}@[a-z]{1,20}\.[a-z]{2,10}", fullmatch=True)
)
def test_no_address_gets_through(text: str, email: str) -> None:
    for key in ("a.txt", "a.csv", "a.json"):
        data = json.dumps([text, email]) if key == "a.json" else f"{email}\n"
        assert email not in made(data, key)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_any_json_stays_json(document: Any) -> None:
    found = json.loads(made(json.dumps(document), "a.json", kinds=[]))
    assert found == document


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), min_size=2)))
def test_any_csv_stays_csv(table: list[list[str]]) -> None:
    held = io.StringIO()
    csv.writer(held).writerows(table)
    found = made(held.getvalue(), "a.csv", kinds=["cards"])
    assert [len(row) for row in csv.reader(io.StringIO(found))] == [len(row) for row in table]
