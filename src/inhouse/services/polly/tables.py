"""Synthesis tasks, lexicons, and the marks of what was spoken lately."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, Text

from inhouse.store.metadata import metadata

tasks = Table(
    "polly_tasks",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("status", Text, nullable=False),  # scheduled | inProgress | completed | failed
    Column("reason", Text),
    Column("request", Text, nullable=False),  # JSON, as the client sent it
    Column("lexicons", Text, nullable=False),  # JSON list of PLS documents as they were then
    Column("output_bucket", Text, nullable=False),
    Column("output_key", Text, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Index("ix_polly_tasks_created", "account", "region", "created"),
    Index("ix_polly_tasks_age", "created"),
)
lexicons = Table(
    "polly_lexicons",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("alphabet", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("lexemes", Integer, nullable=False),
    Column("modified", Float, nullable=False),
)
marks = Table(
    "polly_marks",
    metadata,
    Column("digest", Text, primary_key=True),  # of all that the marks depend on
    Column("created", Float, nullable=False),
    Column("size", Integer, nullable=False),  # bytes that the row takes
    Column("marks", LargeBinary, nullable=False),  # zlib of JSON, see memory.py
    Index("ix_polly_marks_age", "created", "size"),
)
