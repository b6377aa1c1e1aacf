"""A view of the database through one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.store.sql import sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

KEPT = 256
"""Rows that a reader keeps at most. An object's row may hold 64 KiB."""


class SqliteTx:
    """Implements core's `Tx` on a held connection."""

    __slots__ = ("_after", "_connection")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._after: list[Callable[[], None]] = []

    def one(self, statement: Any, /, **params: Any) -> Any:
        return self._connection.execute(*sql(statement, params)).fetchone()

    def all(self, statement: Any, /, **params: Any) -> list[Any]:
        return self._connection.execute(*sql(statement, params)).fetchall()

    def scalar(self, statement: Any, /, **params: Any) -> Any:
        row = self._connection.execute(*sql(statement, params)).fetchone()
        return None if row is None else row[0]

    def run(self, statement: Any, /, **params: Any) -> int:
        return self._connection.execute(*sql(statement, params)).rowcount

    def after_commit(self, action: Callable[[], None]) -> None:
        self._after.append(action)

    def take_after_commit(self) -> list[Callable[[], None]]:
        """Hands over, and forgets, the actions that wait for the commit."""
        actions, self._after = self._after, []
        return actions


class Reader(SqliteTx):
    """A view of the last commit that answers repeated questions from memory.

    Rows found by `one` are kept until the next commit of anybody, which `generation` counts: a
    key, a policy or a bucket is looked up once, not once a request.
    """

    __slots__ = ("_generation", "_kept", "_of")

    def __init__(self, connection: sqlite3.Connection, generation: Callable[[], int]) -> None:
        super().__init__(connection)
        self._generation = generation
        self._kept: dict[Any, Any] = {}
        self._of = -1

    def one(self, statement: Any, /, **params: Any) -> Any:
        # Read before the question is asked: a commit in between makes the answer old, not wrong.
        generation = self._generation()
        if generation != self._of or len(self._kept) >= KEPT:
            self._kept.clear()
            self._of = generation
        key = (statement, *params.values())
        try:
            return self._kept[key]
        except KeyError:
            row = self._kept[key] = super().one(statement, **params)
            return row
        except TypeError:  # a list among the parameters
            return super().one(statement, **params)
