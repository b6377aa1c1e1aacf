"""Views of the database through one connection."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from inhouse.store.sql import sql, tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

KEPT = 256
"""Rows that a view keeps at most. An object's row may hold 64 KiB."""


class Changes:
    """How often each table has been changed."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, changed: Iterable[str]) -> None:
        self._counts.update(changed)

    def of(self, names: Iterable[str]) -> int:
        """A number that rises with each change of one of these tables."""
        return sum([self._counts[name] for name in names])


class _Kept(NamedTuple):
    row: Any
    tables: tuple[str, ...]
    stamp: int


class SqliteTx:
    """Implements core's `Tx` on a held connection, and answers repeated questions from memory.

    Rows found by `one` are kept until `changes` says that one of their tables has changed: a
    key, a policy or a bucket is looked up once, not once a request.
    """

    __slots__ = ("_after", "_changes", "_connection", "_kept")

    def __init__(self, connection: sqlite3.Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes
        self._kept: dict[Any, _Kept] = {}
        self._after: list[Callable[[], None]] = []

    def one(self, statement: Any, /, **params: Any) -> Any:
        if statement.is_dml:  # with RETURNING
            return self._execute(statement, params).fetchone()
        key = (statement, *params.values())
        try:
            kept = self._kept.get(key)
        except TypeError:  # a list among the parameters
            return self._execute(statement, params).fetchone()
        if kept is not None and kept.stamp == self._changes.of(kept.tables):
            return kept.row
        read = tables(statement)
        # Before the question is asked: a change in between makes the answer old, not wrong.
        stamp = self._changes.of(read)
        row = self._execute(statement, params).fetchone()
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(row, read, stamp)
        return row

    def all(self, statement: Any, /, **params: Any) -> list[Any]:
        return self._execute(statement, params).fetchall()

    def scalar(self, statement: Any, /, **params: Any) -> Any:
        row = self._execute(statement, params).fetchone()
        return None if row is None else row[0]

    def run(self, statement: Any, /, **params: Any) -> int:
        return self._execute(statement, params).rowcount

    def after_commit(self, action: Callable[[], None]) -> None:
        self._after.append(action)

    def _execute(self, statement: Any, params: dict[str, Any]) -> sqlite3.Cursor:
        return self._connection.execute(*sql(statement, params))


class WriterTx(SqliteTx):
    """The writer's own view, which sees its changes before they are committed."""

    __slots__ = ("_changed",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection, Changes())
        self._changed: set[str] = set()

    def _execute(self, statement: Any, params: dict[str, Any]) -> sqlite3.Cursor:
        if not statement.is_dml:
            return super()._execute(statement, params)
        changed = tables(statement)
        self._changed.update(changed)
        try:
            return super()._execute(statement, params)
        finally:
            self._changes.count(changed)

    def forget(self) -> None:
        """After a rollback: what was read of the tables changed since the last commit is void."""
        self._changes.count(self._changed)
        self._after = []

    def take_changed(self) -> set[str]:
        """Hands over, and forgets, the names of the tables changed since it was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def take_after_commit(self) -> list[Callable[[], None]]:
        """Hands over, and forgets, the actions that wait for the commit."""
        actions, self._after = self._after, []
        return actions
