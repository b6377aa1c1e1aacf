"""Whether a database is at the newest revisions.

Told without Alembic: a server that has nothing to migrate starts sooner, and idles with less
memory, if it never imports it.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from inhouse.store.rooms import rooms

if TYPE_CHECKING:
    from pathlib import Path

_REVISION = re.compile(r'^(down_)?revision = "(\w+)"', re.MULTILINE)


def newest() -> set[str]:
    """The last revision of every room, as the files of their migrations say."""
    files = (file for room in rooms().values() for file in (room / "migrations").glob("*.py"))
    named = [found.groups() for file in files for found in _REVISION.finditer(file.read_text())]
    parents = {revision for is_parent, revision in named if is_parent}
    return {revision for _, revision in named} - parents


def reached(database: Path) -> set[str]:
    """The revisions that `database` is at: none where there is no database, or a broken one."""
    if not database.exists():
        return set()
    try:
        with closing(sqlite3.connect(database)) as connection:
            return {
                name for (name,) in connection.execute("SELECT version_num FROM alembic_version")
            }
    except sqlite3.DatabaseError:
        return set()
