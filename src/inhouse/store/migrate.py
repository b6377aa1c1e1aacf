"""Alembic migrations, run at a start that needs them.

Each room keeps its own in `migrations/` beside tables.py. A room's first revision has no parent
and carries the room's name as its branch label, so rooms come and go without a shared chain.
`python -m inhouse.store.migrate ROOM MESSAGE` writes the next revision of a room from the
difference between its tables.py and its migrations.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event

from inhouse.store.metadata import metadata
from inhouse.store.rooms import load_tables, rooms

if TYPE_CHECKING:
    from sqlalchemy import Engine


def config(database: Path) -> Config:
    settings = Config()
    locations = [str(folder / "migrations") for folder in rooms().values()]
    settings.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(locations))
    settings.attributes["database"] = database
    return settings


def upgrade(database: Path) -> None:
    """Brings `database` to the newest revision of every room; a no-op when it is there."""
    settings = config(database)
    script = ScriptDirectory.from_config(settings)
    engine = _engine(database)
    with engine.begin() as connection:
        heads = set(MigrationContext.configure(connection).get_current_heads())
        if heads == set(script.get_heads()):
            return
        run: Any = lambda revision, _: script._upgrade_revs("heads", revision)  # noqa: E731
        with EnvironmentContext(settings, script, fn=run) as environment:
            environment.configure(
                connection=connection, target_metadata=metadata, transactional_ddl=True
            )
            environment.run_migrations()
    engine.dispose()


def _engine(database: Path) -> Engine:
    """An engine whose transactions hold changes of tables too: all migrations happen, or none.

    Python's sqlite3 begins none for such statements, so it must leave that to us.
    """
    engine = create_engine(f"sqlite:///{database}")

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def new_revision(room: str, message: str) -> None:
    """Writes the revision that takes `room` from its migrations to its tables.py."""
    load_tables()
    folder = rooms()[room] / "migrations"
    first = not folder.exists()
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "now.db"
        upgrade(database)
        settings = config(database)
        settings.attributes["room"] = room
        command.revision(
            settings,
            message,
            autogenerate=True,
            head="base" if first else f"{room}@head",
            branch_label=room if first else None,
            version_path=str(folder),
            splice=first,
        )


def table_names(database: Path) -> list[str]:
    """The tables of a migrated database, Alembic's own left out."""
    with sqlite3.connect(database) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in names if not name.startswith(("alembic_", "sqlite_"))]


if __name__ == "__main__":
    new_revision(sys.argv[1], sys.argv[2])
