"""Listing against a model that looks at every key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from inhouse.services.s3 import scan
from inhouse.services.s3.tables import objects
from inhouse.store import Store

ADD = insert(objects)
# Few characters, so that prefixes meet; some at the edges of UTF-8 and of surrogates.
ALPHABET = "ab/-\x00\x7f\x80ÿ\ud7ff\ue000\uffff\U00010000\U0010ffff"
TEXT = st.text(ALPHABET, max_size=6)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("store"), durable=False)
    yield opened
    opened.close()


def fill(store: Store, bucket: str, keys: list[str]) -> None:
    def write(tx: Any) -> None:
        for key in keys:
            tx.run(
                ADD,
                bucket=bucket,
                key=key,
                size=0,
                etag="",
                modified=0.0,
                headers="{}",
                storage_class="STANDARD",
                algorithm="CRC32",
                checksum="",
                checksum_type="",
            )

    store.write_now(write)


def clear(store: Store, bucket: str) -> None:
    statement = objects.delete().where(objects.c.bucket == bucket)
    store.write_now(lambda tx: tx.run(statement))


def model(keys: set[str], prefix: str, delimiter: str, marker: str) -> list[tuple[str, bool]]:
    """Every entry behind `marker` in byte order; True for common prefixes."""
    entries: set[tuple[str, bool]] = set()
    for key in keys:
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            entry = (key, False) if at < 0 else (key[: at + len(delimiter)], True)
            entries.add(entry)
    # A common prefix that the marker lies in was given, or jumped over, already.
    return sorted(
        (
            entry
            for entry in entries
            if entry[0] > marker and not (entry[1] and marker.startswith(entry[0]))
        ),
        key=lambda entry: entry[0].encode(),
    )


def entries(page: scan.Page) -> list[tuple[str, bool]]:
    found = [(row["key"], False) for row in page.objects] + [(one, True) for one in page.prefixes]
    return sorted(found, key=lambda entry: entry[0].encode())


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    keys=st.sets(TEXT.filter(bool), max_size=40),
    prefix=TEXT,
    delimiter=st.sampled_from(["", "/", "a", "-/", "\U0010ffff"]),
    marker=TEXT,
    most=st.integers(1, 12),
)
def test_pages_are_what_the_model_says(
    store: Store, keys: set[str], prefix: str, delimiter: str, marker: str, most: int
) -> None:
    clear(store, "b")
    fill(store, "b", sorted(keys))
    expected = model(keys, prefix, delimiter, marker)
    got, last = [], marker
    while True:
        page = scan.page(
            store.reader(), "b", prefix=prefix, delimiter=delimiter, marker=last, most=most
        )
        got += entries(page)
        assert page.count <= most
        assert page.truncated == (len(got) < len(expected))
        if not page.truncated:
            break
        assert page.last > last or not last
        last = page.last
    assert got == expected


@given(text=TEXT, tail=TEXT)
def test_after_prefix_is_behind_everything_with_it(text: str, tail: str) -> None:
    behind = scan.after_prefix(text)
    if behind is None:
        assert set(text) <= {"\U0010ffff"}
    else:
        assert (text + tail).encode() < behind.encode()
        assert not behind.startswith(text)


def test_what_a_delimiter_rolls_up_is_not_read(store: Store) -> None:
    """The work grows with the entries of a page, not with the keys they stand for."""
    fill(
        store,
        "wide",
        [f"{folder:02}/{number:04}" for folder in range(20) for number in range(2000)],
    )

    class Counting:
        rows = 0

        def all(self, statement: Any, /, **params: Any) -> list[Any]:
            found = store.reader().all(statement, **params)
            self.rows += len(found)
            return found

    tx: Any = Counting()
    page = scan.page(tx, "wide", delimiter="/", most=1000)
    assert page.prefixes == [f"{folder:02}/" for folder in range(20)]
    assert tx.rows < 300
    tx.rows = 0
    page = scan.page(tx, "wide", prefix="07/", most=100)
    assert page.count == 100
    assert tx.rows == 101
