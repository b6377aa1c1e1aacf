"""Jobs: one table under all that is delivered or run later."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

jobs = Table(
    "work_jobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    # who must not be kept waiting by others of the kind, as a function; "" where nobody is told apart
    Column("lane", Text, nullable=False, server_default=""),
    Column("payload", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("state", Text, nullable=False),  # ready | dead
    Column("due", Float, nullable=False),  # of the steady clock, as is `lease`
    Column("lease", Float, nullable=False),  # until when a runner holds it; 0: nobody does
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("created", Float, nullable=False),
    Index("ix_work_jobs_ready", "state", "kind", "lane", "due"),
    sqlite_autoincrement=True,
)
