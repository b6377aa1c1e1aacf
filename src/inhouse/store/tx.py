"""A view of the database through one connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.store.sql import sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable


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
