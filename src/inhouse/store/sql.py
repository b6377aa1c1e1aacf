"""SQLAlchemy statements to SQL text, compiled once for each statement and set of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import visitors

if TYPE_CHECKING:
    from collections.abc import Mapping

_dialect = sqlite.dialect(paramstyle="named")
_compiled: WeakKeyDictionary[Any, dict[tuple[str, ...], tuple[str, dict[str, Any]]]] = (
    WeakKeyDictionary()
)
_tables: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()


def tables(statement: Any) -> tuple[str, ...]:
    """The names of all tables that `statement` reads or changes."""
    try:
        return _tables[statement]
    except KeyError:
        parts = visitors.iterate(statement)
        found = tuple({part.name for part in parts if isinstance(part, Table)})
        return _tables.setdefault(statement, found)


def sql(statement: Any, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The text of `statement` and all its parameters, literals included."""
    try:
        text, literals = _compiled[statement][tuple(params)]
    except KeyError:
        return _compile(statement, params)
    return (text, {**literals, **params}) if literals else (text, params)


def _compile(statement: Any, params: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    compiled = statement.compile(
        dialect=_dialect, column_keys=list(params) if statement.is_dml else None
    )
    if compiled.post_compile_params:  # `IN` with a list: the text depends on its length
        state = compiled.construct_expanded_state({**compiled.params, **params})
        return state.statement, state.parameters
    literals = {name: value for name, value in compiled.params.items() if name not in params}
    text = str(compiled)
    _compiled.setdefault(statement, {})[tuple(params)] = (text, literals)
    return text, {**literals, **params}
