"""Queues and their messages.

Messages belong to a box, which belongs to a queue. Purging gives the queue a new box, and
deleting takes it away; what the old box holds is then out of reach and is erased bit by bit.
"""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

queues = Table(
    "sqs_queues",
    metadata,
    Column("arn", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("box", Text, nullable=False, unique=True),
    Column("attributes", Text, nullable=False),  # JSON: what the owner has set
    Column("tags", Text, nullable=False),  # JSON
    Column("dead_letter_queue", Text),  # ARN
    Column("created", Float, nullable=False),
    Column("modified", Float, nullable=False),
    Column("purged", Float, nullable=False),
    Index("ix_sqs_queues_owner", "account", "region", "name"),
    Index("ix_sqs_queues_dead_letter_queue", "dead_letter_queue"),
)

messages = Table(
    "sqs_messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("box", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("attributes", Text, nullable=False),  # JSON, binary values in base64
    Column("sender", Text, nullable=False),
    Column("trace", Text),  # the AWSTraceHeader that came with it
    Column("sent", Float, nullable=False),
    Column("visible", Float, nullable=False),  # from when it may be received
    Column("expires", Float, nullable=False),
    Column("received", Integer, nullable=False),
    Column("first_received", Float),
    Column("receipt", Text),  # of the latest receive; null: never received
    Column("group", Text),
    Column("deduplication", Text),
    Column("came_from", Text),  # ARN of the queue whose dead letter it is
    Index("ix_sqs_messages_visible", "box", "visible"),
    Index("ix_sqs_messages_expires", "box", "expires"),
    Index("ix_sqs_messages_group", "box", "group", "id"),
    sqlite_autoincrement=True,
)

sent = Table(
    "sqs_sent",
    metadata,
    Column("box", Text, primary_key=True),
    Column("deduplication", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("sequence", Text, nullable=False),
    Column("until", Float, nullable=False),
)
