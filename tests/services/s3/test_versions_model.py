"""Puts and deletes in any order, against a model that keeps plain lists."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inhouse.core.clock import SystemClock
from inhouse.core.ids import RandomIds
from inhouse.services.s3 import history, places, rows, version_scan
from inhouse.services.s3.tables import ENABLED, SUSPENDED
from inhouse.store import Store

KEY = "k"
_buckets = itertools.count()
OPERATIONS = st.lists(
    st.one_of(
        st.sampled_from([ENABLED, SUSPENDED, "put", "put", "delete"]),
        st.integers(0, 5),  # delete that version, counted from the newest
    ),
    max_size=14,
)


@dataclass
class Model:
    """Versions of one key, the newest first: id, body, or None for a delete marker."""

    status: str | None = None
    versions: list[tuple[str, bytes | None]] = field(default_factory=list)

    def add(self, version: str, body: bytes | None) -> None:
        if version == "null":
            self.versions = [one for one in self.versions if one[0] != "null"]
        self.versions.insert(0, (version, body))

    @property
    def current(self) -> bytes | None:
        return self.versions[0][1] if self.versions else None


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("store"), durable=False)
    yield opened
    opened.close()


class House:
    """What a write needs of a call, on one bucket."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.bucket = f"b{next(_buckets)}"
        row = {"name": self.bucket, "account": "1", "region": "r", "created": 0.0}
        store.write_now(lambda tx: rows.add_bucket(tx, **row))

    def write(self, function: Any, *args: Any) -> Any:
        clock = SystemClock()
        house = SimpleNamespace(clock=clock, ids=RandomIds())

        def run(tx: Any) -> Any:
            return function(SimpleNamespace(tx=tx, house=house, now=clock.now()), *args)

        return self.store.write_now(run)

    def switch(self, status: str) -> None:
        self.store.write_now(lambda tx: rows.change_bucket(tx, self.bucket, versioning=status))

    def put(self, body: bytes) -> str:
        values = {
            "size": len(body),
            "etag": "e",
            "storage_class": "STANDARD",
            "algorithm": "CRC32",
            "checksum": "c",
            "checksum_type": "FULL_OBJECT",
            "headers": "{}",
            "content": None,
            "data": body,
        }
        request = {"Bucket": self.bucket, "Key": KEY}
        kept = self.write(places.put, request, "ObjectCreated:Put", values)
        return kept.version or "null"

    def delete(self) -> places.Removed:
        row = rows.bucket(self.store.reader(), self.bucket)
        removed: places.Removed = self.write(places.delete, row, KEY)
        return removed

    def delete_version(self, version: str) -> None:
        row = rows.bucket(self.store.reader(), self.bucket)
        self.write(places.delete_version, row, KEY, version)

    @property
    def seen(self) -> Model:
        """What readers find, looked up one by one."""
        tx, found = self.store.reader(), Model()
        listed = version_scan.page(tx, self.bucket, most=1000).objects
        for row in listed:
            version = history.id_of(row)
            whole = history.find(tx, self.bucket, KEY, version, whole=True)
            assert whole is not None
            found.versions.append((version, None if whole["marker"] else whole["data"]))
        current = rows.whole(tx, self.bucket, KEY)
        assert (None if current is None else current["data"]) == found.current
        assert [row["current"] for row in listed[1:]] == [0] * len(listed[1:])
        assert rows.is_empty(tx, self.bucket) == (not listed)
        return found


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(operations=OPERATIONS)
def test_every_order_of_writes(store: Store, operations: list[str | int]) -> None:
    house, model = House(store), Model()
    for number, operation in enumerate(operations):
        if operation in (ENABLED, SUSPENDED):
            model.status = str(operation)
            house.switch(model.status)
        elif operation == "put":
            body = str(number).encode()
            model.add(house.put(body), body)
        elif operation == "delete" and model.status is None:
            assert house.delete() == places.Removed()
            model.versions = []
        elif operation == "delete":
            removed = house.delete()
            assert removed.marker
            model.add(str(removed.version), None)
        elif isinstance(operation, int) and operation < len(model.versions):
            house.delete_version(model.versions.pop(operation)[0])
        assert house.seen.versions == model.versions
        assert (model.status == ENABLED) or operation != "put" or model.versions[0][0] == "null"
