"""The embedded database: SQLite in WAL mode, one writer, a reader for each thread."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import threading
from typing import IO, TYPE_CHECKING, TypeVar

from inhouse.store.metadata import metadata
from inhouse.store.revisions import newest, reached
from inhouse.store.rooms import load_tables
from inhouse.store.tx import SqliteTx
from inhouse.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
RESERVE = 16 << 20
"""Bytes of the disk that are left to what has begun already."""


class StoreInUse(Exception):
    """Another server holds this data directory."""


class Store:
    """Opens (and migrates) the database in `data`, and holds the directory for one server.

    `durable=False` skips the fsync at commit: for ephemeral servers only.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _hold(data)
        self._path = data / "inhouse.db"
        self._durable = durable
        self._local = threading.local()
        if reached(self._path) != newest():
            from inhouse.store.migrate import upgrade  # and Alembic with it

            upgrade(self._path)
        self._path.chmod(0o600)
        self._writer = Writer(self._connect())

    def reader(self) -> SqliteTx:
        """This thread's view of the last commit; every statement sees the newest."""
        tx: SqliteTx | None = getattr(self._local, "reader", None)
        if tx is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            tx = self._local.reader = SqliteTx(connection, self._writer.changes)
        return tx

    async def write(self, function: Callable[[SqliteTx], T]) -> T:
        """Runs `function(tx)` on the writer and waits until it is durable."""
        return await self._writer.write(function)

    def write_now(self, function: Callable[[SqliteTx], T]) -> T:
        """The same where no event loop runs."""
        return self._writer.write_now(function)

    def empty(self, tx: SqliteTx) -> None:
        """Deletes every row of every table. For ephemeral servers."""
        load_tables()
        for table in metadata.sorted_tables:
            tx.run(table.delete())

    def has_room(self) -> bool:
        """Whether the disk has so much space left that work can be begun."""
        return shutil.disk_usage(self._path.parent).free >= RESERVE

    def close(self) -> None:
        self._writer.close()
        self._lock.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {'FULL' if self._durable else 'OFF'}",
            "busy_timeout = 5000",
            "temp_store = MEMORY",
            "cache_size = -16000",
            "wal_autocheckpoint = 4000",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def is_abandoned(data: Path) -> bool:
    """Whether a server once held this data directory and none does now."""
    try:
        with (data / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except OSError:
        return False


def _hold(data: Path) -> IO[str]:
    lock = (data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StoreInUse(
            f"{data} is in use by another inhouse server; stop it or choose another --data"
        ) from None
    return lock
