"""Versions outlive the server, and objects outlive the change of tables."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from botocore.exceptions import BotoCoreError, ClientError

from inhouse.services.s3 import history, rows
from inhouse.store import Store
from inhouse.store.migrate import config

BEFORE_VERSIONS = "54daa953869b"
SIZES = (10, 100_000)


def put_until_killed(s3: Any, writer: int, acknowledged: dict[str, bytes]) -> None:
    """Versions of a key that all writers share, with delete markers among them."""
    number = 0
    while True:
        body = os.urandom(SIZES[number % len(SIZES)])
        try:
            answer = s3.put_object(Bucket="kept", Key="k", Body=body)
            acknowledged[answer["VersionId"]] = sha256(body).digest()
            if number % 5 == writer:
                s3.delete_object(Bucket="kept", Key="k")
        except (BotoCoreError, ClientError):
            return
        number += 1


@pytest.mark.slow
def test_acknowledged_versions_survive(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    acknowledged: dict[str, bytes] = {}
    writers = [
        threading.Thread(target=put_until_killed, args=(server.client("s3"), n, acknowledged))
        for n in range(3)
    ]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 30 and all(writer.is_alive() for writer in writers):
        time.sleep(0.01)
    server.kill()
    for writer in writers:
        writer.join()
    assert len(acknowledged) >= 30
    s3 = durable_server().client("s3")
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket="kept"))
    listed = [one["VersionId"] for page in pages for one in page["Versions"]]
    assert set(acknowledged) <= set(listed)
    for version, digest in acknowledged.items():
        body = s3.get_object(Bucket="kept", Key="k", VersionId=version)["Body"].read()
        assert sha256(body).digest() == digest
    entries = [e for page in pages for m in ("Versions", "DeleteMarkers") for e in page.get(m, [])]
    assert sum(entry["IsLatest"] for entry in entries) == 1


def test_objects_from_before_versions_are_null_versions(tmp_path: Path) -> None:
    settings = config(tmp_path / "inhouse.db")
    command.upgrade(settings, BEFORE_VERSIONS)
    with sqlite3.connect(tmp_path / "inhouse.db") as old:
        old.execute(
            "INSERT INTO s3_buckets (name, account, region, created) VALUES ('b', '1', 'r', 0)"
        )
        old.execute(
            "INSERT INTO s3_objects (bucket, key, size, etag, modified, storage_class, algorithm, "
            "checksum, checksum_type, headers, data) "
            "VALUES ('b', 'k', 3, 'e', 5, 'STANDARD', 'CRC32', 'c', 'FULL_OBJECT', '{}', x'616263')"
        )
    old.close()
    store = Store(tmp_path, durable=False)
    tx = store.reader()
    row = rows.whole(tx, "b", "k")
    assert row is not None
    assert (row["data"], row["modified"], row["current"], row["marker"]) == (b"abc", 5, 1, 0)
    assert history.id_of(row) == "null"
    assert history.told(tx, row) is None
    assert not rows.is_empty(tx, "b")
    store.close()
