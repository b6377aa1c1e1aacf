"""Listing versions against a model that looks at every row."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import CompoundSelect, Select, insert

from inhouse.services import s3 as package
from inhouse.services.s3 import history, rows, scan, version_scan
from inhouse.services.s3.tables import objects
from inhouse.store import Store
from inhouse.store.sql import sql, tables
from tests.services.s3.test_scan import TEXT, clear

ADD = insert(objects)
MERGED = {
    "COMPOUND QUERY",
    "LEFT-MOST SUBQUERY",
    "UNION ALL",
    "MERGE (UNION ALL)",
    "LEFT",
    "RIGHT",
}
"""How SQLite tells that it reads from two searches in turn."""
UNVERSIONED = 0
"""The rank of what was there before versioning."""

# The ranks of a key's rows, and whether the lowest, which is the newest, is a delete marker.
KEYS = st.dictionaries(
    TEXT.filter(bool),
    st.tuples(st.sets(st.integers(-6, UNVERSIONED), min_size=1, max_size=5), st.booleans()),
    max_size=14,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("store"), durable=False)
    yield opened
    opened.close()


def version_id(rank: int) -> str:
    return history.NULL_ID if rank == UNVERSIONED else f"{-rank:013x}{'x' * 19}"


def fill(store: Store, bucket: str, keys: dict[str, tuple[set[int], bool]]) -> None:
    def write(tx: Any) -> None:
        for key, (ranks, deleted) in keys.items():
            for rank in ranks:
                newest = rank == min(ranks)
                tx.run(
                    ADD,
                    bucket=bucket,
                    key=key,
                    version=None if rank == UNVERSIONED else version_id(rank),
                    rank=rank,
                    current=int(newest and not deleted),
                    marker=int(newest and deleted),
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


Entry = tuple[str, int | None]
"""A key and a rank, or a common prefix and None."""


def model(
    keys: dict[str, tuple[set[int], bool]], prefix: str, delimiter: str, marker: str
) -> list[Entry]:
    found: set[Entry] = set()
    for key, (ranks, _) in keys.items():
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            entries = [(key, rank) for rank in ranks]
            found.update(entries if at < 0 else [(key[: at + len(delimiter)], None)])
    behind = (
        (name, rank)
        for name, rank in found
        if name > marker and not (rank is None and marker.startswith(name))
    )
    return sorted(behind, key=lambda entry: (entry[0].encode(), entry[1] or 0))


def entries(page: scan.Page) -> list[Entry]:
    found: list[Entry] = [(row["key"], row["rank"]) for row in page.objects]
    found += [(prefix, None) for prefix in page.prefixes]
    return sorted(found, key=lambda entry: (entry[0].encode(), entry[1] or 0))


def next_marker(page: scan.Page) -> tuple[str, str | None]:
    last = page.objects[-1] if page.objects else None
    if last is not None and last["key"] == page.last:
        return page.last, history.id_of(last)
    return page.last, None


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    keys=KEYS,
    prefix=TEXT,
    delimiter=st.sampled_from(["", "/", "a", "-/", "\U0010ffff"]),
    marker=TEXT,
    most=st.integers(1, 6),
)
def test_pages_are_what_the_model_says(
    store: Store,
    keys: dict[str, tuple[set[int], bool]],
    prefix: str,
    delimiter: str,
    marker: str,
    most: int,
) -> None:
    clear(store, "b")
    fill(store, "b", keys)
    expected = model(keys, prefix, delimiter, marker)
    got: list[Entry] = []
    behind: tuple[str, str | None] = (marker, None)
    while True:
        page = version_scan.page(
            store.reader(), "b", prefix=prefix, delimiter=delimiter, marker=behind, most=most
        )
        got += entries(page)
        assert len(entries(page)) <= most
        assert page.truncated == (len(got) < len(expected))
        if not page.truncated:
            break
        behind = next_marker(page)
    assert got == expected


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(keys=KEYS, most=st.integers(1, 4))
def test_a_bucket_is_emptied_page_by_page(
    store: Store, keys: dict[str, tuple[set[int], bool]], most: int
) -> None:
    """A listing goes on behind a version that has been deleted since."""
    clear(store, "b")
    fill(store, "b", keys)
    got: list[Entry] = []
    behind: tuple[str, str | None] = ("", None)
    truncated = True
    while truncated:
        page = version_scan.page(store.reader(), "b", marker=behind, most=most)
        got += entries(page)
        truncated, behind = page.truncated, next_marker(page)
        for row in page.objects:
            gone = (
                objects.delete()
                .where(objects.c.bucket == "b")
                .where(objects.c.key == row["key"], objects.c.rank == row["rank"])
            )
            store.write_now(lambda tx, gone=gone: tx.run(gone))
    assert got == model(keys, "", "", "")
    assert rows.is_empty(store.reader(), "b")


class Counting:
    """Counts the rows that are read."""

    def __init__(self, store: Store) -> None:
        self._reader = store.reader()
        self.rows = 0

    def all(self, statement: Any, /, **params: Any) -> list[Any]:
        found = self._reader.all(statement, **params)
        self.rows += len(found)
        return found


def test_the_work_grows_with_the_page_alone(store: Store) -> None:
    ranks = set(range(-300, 0))
    fill(store, "deep", {f"{folder}/{n}": (ranks, n == 1) for folder in "ab" for n in range(3)})
    tx: Any = Counting(store)
    page = version_scan.page(tx, "deep", delimiter="/", most=1000)
    assert page.prefixes == ["a/", "b/"]
    assert tx.rows < 300
    tx.rows = 0
    marker = ("a/2", version_id(-150))
    page = version_scan.page(tx, "deep", prefix="a/", marker=marker, most=100)
    assert [row["rank"] for row in page.objects] == list(range(-149, -49))
    assert tx.rows == 101
    tx.rows = 0
    page = scan.page(tx, "deep", most=1000)
    assert [row["key"] for row in page.objects] == ["a/0", "a/2", "b/0", "b/2"]
    assert tx.rows == 4


def questions() -> list[tuple[str, Any]]:
    """Every SELECT of objects that the service has, by its name."""
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
        if not found.ispkg
    ]
    return [
        (f"{module.__name__}.{name}", statement)
        for module in modules
        for name, statement in vars(module).items()
        if isinstance(statement, Select | CompoundSelect) and "s3_objects" in tables(statement)
    ]


@pytest.mark.parametrize(("name", "statement"), questions())
def test_every_question_is_answered_by_an_index(store: Store, name: str, statement: Any) -> None:
    """There may be millions of rows: none is looked at in vain, none is sorted."""
    text, values = sql(statement, statement.compile().params)
    database: Any = store.reader()
    plan = [row[3] for row in database._connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    searches = [step for step in plan if step.startswith("SEARCH s3_objects USING INDEX")]
    assert searches
    assert set(plan) - set(searches) <= MERGED
