"""Log groups, their streams and their events."""

from sqlalchemy import Column, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

groups = Table(
    "logs_groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created", Integer, nullable=False),  # milliseconds since the epoch, as all times here
    Column("size", Integer, nullable=False),  # bytes of the messages kept
    Index("ix_logs_groups_name", "account", "region", "name", unique=True),
)
streams = Table(
    "logs_streams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("created", Integer, nullable=False),
    Column("first", Integer),
    Column("last", Integer),
    Column("ingested", Integer),
    Index("ix_logs_streams_name", "group_id", "name", unique=True),
)
events = Table(
    "logs_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("group_id", Integer, nullable=False),
    Column("stream_id", Integer, nullable=False),
    Column("timestamp", Integer, nullable=False),
    Column("ingested", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Index("ix_logs_events_group", "group_id", "timestamp", "id"),
    Index("ix_logs_events_stream", "stream_id", "timestamp", "id"),
)
