"""Rules of the house that a linter does not know."""

from __future__ import annotations

import ast
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from docs.generate import stale
from sqlalchemy import Float, Integer, LargeBinary, Text, create_engine

from inhouse.core.settings import Settings
from inhouse.store.metadata import metadata
from inhouse.store.migrate import config, table_names, upgrade
from inhouse.store.revisions import newest, reached
from inhouse.store.rooms import load_tables

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts)
FILE_LINES, FUNCTION_LINES = 400, 60


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_rooms_are_not_crowded(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "common", "misc"])
def test_names_say_something(word: str) -> None:
    assert not [path for path in SOURCES if word in path.stem]


def test_reference_is_what_the_code_says() -> None:
    assert stale() == []


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_migrations_make_the_tables_that_the_code_declares(tmp_path: Path) -> None:
    database = tmp_path / "inhouse.db"
    upgrade(database)
    load_tables()
    with create_engine(f"sqlite:///{database}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert sorted(table_names(database)) == sorted(metadata.tables)


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    database = tmp_path / "inhouse.db"
    upgrade(database)
    with sqlite3.connect(database) as connection:
        before = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    upgrade(database)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == before


def test_what_needs_a_migration_is_known_without_alembic(tmp_path: Path) -> None:
    database = tmp_path / "inhouse.db"
    assert newest() == set(ScriptDirectory.from_config(config(database)).get_heads())
    assert reached(database) == set()
    database.write_bytes(b"not a database, or one that is broken")
    assert reached(database) == set()
    database.unlink()
    upgrade(database)
    assert reached(database) == newest()


def test_columns_need_no_conversion() -> None:
    load_tables()
    plain = (Text, Integer, Float, LargeBinary)
    assert [
        column
        for table in metadata.tables.values()
        for column in table.columns
        if not isinstance(column.type, plain)
    ] == []
